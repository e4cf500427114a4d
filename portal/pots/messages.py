"""The words in which owners and donors hear of pots and gifts."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)
from portal.notifications.models import Channel

_QUIET = (IN_APP, EMAIL)
_LOUD = (IN_APP, EMAIL, SMS)


def _of_pot(
    key: str,
    variables: dict[str, str],
    texts: dict[str, Text],
    *,
    channels: tuple[Channel, ...] = _QUIET,
    priority: Priority = Priority.HIGH,
) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=priority,
        channels=channels,
        variables={"pot_title": "string", **variables},
        texts=texts,
    )


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


_POTS = [
    _of_pot(
        "pot_opened",
        {"birthday": "date"},
        {
            "fr": Text(
                subject="Votre cagnotte est ouverte",
                body="« {pot_title} » reçoit maintenant des dons, jusqu'au {birthday}. Partagez le lien avec "
                "vos proches : c'est le moment.",
                action="Partager ma cagnotte",
            ),
            "en": Text(
                subject="Your pot is open",
                body="“{pot_title}” now receives gifts, until {birthday}. Share the link with the people close "
                "to you: now is the time.",
                action="Share my pot",
            ),
            "wo": Text(
                subject="Sa pot ubbiku na",
                body="« {pot_title} » mën na jot ay may léegi, ba {birthday}. Yónneel say mbokk ak say xarit "
                "lien bi.",
                action="Séddoo sama pot",
            ),
        },
    ),
    _of_pot(
        "pot_funded",
        {"raised": "money", "birthday": "date"},
        {
            "fr": Text(
                subject="Objectif atteint : {raised} !",
                body="« {pot_title} » a atteint son objectif avec {raised}. Vos proches peuvent encore donner "
                "jusqu'au {birthday}. Vous pouvez déjà choisir votre formule.",
                sms="Teranga : « {pot_title} » a atteint son objectif avec {raised}. Choisissez votre formule.",
                action="Choisir ma formule",
            ),
            "en": Text(
                subject="Target reached: {raised}!",
                body="“{pot_title}” has reached its target with {raised}. People can still give until "
                "{birthday}. You can already choose your pack.",
                sms="Teranga: “{pot_title}” has reached its target with {raised}. Choose your pack.",
                action="Choose my pack",
            ),
            "wo": Text(
                subject="Mat na: {raised}!",
                body="« {pot_title} » mat na, {raised} moo ci dugg. Mën nañu may ba {birthday}. Mën nga tànn sa "
                "pack léegi.",
                sms="Teranga: « {pot_title} » mat na, {raised}. Tànnal sa pack.",
                action="Tànn sama pack",
            ),
        },
        channels=_LOUD,
    ),
    _of_pot(
        "pot_expired_choose",
        {"amount": "money", "until": "deadline"},
        {
            "fr": Text(
                subject="Choisissez votre formule jusqu'au {until}",
                body="Bon anniversaire ! « {pot_title} » est terminée avec {amount}. L'objectif n'est pas atteint, "
                "mais cet argent peut devenir une formule : choisissez-la jusqu'au {until}. Sinon, chaque don "
                "sera rendu à la personne qui l'a fait.",
                sms="Teranga : {amount} vous attendent. Choisissez une formule jusqu'au {until}, sinon les dons "
                "sont rendus.",
                action="Choisir ma formule",
            ),
            "en": Text(
                subject="Choose your pack by {until}",
                body="Happy birthday! “{pot_title}” has ended with {amount}. The target was not reached, but this "
                "money can become a pack: choose one by {until}. Otherwise every gift goes back to the "
                "person who gave it.",
                sms="Teranga: {amount} is waiting for you. Choose a pack by {until}, or the gifts go back.",
                action="Choose my pack",
            ),
            "wo": Text(
                subject="Tànnal sa pack ba {until}",
                body="Ndokk ci sa bésu juddu! « {pot_title} » jeex na ak {amount}. Matul, waaye mën nga ci tànn "
                "ab pack ba {until}. Lu ko moy, may gu nekk dina dellu ci boroom.",
                sms="Teranga: {amount} mu ngi lay xaar. Tànnal pack ba {until}, lu ko moy may yi dellu.",
                action="Tànn sama pack",
            ),
        },
        channels=_LOUD,
    ),
    _of_pot(
        "pot_closed_choose",
        {"amount": "money", "until": "deadline"},
        {
            "fr": Text(
                subject="{amount} pour vous : choisissez votre formule",
                body="« {pot_title} » est terminée avec {amount}. Choisissez votre formule jusqu'au {until}. Après "
                "cette date, l'argent vous attend dans votre portefeuille Teranga.",
                sms="Teranga : {amount} pour vous. Choisissez votre formule jusqu'au {until}.",
                action="Choisir ma formule",
            ),
            "en": Text(
                subject="{amount} for you: choose your pack",
                body="“{pot_title}” has ended with {amount}. Choose your pack by {until}. After that the "
                "money waits in your Teranga wallet.",
                sms="Teranga: {amount} for you. Choose your pack by {until}.",
                action="Choose my pack",
            ),
            "wo": Text(
                subject="{amount} yaa ko moom: tànnal sa pack",
                body="« {pot_title} » jeex na ak {amount}. Tànnal sa pack ba {until}. Su ko weesoo, xaalis bi "
                "dina la xaar ci sa kalpe Teranga.",
                sms="Teranga: {amount} yaa ko moom. Tànnal sa pack ba {until}.",
                action="Tànn sama pack",
            ),
        },
        channels=_LOUD,
    ),
    _of_pot(
        "pot_closed_wallet",
        {"amount": "money"},
        {
            "fr": Text(
                subject="{amount} dans votre portefeuille",
                body="« {pot_title} » est terminée et {amount} sont maintenant dans votre portefeuille Teranga. "
                "Vous pouvez les utiliser sur le portail.",
                action="Voir ma cagnotte",
            ),
            "en": Text(
                subject="{amount} in your wallet",
                body="“{pot_title}” has ended and {amount} is now in your Teranga wallet. You can use it in the "
                "portal.",
                action="See my pot",
            ),
            "wo": Text(
                subject="{amount} ci sa kalpe",
                body="« {pot_title} » jeex na, {amount} dugg na ci sa kalpe Teranga. Mën nga ko jëfandikoo ci "
                "portail bi.",
                action="Xool sama pot",
            ),
        },
    ),
]

_GIFTS = [
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

_STAFF = [
    MessageTemplate(
        key="donation_kept",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.HIGH,
        channels=_QUIET,
        variables={"amount": "money", "why": "string"},
        texts={
            "fr": Text(
                subject="Un don de {amount} n'a pas pu être rendu",
                body="La cagnotte est close et les autres dons sont rendus. Ces {amount} sont gardés pour la "
                "personne qui les a donnés. Motif : {why} Réglez la cause, puis remboursez depuis le paiement.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="A gift of {amount} could not be given back",
                body="The pot has ended and the other gifts go back. These {amount} are kept for the person who "
                "gave them. Why: {why} Mend the cause, then refund from the payment's page.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Mënuñu delloo may gu tollu ci {amount}",
                body="Natt bi tëj na, yeneen may yi dellu nañu. {amount} yii dees na ko dencal ki ko joxe woon. "
                "Li ko waral: {why} Defaral li ko waral, te nga delloo ko ci xëtu fey bi.",
                action="Ubbi fey bi",
            ),
        },
    ),
    MessageTemplate(
        key="donation_to_check",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.HIGH,
        channels=_QUIET,
        variables={"pot_title": "string", "amount": "money", "score": "number"},
        texts={
            "fr": Text(
                subject="Don à vérifier : {amount}",
                body="Un don de {amount} pour « {pot_title} » attend votre décision (risque {score} sur 100).",
                action="Vérifier le don",
            ),
            "en": Text(
                subject="Gift to check: {amount}",
                body="A gift of {amount} to “{pot_title}” waits for your decision (risque {score} of 100).",
                action="Check the gift",
            ),
            "wo": Text(
                subject="May gu ñu wara saytu: {amount}",
                body="May gu tollu ci {amount} ngir « {pot_title} » mu ngi xaar sa ndogal (risque {score} ci 100).",
                action="Saytu may gi",
            ),
        },
    ),
]

MESSAGES = [*_POTS, *_GIFTS, *_STAFF]
