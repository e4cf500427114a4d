"""The words in which donors, and owners, hear of a gift."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)

_QUIET = (IN_APP, EMAIL)


def _of_gift(
    key: str, variables: dict[str, str], texts: dict[str, Text], *, priority: Priority = Priority.MEDIUM
) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.DONATION,
        type=NotificationType.STATUS_UPDATE,
        priority=priority,
        channels=_QUIET,
        variables={"pot_title": "string", "amount": "money", **variables},
        texts=texts,
    )


GIFTS = [
    _of_gift(
        "donation_received",
        {"donor": "string"},
        {
            "fr": Text(
                subject="{donor} vous offre {amount}",
                body="{donor} a donné {amount} pour « {pot_title} ».",
                action="Voir ma cagnotte",
            ),
            "en": Text(
                subject="{donor} gives you {amount}",
                body="{donor} gave {amount} to “{pot_title}”.",
                action="See my pot",
            ),
            "wo": Text(
                subject="{donor} may na la {amount}",
                body="{donor} may na {amount} ngir « {pot_title} ».",
                action="Xool sama pot",
            ),
        },
    ),
    _of_gift(
        "donation_received_anonymous",
        {},
        {
            "fr": Text(
                subject="Un don de {amount} vient d'arriver",
                body="Une personne qui préfère rester discrète a donné {amount} pour « {pot_title} ».",
                action="Voir ma cagnotte",
            ),
            "en": Text(
                subject="A gift of {amount} has just arrived",
                body="Somebody who prefers not to be named gave {amount} to “{pot_title}”.",
                action="See my pot",
            ),
            "wo": Text(
                subject="May gu tollu ci {amount} agsi na",
                body="Nit ku bëggul ñu xam turam may na {amount} ngir « {pot_title} ».",
                action="Xool sama pot",
            ),
        },
    ),
    _of_gift(
        "donation_receipt",
        {"given_at": "datetime"},
        {
            "fr": Text(
                subject="Merci ! Votre reçu de {amount}",
                body="Votre don de {amount} pour « {pot_title} » est bien arrivé le {given_at}. Gardez ce lien : "
                "il ouvre votre reçu.",
                action="Ouvrir mon reçu",
            ),
            "en": Text(
                subject="Thank you! Your receipt for {amount}",
                body="Your gift of {amount} to “{pot_title}” arrived on {given_at}. Keep this link: it opens your "
                "receipt.",
                action="Open my receipt",
            ),
            "wo": Text(
                subject="Jërëjëf! Sa reçu {amount}",
                body="Sa may {amount} ngir « {pot_title} » agsi na, {given_at}. Dencal lien bi: mooy ubbi sa reçu.",
                action="Ubbi sama reçu",
            ),
        },
        priority=Priority.HIGH,
    ),
    _of_gift(
        "donation_held",
        {},
        {
            "fr": Text(
                subject="Votre don de {amount} est en cours de vérification",
                body="Nous avons bien reçu {amount} pour « {pot_title} ». Par sécurité, une personne de notre "
                "équipe vérifie ce paiement avant de l'ajouter à la cagnotte. S'il ne peut pas être ajouté, il "
                "vous sera rendu en entier.",
                action="Suivre mon don",
            ),
            "en": Text(
                subject="Your gift of {amount} is being checked",
                body="We have received {amount} for “{pot_title}”. For safety, somebody from our team checks this "
                "payment before it is added to the pot. If it cannot be added, you get all of it back.",
                action="Follow my gift",
            ),
            "wo": Text(
                subject="Ñu ngi saytu sa may {amount}",
                body="Jot nañu {amount} ngir « {pot_title} ». Ngir kaaraange, dañuy saytu fey bi balaa ñu koy "
                "yokk ci pot bi. Su mënul nekk, dinañu la delloo sa xaalis bépp.",
                action="Topp sama may",
            ),
        },
        priority=Priority.HIGH,
    ),
    _of_gift(
        "donation_too_late",
        {},
        {
            "fr": Text(
                subject="La cagnotte était déjà fermée : nous vous rendons {amount}",
                body="Votre paiement de {amount} pour « {pot_title} » est arrivé après la fermeture. Nous vous "
                "rendons tout, sans que vous ayez rien à faire.",
                action="Suivre le remboursement",
            ),
            "en": Text(
                subject="The pot had already closed: you get {amount} back",
                body="Your payment of {amount} for “{pot_title}” arrived after it had closed. We give all of it "
                "back, and there is nothing you need to do.",
                action="Follow the refund",
            ),
            "wo": Text(
                subject="Pot bi tëju woon na: dinañu la delloo {amount}",
                body="Sa fey {amount} ngir « {pot_title} » dafa ñëw gannaaw ba pot bi tëjoo. Dinañu la ko delloo "
                "yépp, te soxlawul nga def dara.",
                action="Topp delloo gi",
            ),
        },
        priority=Priority.HIGH,
    ),
    _of_gift(
        "donation_refunded",
        {},
        {
            "fr": Text(
                subject="{amount} vous ont été rendus",
                body="Votre don pour « {pot_title} » vous a été rendu : {amount} sont de retour sur votre compte "
                "Wave.",
                action="Voir le détail",
            ),
            "en": Text(
                subject="{amount} has been given back to you",
                body="Your gift to “{pot_title}” has been given back: {amount} is on your Wave account again.",
                action="See the details",
            ),
            "wo": Text(
                subject="Delloo nañu la {amount}",
                body="Delloo nañu la sa may ngir « {pot_title} »: {amount} dellu na ci sa kontu Wave.",
                action="Xool li ci nekk",
            ),
        },
        priority=Priority.HIGH,
    ),
    _of_gift(
        "donation_part_refunded",
        {},
        {
            "fr": Text(
                subject="{amount} de votre don vous ont été rendus",
                body="Une partie de votre don pour « {pot_title} » vous a été rendue : {amount} sont de retour sur "
                "votre compte Wave.",
                action="Voir le détail",
            ),
            "en": Text(
                subject="{amount} of your gift has been given back to you",
                body="A part of your gift to “{pot_title}” has been given back: {amount} is on your Wave account "
                "again.",
                action="See the details",
            ),
            "wo": Text(
                subject="Delloo nañu la {amount} ci sa may",
                body="Delloo nañu la benn wàll ci sa may ngir « {pot_title} »: {amount} dellu na ci sa kontu Wave.",
                action="Xool li ci nekk",
            ),
        },
        priority=Priority.HIGH,
    ),
]
