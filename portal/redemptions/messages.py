"""What the owner of a code is told."""

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

_CODE = {
    "pack": "string",
    "partner": "string",
    "valid_from": "date",
    "valid_until": "date",
    "code": "string",
}

_CANCELED = {"pack": "string", "amount": "money", "reason": "string"}

MESSAGES = [
    MessageTemplate(
        key="code_issued",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL, SMS),
        variables=_CODE,
        texts={
            "fr": Text(
                subject="Votre cadeau : {pack}",
                body="Votre code est prêt : {code}.\n\nPrésentez-le chez {partner}, à partir du {valid_from} et "
                "jusqu'au {valid_until}. Le code QR à montrer est sur la page du cadeau ; vous pouvez "
                "aussi l'imprimer.",
                sms="Votre cadeau {pack} chez {partner} : code {code}, du {valid_from} au {valid_until}.",
                action="Voir mon code",
            ),
            "en": Text(
                subject="Your gift: {pack}",
                body="Your code is ready: {code}.\n\nShow it at {partner}, from {valid_from} until "
                "{valid_until}. The QR code to show is on the gift's page; you can print it too.",
                sms="Your gift {pack} at {partner}: code {code}, from {valid_from} to {valid_until}.",
                action="See my code",
            ),
            "wo": Text(
                subject="Sa neexal: {pack}",
                body="Sa kod noppi na: {code}.\n\nWonal ko ca {partner}, dale ko {valid_from} ba {valid_until}. "
                "Kod QR bi mu ngi ci xëtu neexal bi; mën nga ko móol itam.",
                sms="Sa neexal {pack} ca {partner}: kod {code}, {valid_from} ba {valid_until}.",
                action="Gis sama kod",
            ),
        },
    ),
    MessageTemplate(
        key="code_redeemed",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"pack": "string", "venue": "string", "moment": "datetime"},
        texts={
            "fr": Text(
                subject="Votre cadeau a été utilisé",
                body="{pack} a été utilisé le {moment} ({venue}). Si ce n'était pas vous, [[écrivez-nous]] tout de suite.",
                action="Voir",
            ),
            "en": Text(
                subject="Your gift was used",
                body="{pack} was used on {moment} ({venue}). If that was not you, [[write to us]] at once.",
                action="See",
            ),
            "wo": Text(
                subject="Jëfandikoo nañu sa neexal",
                body="{pack} jëfandikoo nañu ko {moment} ({venue}). Su dul yow, [[bindal nu]] léegi.",
                action="Gis",
            ),
        },
    ),
    MessageTemplate(
        key="code_expiring",
        category=Category.POT,
        type=NotificationType.REMINDER,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL, SMS),
        variables=_CODE,
        texts={
            "fr": Text(
                subject="Plus que quelques jours pour {pack}",
                body="Votre code {code} chez {partner} est valable jusqu'au {valid_until}. Après, le montant "
                "revient dans votre portefeuille.",
                sms="Votre cadeau {pack} chez {partner} est valable jusqu'au {valid_until}. Code {code}.",
                action="Voir mon code",
            ),
            "en": Text(
                subject="A few days left for {pack}",
                body="Your code {code} at {partner} is valid until {valid_until}. After that the amount goes "
                "to your wallet.",
                sms="Your gift {pack} at {partner} is valid until {valid_until}. Code {code}.",
                action="See my code",
            ),
            "wo": Text(
                subject="Fan yu néew a des ngir {pack}",
                body="Sa kod {code} ca {partner} mën na ba {valid_until}. Su weesoo, xaalis bi dellu ci sa kalpe.",
                sms="Sa neexal {pack} ca {partner} mën na ba {valid_until}. Kod {code}.",
                action="Gis sama kod",
            ),
        },
    ),
    MessageTemplate(
        key="code_expired",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables={"pack": "string", "amount": "money"},
        texts={
            "fr": Text(
                subject="Le temps de {pack} est passé",
                body="Votre code n'a pas été utilisé à temps. {amount} sont dans votre portefeuille et "
                "restent à vous.",
                action="Voir le détail",
            ),
            "en": Text(
                subject="The time of {pack} is over",
                body="Your code was not used in time. {amount} are in your wallet and remain yours.",
                action="See the details",
            ),
            "wo": Text(
                subject="Waxtu {pack} weesu na",
                body="Jëfandikoowul sa kod ci waxtu wi. {amount} mu ngi ci sa kalpe, yaa ko moom.",
                action="Gis li ci des",
            ),
        },
    ),
    MessageTemplate(
        key="code_canceled",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_CANCELED,
        texts={
            "fr": Text(
                subject="Votre cadeau {pack} a été annulé",
                body="Nous avons annulé votre code. Motif : {reason}.\n\n{amount} sont dans votre portefeuille.",
                action="Voir le détail",
            ),
            "en": Text(
                subject="Your gift {pack} was canceled",
                body="We have canceled your code. Reason: {reason}.\n\n{amount} are in your wallet.",
                action="See the details",
            ),
            "wo": Text(
                subject="Far nañu sa neexal {pack}",
                body="Far nañu sa kod. Li ko waral: {reason}.\n\n{amount} mu ngi ci sa kalpe.",
                action="Gis li ci des",
            ),
        },
    ),
    MessageTemplate(
        key="code_canceled_to_pot",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_CANCELED,
        texts={
            "fr": Text(
                subject="Votre cadeau {pack} a été annulé",
                body="Nous avons annulé votre code. Motif : {reason}.\n\n{amount} sont de retour dans votre "
                "cagnotte : vous pouvez choisir un autre cadeau.",
                action="Choisir un cadeau",
            ),
            "en": Text(
                subject="Your gift {pack} was canceled",
                body="We have canceled your code. Reason: {reason}.\n\n{amount} are back in your pot: you can "
                "choose another gift.",
                action="Choose a gift",
            ),
            "wo": Text(
                subject="Far nañu sa neexal {pack}",
                body="Far nañu sa kod. Li ko waral: {reason}.\n\n{amount} dellu na ci sa pot: mën nga "
                "tànn beneen neexal.",
                action="Tànn neexal",
            ),
        },
    ),
]
