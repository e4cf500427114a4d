"""What people are told about their own data."""

from __future__ import annotations

from portal.notifications.catalog import EMAIL, IN_APP, SMS, Text
from portal.notifications.urgent import security_message

MESSAGES = [
    security_message(
        "leaving_asked",
        (EMAIL, SMS),
        {"days": "number"},
        {
            "fr": Text(
                subject="Votre compte est fermé",
                body="La suppression de votre compte Teranga a été demandée. Dans {days} jours, vos données "
                "personnelles seront effacées.\n\nVous avez changé d'avis, ou ce n'était pas vous ? "
                "Connectez-vous avant, et tout reste comme avant.",
                action="Garder mon compte",
                sms="Teranga : votre compte est fermé. Dans {days} jours, vos données seront effacées. Pour le "
                "garder, connectez-vous avant.",
            ),
            "en": Text(
                subject="Your account is closed",
                body="The deletion of your Teranga account was asked for. In {days} days your personal data "
                "will be erased.\n\nYou have changed your mind, or it was not you? Sign in before then, and "
                "everything stays as it was.",
                action="Keep my account",
                sms="Teranga: your account is closed. In {days} days your data will be erased. To keep it, sign in "
                "before then.",
            ),
            "wo": Text(
                subject="Sa kont tëju na",
                body="Ñaan nañu ñu far sa kont Teranga. Fileek {days} fan, dinañu far say leeral.\n\nSoppi nga "
                "sa xalaat, walla du yow? Duggal laata booba, lépp dina des ni mu nekkoon.",
                action="Denc sama kont",
                sms="Teranga: sa kont tëju na. Fileek {days} fan dinañu far say leeral. Ngir denc ko, duggal laata "
                "booba.",
            ),
        },
    ),
    security_message(
        "leaving_taken_back",
        (IN_APP, EMAIL, SMS),
        {},
        {
            "fr": Text(
                subject="Votre compte reste ouvert",
                body="Vous êtes revenu à temps : la suppression de votre compte est annulée.\n\nCe n'était pas "
                "vous ? Changez votre mot de passe et [[écrivez-nous]].",
                action="Mes données",
            ),
            "en": Text(
                subject="Your account stays open",
                body="You have come back in time: the deletion of your account is called off.\n\nIt was not you? Change "
                "your password and [[write to us]].",
                action="My data",
            ),
            "wo": Text(
                subject="Sa kont dina des",
                body="Dellusi nga laata muy jeex: bàyyi nañu far sa kont.\n\nSu dul woon yow, soppil sa mot de passe te [[bind nu]].",
                action="Samay leeral",
            ),
        },
    ),
    security_message(
        "export_ready",
        (IN_APP, EMAIL),
        {"days": "number"},
        {
            "fr": Text(
                subject="Vos données sont prêtes",
                body="La copie de toutes vos données est prête. Vous pouvez la télécharger pendant {days} jours ; "
                "ensuite nous l'effaçons.",
                action="Télécharger mes données",
            ),
            "en": Text(
                subject="Your data is ready",
                body="The copy of all your data is ready. You can fetch it for {days} days; then we remove it.",
                action="Fetch my data",
            ),
            "wo": Text(
                subject="Say leeral pare nañu",
                body="Kopi bu say leeral yépp pare na. Mën nga ko yebbi diirub {days} fan; gannaaw loolu dinañu ko "
                "far.",
                action="Yebbi samay leeral",
            ),
        },
    ),
    security_message(
        "forget_code",
        (EMAIL, SMS),
        {"code": "string", "minutes": "number"},
        {
            "fr": Text(
                subject="Votre code : {code}",
                body="Quelqu'un a demandé d'effacer qui a fait des dons avec cette adresse. Le code est {code} ; il "
                "est valable {minutes} minutes.\n\nCe n'était pas vous ? Ne faites rien : tout reste comme avant.",
                sms="Teranga : {code} est votre code pour faire oublier vos dons. Valable {minutes} minutes. Ne le "
                "donnez à personne.",
            ),
            "en": Text(
                subject="Your code: {code}",
                body="Somebody has asked to erase who gave with this address. The code is {code}; it works for "
                "{minutes} minutes.\n\nIt was not you? Do nothing: everything stays as it was.",
                sms="Teranga: {code} is your code to have your gifts forgotten. It works for {minutes} minutes. Give "
                "it to nobody.",
            ),
            "wo": Text(
                subject="Sa kod: {code}",
                body="Am na ku ñaan ñu far turu ki maye ak adres bii. Kod bi mooy {code}; dina dox {minutes} "
                "simili.\n\nDu yow? Bul def dara: lépp dina des ni mu nekkoon.",
                sms="Teranga: {code} mooy sa kod ngir fàtte say maye. Dina dox {minutes} simili. Bu ko jox kenn.",
            ),
        },
    ),
]
