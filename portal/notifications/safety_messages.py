"""What people hear of the safety of their account: locks, second steps, and ways in."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Text,
)
from portal.notifications.urgent import security_message

SAFETY = [
    security_message(
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
    security_message(
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
    security_message(
        "codes_guarded",
        (IN_APP, EMAIL, SMS),
        {"digits": "number"},
        {
            "fr": Text(
                subject="Vos codes par SMS sont plus longs pour un moment",
                body="Beaucoup de codes faux ont été donnés pour votre numéro. Personne n'est entré. Par prudence, les codes ont {digits} chiffres pendant un jour, que personne ne devine. Vous pouvez vous connecter comme avant.\n\nCe n'était pas vous ? Ne donnez votre code à personne, même à quelqu'un qui dit venir de chez nous.",
                action="Voir la sécurité",
                sms="Teranga : beaucoup de codes faux pour votre numéro. Personne n'est entré. Vos codes ont {digits} chiffres pour un jour. Ne les donnez à personne.",
            ),
            "en": Text(
                subject="Your codes by SMS are longer for a while",
                body="Many wrong codes were typed for your number. Nobody came in. To be safe, codes have {digits} digits for a day, which nobody guesses. You can sign in as before.\n\nIt was not you? Give your code to nobody, not even to somebody who says they are from us.",
                action="Look at the security",
                sms="Teranga: many wrong codes for your number. Nobody came in. Your codes have {digits} digits for a day. Give them to nobody.",
            ),
            "wo": Text(
                subject="Say kod ci SMS gën nañu gudd ab diir",
                body="Kod yu baaxul yu bare lañu bind ci sa nimero. Kenn duggul. Ngir aar la, kod yi {digits} lim lañuy am benn bis, te kenn mënu ko jortu. Mën nga dugg ni nga ko daan defe.\n\nDu yow woon? Bul jox sa kod kenn, doonte dafa ne fi nun la bawoo.",
                action="Xool kaaraange gi",
                sms="Teranga: kod yu baaxul yu bare ci sa nimero. Kenn duggul. Say kod {digits} lim lañuy am benn bis. Bul ko jox kenn.",
            ),
        },
    ),
    security_message(
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
    security_message(
        "second_factor_on",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="La deuxième étape est activée",
                body="Depuis le {at}, la connexion à votre compte demande aussi un code de votre application.\n\n"
                "Ce n'était pas vous ? [[Écrivez-nous]] tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="The second step is switched on",
                body="Since {at} signing in to your account also asks for a code of your app.\n\nIt was not you? "
                "[[Write to us]] at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Ñaareelu jéego bi taal na",
                body="Li dale ci {at}, dugg ci sa kont dafay laaj itam kod bu sa aplikaasioŋ.\n\nSu dul woon yow, "
                "[[bind nu]] leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    security_message(
        "second_factor_off",
        (IN_APP, EMAIL),
        {"at": "datetime"},
        {
            "fr": Text(
                subject="La deuxième étape est désactivée",
                body="Depuis le {at}, la connexion à votre compte ne demande plus de code de votre application."
                "\n\nCe n'était pas vous ? Choisissez un nouveau mot de passe et [[écrivez-nous]] tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="The second step is switched off",
                body="Since {at} signing in to your account asks for no code of your app any more.\n\nIt was not "
                "you? Choose a new password and [[write to us]] at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Ñaareelu jéego bi fay na",
                body="Li dale ci {at}, dugg ci sa kont laajatul kod bu sa aplikaasioŋ.\n\nSu dul woon yow, "
                "tànnal mot de passe bu bees te [[bind nu]] leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    security_message(
        "passkey_added",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="Nouvelle clé d'accès",
                body="La clé d'accès « {name} » a été ajoutée à votre compte le {at}.\n\nCe n'était pas vous ? "
                "Supprimez-la et [[écrivez-nous]] tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="A new passkey",
                body="The passkey “{name}” was added to your account on {at}.\n\nIt was not you? Remove it and "
                "[[write to us]] at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Caabi dugg bu bees",
                body="Yokk nañu caabi dugg « {name} » ci sa kont ci {at}.\n\nSu dul woon yow, far ko te [[bind nu]] "
                "leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    security_message(
        "passkey_removed",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="Clé d'accès supprimée",
                body="La clé d'accès « {name} » a été supprimée de votre compte le {at}.\n\nCe n'était pas "
                "vous ? [[Écrivez-nous]] tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="A passkey was removed",
                body="The passkey “{name}” was removed from your account on {at}.\n\nIt was not you? "
                "[[Write to us]] at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="Far nañu caabi dugg",
                body="Far nañu caabi dugg « {name} » ci sa kont ci {at}.\n\nSu dul woon yow, [[bind nu]] leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
    security_message(
        "provider_linked",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="{name} ouvre maintenant votre compte",
                body="Votre compte {name} a été lié le {at} : il ouvre maintenant votre compte Teranga.\n\nCe n'était pas vous ? Retirez-le, choisissez un nouveau mot de passe et [[écrivez-nous]].",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="{name} now opens your account",
                body="Your {name} account was linked on {at}: it now opens your Teranga account.\n\nIt was not you? Unlink it, choose a new password and [[write to us]].",
                action="See my security",
            ),
            "wo": Text(
                subject="{name} mën na ubbi sa kont léegi",
                body="Sa kontu {name} lënkaloo na ak sa kontu Teranga ci {at}: mën na ko ubbi léegi.\n\nDu yow woon? Dindil ko, tànn mot de passe bu bees te [[bind nu]].",
                action="Gis sama kaaraange",
            ),
        },
    ),
    security_message(
        "provider_unlinked",
        (IN_APP, EMAIL),
        {"at": "datetime", "name": "string"},
        {
            "fr": Text(
                subject="{name} n'ouvre plus votre compte",
                body="Votre compte {name} a été retiré le {at} : il n'ouvre plus votre compte Teranga.\n\nCe n'était pas vous ? [[Écrivez-nous]] tout de suite.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="{name} no longer opens your account",
                body="Your {name} account was unlinked on {at}: it no longer opens your Teranga account.\n\nIt was not you? [[Write to us]] at once.",
                action="See my security",
            ),
            "wo": Text(
                subject="{name} mënatul ubbi sa kont",
                body="Dindi nañu sa kontu {name} ci {at}: mënatul ubbi sa kontu Teranga.\n\nDu yow woon? [[Bind nu]] leegi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
]
