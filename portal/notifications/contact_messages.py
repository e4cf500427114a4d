"""Codes and links by which people prove an address or a number, and what they hear when one changes."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Text,
)
from portal.notifications.urgent import security_message

CONTACTS = [
    security_message(
        "sign_in_code",
        (SMS,),
        {"code": "string", "minutes": "number"},
        {
            "fr": Text(
                subject="Votre code Teranga",
                body="{code} est votre code Teranga, valable {minutes} minutes. Ne le donnez à personne.",
            ),
            "en": Text(
                subject="Your Teranga code",
                body="{code} is your Teranga code, valid for {minutes} minutes. Give it to nobody.",
            ),
            "wo": Text(
                subject="Sa kodu Teranga",
                body="{code} mooy sa kodu Teranga, dina dox {minutes} minit. Bul ko jox kenn.",
            ),
        },
        confidential=True,
        counts_when_asked=True,
    ),
    security_message(
        "confirm_email",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Confirmez votre adresse e-mail",
                body="Bonjour,\n\nUn clic suffit pour confirmer que cette adresse est la vôtre. Le lien est "
                "valable {hours} heures et ne sert qu'une fois.\n\nVous n'avez rien demandé ? Ignorez ce "
                "message.",
                action="Confirmer mon adresse",
            ),
            "en": Text(
                subject="Confirm your e-mail address",
                body="Hello,\n\nOne click confirms that this address is yours. The link is valid for {hours} "
                "hours and works once.\n\nYou did not ask for this? Then ignore this message.",
                action="Confirm my address",
            ),
            "wo": Text(
                subject="Dëggalal sa adreesu e-mail",
                body="Salaam aleekum,\n\nBenn klik doy na ngir dëggal ne adrees bii sa bos la. Lien bi "
                "dina dox {hours} waxtu te benn yoon la jariñ.\n\nSu fekkee ñaanuloo ko, bàyyil bataaxal bii.",
                action="Dëggal sama adrees",
            ),
        },
        confidential=True,
    ),
    security_message(
        "sign_up_link",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Ouvrez votre compte Teranga",
                body="Bonjour,\n\nVous voulez ouvrir un compte Teranga avec cette adresse. Ce lien marche une fois, pendant {hours} heures.\n\nCe n'était pas vous ? Ne faites rien : aucun compte n'est ouvert.",
                action="Ouvrir mon compte",
            ),
            "en": Text(
                subject="Open your Teranga account",
                body="Hello,\n\nYou want to open a Teranga account with this address. This link works once, for {hours} hours.\n\nIt was not you? Do nothing: no account is opened.",
                action="Open my account",
            ),
            "wo": Text(
                subject="Ubbil sa kontu Teranga",
                body="Salaam aleekum,\n\nBëgg nga ubbi kontu Teranga ak adrees bii. Benn yoon la lien bii jariñ, te dina dox {hours} waxtu.\n\nDu yow woon? Bul def dara: benn kont ubbiwul.",
                action="Ubbi sama kont",
            ),
        },
        confidential=True,
    ),
    security_message(
        "address_tried",
        (EMAIL,),
        {},
        {
            "fr": Text(
                subject="Vous avez déjà un compte Teranga",
                body="Bonjour,\n\nQuelqu'un — peut-être vous — a voulu utiliser votre adresse pour un compte Teranga. Vous en avez déjà un : connectez-vous, ou choisissez un nouveau mot de passe.\n\nCe n'était pas vous ? Ne faites rien : rien n'a changé.",
                action="Se connecter",
            ),
            "en": Text(
                subject="You have a Teranga account already",
                body="Hello,\n\nSomebody — perhaps you — wanted to use your address for a Teranga account. You have one already: sign in, or choose a new password.\n\nIt was not you? Do nothing: nothing has changed.",
                action="Sign in",
            ),
            "wo": Text(
                subject="Am nga kontu Teranga ba noppi",
                body="Salaam aleekum,\n\nAm na ku bëggoon — xéy-na yow la — jëfandikoo sa adrees ngir kontu Teranga. Am nga benn ba noppi: duggal, walla nga tànn mot de passe bu bees.\n\nDu yow woon? Bul def dara: dara soppeekuwul.",
                action="Dugg",
            ),
        },
    ),
    security_message(
        "new_address_link",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Confirmez votre nouvelle adresse",
                body="Bonjour,\n\nVous voulez utiliser cette adresse pour votre compte Teranga. Ce lien marche une fois, pendant {hours} heures.\n\nCe n'était pas vous ? Ne faites rien.",
                action="Confirmer l'adresse",
            ),
            "en": Text(
                subject="Confirm your new address",
                body="Hello,\n\nYou want to use this address for your Teranga account. This link works once, for {hours} hours.\n\nIt was not you? Do nothing.",
                action="Confirm the address",
            ),
            "wo": Text(
                subject="Dëggalal sa adrees bu bees",
                body="Salaam aleekum,\n\nBëgg nga jëfandikoo adrees bii ngir sa kontu Teranga. Benn yoon la lien bii jariñ, te dina dox {hours} waxtu.\n\nDu yow woon? Bul def dara.",
                action="Dëggal adrees bi",
            ),
        },
        confidential=True,
    ),
    security_message(
        "email_changed",
        (EMAIL,),
        {"at": "datetime", "days": "number", "link": "string"},
        {
            "fr": Text(
                subject="Votre adresse e-mail a changé",
                body="Votre compte Teranga a une autre adresse e-mail depuis le {at}. Cette adresse n'ouvre plus votre compte.\n\nCe n'était pas vous ? Vous avez {days} jours pour reprendre votre adresse.",
                action="Reprendre mon adresse",
            ),
            "en": Text(
                subject="Your e-mail address was changed",
                body="Your Teranga account has another e-mail address since {at}. This address no longer opens your account.\n\nIt was not you? Take your address back within {days} days.",
                action="Take my address back",
            ),
            "wo": Text(
                subject="Sa adrees e-mail soppeeku na",
                body="Sa kontu Teranga am na beneen adrees e-mail dale ko {at}. Adrees bii mënatul ubbi sa kont.\n\nDu yow woon? Jëlaatal sa adrees ci {days} fan.",
                action="Jëlaat sama adrees",
            ),
        },
        confidential=True,
    ),
    security_message(
        "phone_changed",
        (EMAIL, SMS),
        {"at": "datetime", "days": "number", "link": "string"},
        {
            "fr": Text(
                subject="Votre numéro a changé",
                body="Votre compte Teranga a un autre numéro depuis le {at}. Ce n'était pas vous ? Vous avez {days} jours pour reprendre votre numéro.",
                action="Reprendre mon numéro",
                sms="Teranga : votre compte a un autre numéro. Ce n'était pas vous ? Reprenez-le en {days} jours : {link}",
            ),
            "en": Text(
                subject="Your number was changed",
                body="Your Teranga account has another number since {at}. It was not you? Take your number back within {days} days.",
                action="Take my number back",
                sms="Teranga: your account has another number. It was not you? Take it back within {days} days: {link}",
            ),
            "wo": Text(
                subject="Sa nimero soppeeku na",
                body="Sa kontu Teranga am na beneen nimero dale ko {at}. Du yow woon? Jëlaatal sa nimero ci {days} fan.",
                action="Jëlaat sama nimero",
                sms="Teranga: sa kont am na beneen nimero. Du yow woon? Jëlaat ko ci {days} fan: {link}",
            ),
        },
        confidential=True,
    ),
    security_message(
        "contact_taken_back",
        (IN_APP, EMAIL, SMS),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="Votre compte vous est rendu",
                body="Un changement d'adresse ou de numéro a été annulé le {at}. Tout le monde est déconnecté. Ce qui a été ajouté récemment au compte est retiré : autre adresse ou numéro, clés d'accès, comptes Google, Apple ou Facebook, application et codes de secours, lien de l'agenda. Le mot de passe ne sert plus.\n\nChoisissez un nouveau mot de passe, puis regardez ce qui s'est passé sur la page Sécurité.",
                action="Reprendre mon compte",
                sms="Teranga : votre compte vous est rendu, tout le monde est déconnecté. Choisissez un nouveau mot de passe.",
            ),
            "en": Text(
                subject="Your account is yours again",
                body="A change of the address or number was taken back on {at}. Everybody is signed out. What was added to the account lately is gone: another address or number, passkeys, Google, Apple or Facebook accounts, an app and recovery codes, the link of the calendar. The password works no more.\n\nChoose a new password, then look at what happened on the page Security.",
                action="Take up my account",
                sms="Teranga: your account is yours again, everybody is signed out. Please choose a new password.",
            ),
            "wo": Text(
                subject="Sa kont delloo nañu la ko",
                body="Far nañu benn coppite ci adrees walla nimero ci {at}. Ñépp génn nañu. Li ñu yokkoon ci kont bi bu yàggul dindi nañu ko: beneen adrees walla nimero, caabi dugg, kont Google, Apple walla Facebook, aplikaasioŋ bi ak kodu wall yi, lien arminaat bi. Mot de passe bi doxatul.\n\nTànnal mot de passe bu bees, ba noppi xool li xew ci xët Kaaraange.",
                action="Jëlaat sama kont",
                sms="Teranga: sa kont delloo nañu la ko, ñépp génn nañu. Tànnal mot de passe bu bees.",
            ),
        },
    ),
    security_message(
        "contact_lost",
        (EMAIL, SMS),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="Cette adresse n'ouvre plus le compte",
                body="La personne qui utilise l'adresse ou le numéro d'avant a repris le compte Teranga le {at}. Cette adresse ou ce numéro ne l'ouvre plus.\n\nLe compte est à vous et ce n'était pas vous ? [[Écrivez-nous]] tout de suite.",
                sms="Teranga : ce numéro n'ouvre plus le compte, l'adresse d'avant l'a repris. Ce n'était pas vous ? [[Écrivez-nous]].",
            ),
            "en": Text(
                subject="This address opens the account no more",
                body="Whoever uses the earlier address or number has taken the Teranga account back on {at}. This address or number opens it no more.\n\nThe account is yours, and it was not you? [[Write to us]] at once.",
                sms="Teranga: this number opens the account no more, the earlier address took it back. It was not you? [[Write to us]].",
            ),
            "wo": Text(
                subject="Adrees bii ubbeetul kont bi",
                body="Ki jàng adrees walla nimero bi njëkk jëlaat na kontu Teranga bi ci {at}. Adrees bii walla nimero bii ubbeetul ko.\n\nKont bi yow moom ko, te du yow woon? [[Bind nu]] leegi.",
                sms="Teranga: nimero bii ubbeetul kont bi, adrees bi njëkk jëlaat na ko. Du yow woon? [[Bind nu]].",
            ),
        },
    ),
    security_message(
        "password_reset",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Choisissez un nouveau mot de passe",
                body="Bonjour,\n\nQuelqu'un — vous, sans doute — a demandé un nouveau mot de passe pour ce "
                "compte. Le lien est valable {hours} heures et ne sert qu'une fois.\n\nCe n'était pas vous ? "
                "Ignorez ce message : votre mot de passe reste le même.",
                action="Choisir un mot de passe",
            ),
            "en": Text(
                subject="Choose a new password",
                body="Hello,\n\nSomebody, most likely you, asked for a new password for this account. The "
                "link is valid for {hours} hours and works once.\n\nIt was not you? Then ignore this message: "
                "your password stays the same.",
                action="Choose a password",
            ),
            "wo": Text(
                subject="Tànnal mot de passe bu bees",
                body="Salaam aleekum,\n\nKenn — xéy-na yow la — ñaan na mot de passe bu bees ci kont bii. "
                "Lien bi dina dox {hours} waxtu te benn yoon la jariñ.\n\nSu dul woon yow, bàyyil "
                "bataaxal bii: sa mot de passe du soppeeku.",
                action="Tànn mot de passe",
            ),
        },
        confidential=True,
    ),
    security_message(
        "password_changed",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="Votre mot de passe a changé",
                body="Votre mot de passe a été changé le {at}, et toutes les sessions ont été fermées.\n\nCe "
                "n'était pas vous ? Choisissez tout de suite un nouveau mot de passe et [[écrivez-nous]].",
            ),
            "en": Text(
                subject="Your password was changed",
                body="Your password was changed on {at}, and every session was closed.\n\nIt was not you? "
                "Choose a new password at once and [[write to us]].",
            ),
            "wo": Text(
                subject="Sa mot de passe soppeeku na",
                body="Sa mot de passe soppeeku na ci {at}, te tëj nañu session yépp.\n\nSu dul woon yow, tànnal "
                "leegi mot de passe bu bees te [[bind nu]].",
            ),
        },
    ),
]
