"""The words in which owners hear of their pots, and staff of gifts that need a look; of gifts: `gift_messages.py`."""

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
from portal.pots.gift_messages import GIFTS

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


MESSAGES = [*_POTS, *GIFTS, *_STAFF]
