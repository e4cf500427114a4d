"""The portal's own messages: codes and links, the safety of accounts, alerts, the digest."""

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


def _security(
    key: str, channels: tuple[Channel, ...], variables: dict[str, str], texts: dict[str, Text], **more: bool
) -> MessageTemplate:
    """A message that never waits."""
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=channels,
        variables=variables,
        texts=texts,
        **more,
    )


MESSAGES = [
    _security(
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
    ),
    _security(
        "confirm_email",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Confirmez votre adresse e-mail",
                body="Bonjour,\n\nun clic suffit pour confirmer que cette adresse est la vôtre. Le lien est "
                "valable {hours} heures et ne sert qu'une fois.\n\nVous n'avez rien demandé ? Ignorez ce "
                "message.",
                action="Confirmer mon adresse",
            ),
            "en": Text(
                subject="Confirm your e-mail address",
                body="Hello,\n\none click confirms that this address is yours. The link is valid for {hours} "
                "hours and works once.\n\nYou did not ask for this? Then ignore this message.",
                action="Confirm my address",
            ),
            "wo": Text(
                subject="Dëggalal sa adreesu e-mail",
                body="Salaam aleekum,\n\nbenn klik doy na ngir dëggal ne adrees bii sa bos la. Lien bi "
                "dina dox {hours} waxtu te benn yoon la jariñ.\n\nSu fekkee ñaanuloo ko, bàyyil bataaxal bii.",
                action="Dëggal sama adrees",
            ),
        },
        confidential=True,
    ),
    _security(
        "password_reset",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Choisissez un nouveau mot de passe",
                body="Bonjour,\n\nquelqu'un — vous, sans doute — a demandé un nouveau mot de passe pour ce "
                "compte. Le lien est valable {hours} heures et ne sert qu'une fois.\n\nCe n'était pas vous ? "
                "Ignorez ce message : votre mot de passe reste le même.",
                action="Choisir un mot de passe",
            ),
            "en": Text(
                subject="Choose a new password",
                body="Hello,\n\nsomebody, most likely you, asked for a new password for this account. The "
                "link is valid for {hours} hours and works once.\n\nIt was not you? Then ignore this message: "
                "your password stays the same.",
                action="Choose a password",
            ),
            "wo": Text(
                subject="Tànnal mot de passe bu bees",
                body="Salaam aleekum,\n\nkenn — xéy-na yow la — ñaan na mot de passe bu bees ci kont bii. "
                "Lien bi dina dox {hours} waxtu te benn yoon la jariñ.\n\nSu dul woon yow, bàyyil "
                "bataaxal bii: sa mot de passe du soppeeku.",
                action="Tànn mot de passe",
            ),
        },
        confidential=True,
    ),
    _security(
        "password_changed",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="Votre mot de passe a changé",
                body="Votre mot de passe a été changé le {at}, et toutes les sessions ont été fermées.\n\nCe "
                "n'était pas vous ? Choisissez tout de suite un nouveau mot de passe et écrivez-nous.",
            ),
            "en": Text(
                subject="Your password was changed",
                body="Your password was changed on {at}, and every session was closed.\n\nIt was not you? "
                "Choose a new password at once and write to us.",
            ),
            "wo": Text(
                subject="Sa mot de passe soppeeku na",
                body="Sa mot de passe soppeeku na ci {at}, te tëj nañu session yépp.\n\nSu dul woon yow, tànnal "
                "leegi mot de passe bu bees te bind nu.",
            ),
        },
    ),
    _security(
        "account_locked",
        (IN_APP,),
        {"until": "datetime"},
        {
            "fr": Text(
                subject="Votre compte est fermé pour un moment",
                body="Quelqu'un s'est trompé plusieurs fois de mot de passe. Par prudence, la connexion par mot "
                "de passe est fermée jusqu'au {until}.\n\nC'était vous ? Attendez un peu, ou choisissez un "
                "nouveau mot de passe.",
            ),
            "en": Text(
                subject="Your account is locked for a while",
                body="Somebody entered a wrong password several times. To be safe, signing in with the password "
                "is closed until {until}.\n\nWas it you? Wait a little, or choose a new password.",
            ),
            "wo": Text(
                subject="Sa kont tëju na ab diir",
                body="Am na ku juum ay yoon ci mot de passe bi. Ngir aar la, duggu gi ak mot de passe tëju na ba "
                "{until}.\n\nYow la woon? Xaaral tuuti, walla nga tànn mot de passe bu bees.",
            ),
        },
    ),
    _security(
        "unlock_link",
        (EMAIL,),
        {"until": "datetime", "hours": "number"},
        {
            "fr": Text(
                subject="Votre compte est fermé pour un moment",
                body="Quelqu'un s'est trompé plusieurs fois de mot de passe. Par prudence, la connexion par mot "
                "de passe est fermée jusqu'au {until}.\n\nC'était vous ? Avec ce lien, vous l'ouvrez tout de "
                "suite. Il marche une fois, pendant {hours} heures.\n\nCe n'était pas vous ? Ne faites rien : "
                "votre compte reste fermé à cette personne.",
                action="Ouvrir ma connexion",
            ),
            "en": Text(
                subject="Your account is locked for a while",
                body="Somebody entered a wrong password several times. To be safe, signing in with the password "
                "is closed until {until}.\n\nWas it you? This link opens it at once. It works once, for "
                "{hours} hours.\n\nIt was not you? Do nothing: your account stays closed to that person.",
                action="Open my sign-in",
            ),
            "wo": Text(
                subject="Sa kont tëju na ab diir",
                body="Am na ku juum ay yoon ci mot de passe bi. Ngir aar la, duggu gi ak mot de passe tëju na ba "
                "{until}.\n\nYow la woon? Lien bii dina ko ubbi leegi. Benn yoon la jariñ, te dina dox {hours} "
                "waxtu.\n\nDu yow woon? Bul def dara: sa kont day des tëju ci kooku.",
                action="Ubbi sama duggu",
            ),
        },
        confidential=True,
    ),
    _security(
        "second_step_locked",
        (IN_APP, EMAIL),
        {"until": "datetime"},
        {
            "fr": Text(
                subject="Quelqu'un connaît votre mot de passe",
                body="Quelqu'un a donné votre mot de passe, puis plusieurs codes faux. Il n'est pas entré : la "
                "deuxième étape est fermée jusqu'au {until}.\n\nCe n'était pas vous ? Choisissez tout de suite "
                "un nouveau mot de passe.",
                action="Choisir un mot de passe",
            ),
            "en": Text(
                subject="Somebody knows your password",
                body="Somebody gave your password, and then several wrong codes. They did not get in: the second "
                "step is closed until {until}.\n\nIt was not you? Choose a new password at once.",
                action="Choose a password",
            ),
            "wo": Text(
                subject="Am na ku xam sa mot de passe",
                body="Am na ku joxe sa mot de passe, ba noppi juum ay yoon ci kod bi. Duggul: ñaareelu jéego bi "
                "tëju na ba {until}.\n\nSu dul woon yow, tànnal leegi mot de passe bu bees.",
                action="Tànn mot de passe",
            ),
        },
    ),
    _security(
        "second_factor_on",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="La deuxième étape est activée",
                body="Depuis le {at}, la connexion à votre compte demande aussi un code de votre application.\n\n"
                "Ce n'était pas vous ? Écrivez-nous tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="The second step is switched on",
                body="Since {at} signing in to your account also asks for a code of your app.\n\nIt was not you? "
                "Write to us at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Ñaareelu jéego bi taal na",
                body="Li dale ci {at}, dugg ci sa kont dafay laaj itam kod bu sa aplikaasioŋ.\n\nSu dul woon yow, "
                "bind nu leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "second_factor_off",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="La deuxième étape est désactivée",
                body="Depuis le {at}, la connexion à votre compte ne demande plus de code de votre application."
                "\n\nCe n'était pas vous ? Choisissez un nouveau mot de passe et écrivez-nous tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="The second step is switched off",
                body="Since {at} signing in to your account asks for no code of your app any more.\n\nIt was not "
                "you? Choose a new password and write to us at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Ñaareelu jéego bi fay na",
                body="Li dale ci {at}, dugg ci sa kont laajatul kod bu sa aplikaasioŋ.\n\nSu dul woon yow, "
                "tànnal mot de passe bu bees te bind nu leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "passkey_added",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="Nouvelle clé d'accès",
                body="La clé d'accès « {name} » a été ajoutée à votre compte le {at}.\n\nCe n'était pas vous ? "
                "Supprimez-la et écrivez-nous tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="A new passkey",
                body="The passkey “{name}” was added to your account on {at}.\n\nIt was not you? Remove it and "
                "write to us at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Caabi dugg bu bees",
                body="Yokk nañu caabi dugg « {name} » ci sa kont ci {at}.\n\nSu dul woon yow, far ko te bind nu "
                "leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "passkey_removed",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="Clé d'accès supprimée",
                body="La clé d'accès « {name} » a été supprimée de votre compte le {at}.\n\nCe n'était pas "
                "vous ? Écrivez-nous tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="A passkey was removed",
                body="The passkey “{name}” was removed from your account on {at}.\n\nIt was not you? Write to "
                "us at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Far nañu caabi dugg",
                body="Far nañu caabi dugg « {name} » ci sa kont ci {at}.\n\nSu dul woon yow, bind nu leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "house_linked",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="{name} ouvre maintenant votre compte",
                body="Votre compte {name} a été lié le {at} : il ouvre maintenant votre compte Teranga.\n\nCe n'était pas vous ? Retirez-le, choisissez un nouveau mot de passe et écrivez-nous.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="{name} now opens your account",
                body="Your {name} account was linked on {at}: it now opens your Teranga account.\n\nIt was not you? Unlink it, choose a new password and write to us.",
                action="See my security",
            ),
            "wo": Text(
                subject="{name} mën na ubbi sa kont léegi",
                body="Sa kontu {name} lënkaloo na ak sa kontu Teranga ci {at}: mën na ko ubbi léegi.\n\nDu yow woon? Dindil ko, tànn mot de passe bu bees te bind nu.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "house_unlinked",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="{name} n'ouvre plus votre compte",
                body="Votre compte {name} a été retiré le {at} : il n'ouvre plus votre compte Teranga.\n\nCe n'était pas vous ? Écrivez-nous tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="{name} no longer opens your account",
                body="Your {name} account was unlinked on {at}: it no longer opens your Teranga account.\n\nIt was not you? Write to us at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="{name} mënatul ubbi sa kont",
                body="Dindi nañu sa kontu {name} ci {at}: mënatul ubbi sa kontu Teranga.\n\nDu yow woon? Bind nu leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    _security(
        "sign_up_link",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Ouvrez votre compte Teranga",
                body="Bonjour,\n\nvous voulez ouvrir un compte Teranga avec cette adresse. Ce lien marche une fois, pendant {hours} heures.\n\nCe n'était pas vous ? Ne faites rien : aucun compte n'est ouvert.",
                action="Ouvrir mon compte",
            ),
            "en": Text(
                subject="Open your Teranga account",
                body="Hello,\n\nyou want to open a Teranga account with this address. This link works once, for {hours} hours.\n\nIt was not you? Do nothing: no account is opened.",
                action="Open my account",
            ),
            "wo": Text(
                subject="Ubbil sa kontu Teranga",
                body="Salaam aleekum,\n\nbëgg nga ubbi kontu Teranga ak adrees bii. Benn yoon la lien bii jariñ, te dina dox {hours} waxtu.\n\nDu yow woon? Bul def dara: benn kont ubbiwul.",
                action="Ubbi sama kont",
            ),
        },
        confidential=True,
    ),
    _security(
        "address_tried",
        (EMAIL,),
        {},
        {
            "fr": Text(
                subject="Vous avez déjà un compte Teranga",
                body="Bonjour,\n\nquelqu'un — peut-être vous — a voulu utiliser votre adresse pour un compte Teranga. Vous en avez déjà un : connectez-vous, ou choisissez un nouveau mot de passe.\n\nCe n'était pas vous ? Ne faites rien : rien n'a changé.",
                action="Se connecter",
            ),
            "en": Text(
                subject="You have a Teranga account already",
                body="Hello,\n\nsomebody — perhaps you — wanted to use your address for a Teranga account. You have one already: sign in, or choose a new password.\n\nIt was not you? Do nothing: nothing has changed.",
                action="Sign in",
            ),
            "wo": Text(
                subject="Am nga kontu Teranga ba noppi",
                body="Salaam aleekum,\n\nam na ku bëggoon — xéy-na yow la — jëfandikoo sa adrees ngir kontu Teranga. Am nga benn ba noppi: duggal, walla nga tànn mot de passe bu bees.\n\nDu yow woon? Bul def dara: dara soppeekuwul.",
                action="Dugg",
            ),
        },
    ),
    _security(
        "new_address_link",
        (EMAIL,),
        {"hours": "number"},
        {
            "fr": Text(
                subject="Confirmez votre nouvelle adresse",
                body="Bonjour,\n\nvous voulez utiliser cette adresse pour votre compte Teranga. Ce lien marche une fois, pendant {hours} heures.\n\nCe n'était pas vous ? Ne faites rien.",
                action="Confirmer l'adresse",
            ),
            "en": Text(
                subject="Confirm your new address",
                body="Hello,\n\nyou want to use this address for your Teranga account. This link works once, for {hours} hours.\n\nIt was not you? Do nothing.",
                action="Confirm the address",
            ),
            "wo": Text(
                subject="Dëggalal sa adrees bu bees",
                body="Salaam aleekum,\n\nbëgg nga jëfandikoo adrees bii ngir sa kontu Teranga. Benn yoon la lien bii jariñ, te dina dox {hours} waxtu.\n\nDu yow woon? Bul def dara.",
                action="Dëggal adrees bi",
            ),
        },
        confidential=True,
    ),
    _security(
        "email_changed",
        (EMAIL,),
        {"at": "datetime", "days": "number", "link": "string"},
        {
            "fr": Text(
                subject="Votre adresse e-mail a changé",
                body="Votre compte Teranga a une autre adresse e-mail depuis le {at}. Cette adresse n'ouvre plus votre compte.\n\nCe n'était pas vous ? Reprenez votre adresse pendant {days} jours : {link}",
                action="Reprendre mon adresse",
            ),
            "en": Text(
                subject="Your e-mail address was changed",
                body="Your Teranga account has another e-mail address since {at}. This address no longer opens your account.\n\nIt was not you? Take your address back within {days} days: {link}",
                action="Take my address back",
            ),
            "wo": Text(
                subject="Sa adrees e-mail soppeeku na",
                body="Sa kontu Teranga am na beneen adrees e-mail dale ko {at}. Adrees bii mënatul ubbi sa kont.\n\nDu yow woon? Jëlaatal sa adrees ci {days} fan: {link}",
                action="Jëlaat sama adrees",
            ),
        },
        confidential=True,
    ),
    _security(
        "phone_changed",
        (EMAIL, SMS),
        {"at": "datetime", "days": "number", "link": "string"},
        {
            "fr": Text(
                subject="Votre numéro a changé",
                body="Votre compte Teranga a un autre numéro depuis le {at}. Ce n'était pas vous ? Reprenez votre numéro pendant {days} jours : {link}",
                action="Reprendre mon numéro",
                sms="Teranga : votre compte a un autre numéro. Ce n'était pas vous ? Reprenez-le en {days} jours : {link}",
            ),
            "en": Text(
                subject="Your number was changed",
                body="Your Teranga account has another number since {at}. It was not you? Take your number back within {days} days: {link}",
                action="Take my number back",
                sms="Teranga: your account has another number. It was not you? Take it back within {days} days: {link}",
            ),
            "wo": Text(
                subject="Sa nimero soppeeku na",
                body="Sa kontu Teranga am na beneen nimero dale ko {at}. Du yow woon? Jëlaatal sa nimero ci {days} fan: {link}",
                action="Jëlaat sama nimero",
                sms="Teranga: sa kont am na beneen nimero. Du yow woon? Jëlaat ko ci {days} fan: {link}",
            ),
        },
        confidential=True,
    ),
    _security(
        "new_device",
        (IN_APP, EMAIL),
        {"at": "datetime", "device": "string"},
        {
            "fr": Text(
                subject="Connexion depuis un nouvel appareil",
                body="Quelqu'un s'est connecté à votre compte le {at} depuis un appareil que nous ne connaissions "
                "pas : {device}.\n\nC'était vous ? Tout va bien. Sinon, fermez cette session et choisissez un "
                "nouveau mot de passe.",
                action="Voir mes sessions",
            ),
            "en": Text(
                subject="Signed in from a new device",
                body="Somebody signed in to your account on {at} from a device that we did not know: {device}.\n\n"
                "Was it you? Then all is well. If not, end this session and choose a new password.",
                action="See my sessions",
            ),
            "wo": Text(
                subject="Dugg nañu ak aparey bu bees",
                body="Am na ku dugg ci sa kont ci {at} ak aparey bu nu xamul woon: {device}.\n\nYow la woon? Baax "
                "na. Su dul loolu, tëjal session boobu te tànn mot de passe bu bees.",
                action="Gis samay session",
            ),
        },
    ),
    _security(
        "staff_work_elsewhere",
        (IN_APP, EMAIL),
        {"at": "datetime", "device": "string"},
        {
            "fr": Text(
                subject="Votre session d'administration a été fermée",
                body="Le {at}, votre session d'administration a été utilisée dans un autre navigateur : {device}. "
                "Nous l'avons fermée.\n\nSi ce n'était pas vous, fermez toutes vos sessions et choisissez un nouveau "
                "mot de passe.",
                action="Voir mes sessions",
            ),
            "en": Text(
                subject="Your staff session was closed",
                body="On {at} your staff session was used in another browser: {device}. We have closed it.\n\nIf that "
                "was not you, end all of your sessions and choose a new password.",
                action="See my sessions",
            ),
            "wo": Text(
                subject="Tëj nañu sa session administration",
                body="Ci {at}, am na ku jëfandikoo sa session administration ci beneen navigateur: {device}. Tëj nañu "
                "ko.\n\nSu dul yow, tëjal say session yépp te tànn mot de passe bu bees.",
                action="Gis samay session",
            ),
        },
    ),
    _security(
        "account_suspended",
        (EMAIL, SMS),
        {},
        {
            "fr": Text(
                subject="Votre compte est suspendu",
                body="Notre équipe a suspendu votre compte Teranga. Votre argent est en sécurité.\n\n"
                "Répondez à ce message si vous pensez que c'est une erreur.",
                sms="Teranga : votre compte est suspendu. Votre argent est en sécurité. Écrivez-nous si "
                "c'est une erreur.",
            ),
            "en": Text(
                subject="Your account is suspended",
                body="Our team has suspended your Teranga account. Your money is safe.\n\nAnswer this message "
                "if you think that this is a mistake.",
                sms="Teranga: your account is suspended. Your money is safe. Write to us if this is a mistake.",
            ),
            "wo": Text(
                subject="Taxawal nañu sa kont",
                body="Sunu ekip taxawal na sa kontu Teranga. Sa xaalis mu ngi ci kaaraange.\n\nTontul bataaxal "
                "bii su fekkee da ngaa yaakaar ne njuumte la.",
                sms="Teranga: taxawal nañu sa kont. Sa xaalis mu ngi ci kaaraange. Bind nu su dee njuumte.",
            ),
        },
    ),
    _security(
        "account_reopened",
        (IN_APP, EMAIL, SMS),
        {},
        {
            "fr": Text(
                subject="Votre compte est de nouveau ouvert",
                body="Notre équipe a rouvert votre compte Teranga. Vous pouvez vous connecter comme avant.",
                sms="Teranga : votre compte est de nouveau ouvert. Vous pouvez vous connecter.",
            ),
            "en": Text(
                subject="Your account is open again",
                body="Our team has reopened your Teranga account. You can sign in as before.",
                sms="Teranga: your account is open again. You can sign in.",
            ),
            "wo": Text(
                subject="Ubbiwaat nañu sa kont",
                body="Sunu ekip ubbiwaat na sa kontu Teranga. Mën nga dugg ni nga ko daan defee.",
                sms="Teranga: ubbiwaat nañu sa kont. Mën nga dugg.",
            ),
        },
    ),
    _security(
        "operations_alert",
        (IN_APP, EMAIL),
        {"subject": "string", "detail": "string"},
        {
            "fr": Text(subject="À vérifier : {subject}", body="{detail}", action="Ouvrir l'administration"),
            "en": Text(subject="Please check: {subject}", body="{detail}", action="Open administration"),
            "wo": Text(subject="Xoolal: {subject}", body="{detail}", action="Ubbi saytu bi"),
        },
    ),
    MessageTemplate(
        key="digest",
        category=Category.COMMUNITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(EMAIL,),
        variables={"count": "number", "news": "string"},
        texts={
            "fr": Text(
                subject="Vos nouvelles Teranga ({count})",
                body="Bonjour, voici ce qui s'est passé depuis notre dernier message.\n\n{news}",
                action="Ouvrir mes messages",
            ),
            "en": Text(
                subject="Your news from Teranga ({count})",
                body="Hello, here is what happened since our last message.\n\n{news}",
                action="Open my messages",
            ),
            "wo": Text(
                subject="Sa xibaari Teranga ({count})",
                body="Salaam aleekum, lii moo xew ginnaaw sunu bataaxal bu mujj.\n\n{news}",
                action="Ubbi samay bataaxal",
            ),
        },
    ),
]
