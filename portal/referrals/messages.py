"""The words in which people are invited, and in which sponsors hear the good news.

Text messages are paid by the part: they carry the name, one reason and the whole link, in signs that one part
has room for.
"""

from __future__ import annotations

from portal.consent.models import Asked
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

# How an invitation greets somebody whose name the sponsor has not written down.
NAMELESS = {"fr": "à vous", "en": "there", "wo": "yow"}

MESSAGES = [
    MessageTemplate(
        key="invitation",
        category=Category.REFERRAL,
        type=NotificationType.REFERRAL,
        priority=Priority.HIGH,
        channels=(EMAIL, SMS),
        variables={
            "sponsor": "person",
            "name": "string",
            "message": "string",
            "expires": "datetime",
            "link": "string",
        },
        texts={
            "fr": Text(
                subject="{sponsor} vous invite sur Teranga",
                body="Bonjour {name},\n\n{sponsor} vous invite sur Teranga : pour votre "
                "anniversaire, vos proches se cotisent dans une cagnotte, et vous choisissez votre "
                "cadeau.\n\n{message}\n\nL'inscription est gratuite. Cette invitation est personnelle et "
                "valable jusqu'au {expires}. Si elle ne vous dit rien, vous pouvez la refuser sur la même "
                "page, et demander que nous ne vous écrivions plus : {link}",
                sms="{sponsor} vous invite sur Teranga, les cagnottes pour votre anniversaire : {link}",
                action="Voir mon invitation",
            ),
            "en": Text(
                subject="{sponsor} invites you to Teranga",
                body="Hello {name},\n\n{sponsor} invites you to Teranga: for your birthday, the people close "
                "to you put money together in a pot, and you choose your gift.\n\n{message}\n\nSigning up "
                "is free. This invitation is yours alone and open until {expires}. If it is not for you, "
                "you can decline it on the same page, and ask us to write no more: {link}",
                sms="{sponsor} invites you to Teranga, pots for your birthday: {link}",
                action="See my invitation",
            ),
            "wo": Text(
                subject="{sponsor} woo na la ci Teranga",
                body="Salaam aleekum {name},\n\n{sponsor} woo na la ci Teranga: su sa bésu juddu ñëwee, say "
                "mbokk ak say xarit dañuy dajale xaalis, nga tànn sa neexal.\n\n{message}\n\nBindu amul "
                "njëg. Wooteef bi yaa ko moom, te dafay jeex {expires}. Su la neexul, mën nga ko bañ ci "
                "xët wi, te ñaan ñu bañ laa bindati: {link}",
                sms="{sponsor} woo na la ci Teranga, ngir sa bésu juddu: {link}",
                action="Gis wooteef bi",
            ),
        },
        asks=Asked.FRIEND,
    ),
    MessageTemplate(
        key="referral_accepted",
        category=Category.REFERRAL,
        type=NotificationType.REFERRAL,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables={"name": "string"},
        texts={
            "fr": Text(
                subject="{name} a accepté votre invitation",
                body="Bonne nouvelle : {name} vous a rejoint sur Teranga. Vos points sont en route ; vous les "
                "voyez dès maintenant sur votre page de parrainage.",
                action="Voir mon score",
            ),
            "en": Text(
                subject="{name} has accepted your invitation",
                body="Good news: {name} has joined you on Teranga. Your points are on their way; you can see "
                "them on your sponsor page already.",
                action="See my score",
            ),
            "wo": Text(
                subject="{name} nangu na sa wooteef",
                body="Xibaar bu neex: {name} dugg na ci Teranga. Say poñ ñu ngi ñëw; mën nga leen gis léegi "
                "ci sa xëtu parrain.",
                action="Gis samay poñ",
            ),
        },
    ),
    MessageTemplate(
        key="welcome_points",
        category=Category.REFERRAL,
        type=NotificationType.REFERRAL,
        priority=Priority.MEDIUM,
        channels=(IN_APP,),
        variables={"points": "number", "on": "date"},
        texts={
            "fr": Text(
                subject="{points} points pour vous souhaiter la bienvenue",
                body="Vous êtes venu par une invitation : {points} points sont pour vous, utilisables à partir du "
                "{on}. Vous pourrez les mettre dans votre cagnotte, ou dans celle d'un ami.",
                action="Voir mes points",
            ),
            "en": Text(
                subject="{points} points to welcome you",
                body="You came by an invitation: {points} points are for you, to be used from {on}. You can then "
                "put them into your pot, or into a friend's.",
                action="See my points",
            ),
            "wo": Text(
                subject="{points} poñ ngir dalal la",
                body="Ci wooteef nga jaar ñëw: {points} poñ yow la ñu jagleel, mën nga leen jëfandikoo ci {on}. Su "
                "yeggee, def leen ci sa pot, walla ci bu sa xarit.",
                action="Gis samay poñ",
            ),
        },
    ),
]
