"""What a minor and the adult they name read of each other (PPL-13, PPL-15)."""

from __future__ import annotations

from portal.consent.models import Asked
from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Text,
)
from portal.notifications.urgent import standing_message

_NAMED = {"name": "person"}


MESSAGES = [
    standing_message(
        "guardian_asked",
        (IN_APP, EMAIL, SMS),
        _NAMED,
        {
            "fr": Text(
                subject="{name} vous demande d’être son tuteur",
                body="{name} a moins de 18 ans et vous désigne comme adulte responsable sur Teranga. Sans votre "
                "accord, sa cagnotte d’anniversaire ne peut pas s’ouvrir.\n\nVous ne connaissez pas cette "
                "personne ? Répondez non.",
                sms="{name} vous désigne comme adulte responsable sur Teranga. Connectez-vous pour répondre.",
                action="Répondre",
            ),
            "en": Text(
                subject="{name} asks you to be their guardian",
                body="{name} is under 18 and names you as the adult who answers for them on Teranga. Without "
                "your consent their birthday pot cannot open.\n\nYou do not know this person? Then say no.",
                sms="{name} names you as the adult who answers for them on Teranga. Sign in to answer.",
                action="Answer",
            ),
            "wo": Text(
                subject="{name} ñaan na la nga wàlloo ko",
                body="{name} amul 18 at, te tànn na la ngir nga topp ko ci Teranga. Su fekkee nanguwoo, "
                "potu juddoom du ubbeeku.\n\nXamoo kooku? Tontul déedéet.",
                sms="{name} tànn na la ngir nga topp ko ci Teranga. Duggal ngir tontu.",
                action="Tontu",
            ),
        },
        asks=Asked.GUARDIAN,
    ),
    standing_message(
        "guardian_wanted",
        (EMAIL, SMS),
        {"name": "person", "expires": "datetime", "link": "string"},
        {
            "fr": Text(
                subject="{name} vous demande d’être son tuteur",
                body="Bonjour,\n\n{name} a moins de 18 ans et vous désigne comme adulte responsable sur Teranga, où "
                "les proches se cotisent pour un anniversaire. Sans l’accord d’un adulte, sa cagnotte ne peut pas "
                "s’ouvrir.\n\nPour répondre, il vous faut un compte à vous, ouvert avec cette adresse, et avoir 18 "
                "ans ou plus.\n\nLa demande est ouverte jusqu’au {expires}. Vous ne connaissez pas cette "
                "personne, ou ne voulez pas répondre ? La même page vous laisse dire non, ou demander que nous ne vous "
                "écrivions plus.",
                sms="{name}, moins de 18 ans, vous choisit comme adulte responsable sur Teranga. Oui ou non : {link}",
                action="Répondre",
            ),
            "en": Text(
                subject="{name} asks you to be their guardian",
                body="Hello,\n\n{name} is under 18 and names you as the adult who answers for them on Teranga, where "
                "people put money together for a birthday. Without the consent of an adult their pot cannot "
                "open.\n\nTo answer you need an account of your own, opened with this address, and must be 18 or "
                "older.\n\nThe question is open until {expires}. You do not know this person, or do not want "
                "to answer? On the same page you can say no, or that we write to you no more.",
                sms="{name}, under 18, names you as the adult who answers for them on Teranga. Yes or no: {link}",
                action="Answer",
            ),
            "wo": Text(
                subject="{name} ñaan na la nga wàlloo ko",
                body="Salaam aleekum,\n\n{name} amul 18 at, te tànn na la ngir nga topp ko ci Teranga, fu mbokk ak "
                "xarit di dajale xaalis ngir bésu juddu. Su mag nanguwul, potam du ubbeeku.\n\nNgir tontu, danga "
                "wara am sa kontu bopp ak adrees bii, te am 18 at walla lu ko ëpp.\n\nLaaj bi dafay jeex "
                "{expires}. Xamoo kooku, walla bëggoo tontu? Ci xët wi mën nga bañ, walla nga ñaan ñu bañ laa "
                "bindati.",
                sms="{name} amul 18 at, tànn na la ngir nga topp ko ci Teranga. Waaw walla déedéet: {link}",
                action="Tontu",
            ),
        },
        asks=Asked.GUARDIAN,
    ),
    standing_message(
        "guardian_waits",
        (IN_APP,),
        {"name": "person", "expires": "datetime"},
        {
            "fr": Text(
                subject="{name} attend votre réponse",
                body="{name} a moins de 18 ans et vous désigne comme adulte responsable. Répondez avant le "
                "{expires}.\n\nVous ne connaissez pas cette personne ? Répondez non.",
                action="Répondre",
            ),
            "en": Text(
                subject="{name} waits for your answer",
                body="{name} is under 18 and names you as the adult who answers for them. Please answer before "
                "{expires}.\n\nYou do not know this person? Then say no.",
                action="Answer",
            ),
            "wo": Text(
                subject="{name} mi ngi xaar sa tontu",
                body="{name} amul 18 at, te tànn na la ngir nga topp ko. Tontul balaa {expires}."
                "\n\nXamoo kooku? Tontul déedéet.",
                action="Tontu",
            ),
        },
    ),
    standing_message(
        "guardian_confirmed",
        (IN_APP, EMAIL),
        _NAMED,
        {
            "fr": Text(
                subject="{name} a dit oui",
                body="{name} est maintenant votre adulte responsable. Votre cagnotte d’anniversaire peut s’ouvrir.",
                action="Voir mon profil",
            ),
            "en": Text(
                subject="{name} has said yes",
                body="{name} now answers for you. Your birthday pot can open.",
                action="See my profile",
            ),
            "wo": Text(
                subject="{name} nangu na",
                body="{name} moo lay topp léegi. Sa potu juddu mën na ubbeeku.",
                action="Gis sama profil",
            ),
        },
    ),
    standing_message(
        "guardian_refused",
        (IN_APP, EMAIL),
        _NAMED,
        {
            "fr": Text(
                subject="{name} n’est pas votre tuteur",
                body="{name} ne répond pas, ou plus, de vous sur Teranga. Désignez un autre adulte depuis votre "
                "profil.",
                action="Désigner un adulte",
            ),
            "en": Text(
                subject="{name} is not your guardian",
                body="{name} does not answer for you on Teranga, or no longer does. Name another adult from your "
                "profile.",
                action="Name an adult",
            ),
            "wo": Text(
                subject="{name} du la topp",
                body="{name} nanguwul, walla bàyyi na, topp la ci Teranga. Tànnal beneen mag ci sa profil.",
                action="Tànn mag",
            ),
        },
    ),
    standing_message(
        "guardian_declined",
        (IN_APP, EMAIL),
        {},
        {
            "fr": Text(
                subject="La réponse est non",
                body="L’adulte que vous avez désigné ne veut pas, ou ne peut pas, répondre de vous sur Teranga. "
                "Désignez un autre adulte depuis votre profil.",
                action="Désigner un adulte",
            ),
            "en": Text(
                subject="The answer is no",
                body="The adult you named does not want to, or cannot, answer for you on Teranga. Name another adult "
                "from your profile.",
                action="Name an adult",
            ),
            "wo": Text(
                subject="Tontu bi déedéet la",
                body="Mag mi nga tànnoon bëggul, walla mënul, topp la ci Teranga. Tànnal beneen mag ci sa profil.",
                action="Tànn mag",
            ),
        },
    ),
    standing_message(
        "guardian_unanswered",
        (IN_APP, EMAIL),
        {},
        {
            "fr": Text(
                subject="Personne n’a répondu à votre demande",
                body="Le délai pour que votre adulte responsable réponde est passé. Demandez de nouveau, ou désignez "
                "un autre adulte.",
                action="Désigner un adulte",
            ),
            "en": Text(
                subject="Nobody has answered your question",
                body="The time in which your guardian could answer is over. Ask again, or name another adult.",
                action="Name an adult",
            ),
            "wo": Text(
                subject="Kenn tontuwul sa laaj",
                body="Diir bi mag mi mënoon a tontu jeex na. Laajaatal, walla nga tànn beneen mag.",
                action="Tànn mag",
            ),
        },
    ),
    standing_message(
        "guardian_ended_by_team",
        (IN_APP, EMAIL),
        {"name": "person", "reason": "string"},
        {
            "fr": Text(
                subject="{name} n’est plus votre tuteur",
                body="Notre équipe a mis fin à la responsabilité de {name} : {reason}\n\nDésignez un autre adulte "
                "depuis votre profil. Une cagnotte déjà ouverte le reste, et ce que vous avez reçu est à vous.",
                action="Désigner un adulte",
            ),
            "en": Text(
                subject="{name} is no longer your guardian",
                body="Our team has ended the guardianship of {name}: {reason}\n\nName another adult from your "
                "profile. A pot that is open stays open, and what you were given is yours.",
                action="Name an adult",
            ),
            "wo": Text(
                subject="{name} dootul la topp",
                body="Sunu ekib dakkal na toppug {name}: {reason}\n\nTànnal beneen mag ci sa profil. Pot bu ubbeeku "
                "ba noppi des na ubbeeku, te li ñu la jox yaa ko moom.",
                action="Tànn mag",
            ),
        },
    ),
    standing_message(
        "guardianship_ended_by_team",
        (IN_APP, EMAIL),
        {"name": "person", "reason": "string"},
        {
            "fr": Text(
                subject="Vous ne répondez plus de {name}",
                body="Notre équipe a mis fin à votre responsabilité pour {name} : {reason}\n\nVous ne voyez plus son "
                "profil. Il n’y a rien à faire de votre côté.",
            ),
            "en": Text(
                subject="You no longer answer for {name}",
                body="Our team has ended your guardianship of {name}: {reason}\n\nYou no longer see their profile. "
                "There is nothing for you to do.",
            ),
            "wo": Text(
                subject="Dootuloo topp {name}",
                body="Sunu ekib dakkal na sa toppug {name}: {reason}\n\nDootuloo gis profilam. Amul lenn loo war "
                "a def.",
            ),
        },
    ),
    standing_message(
        "guardian_change_refused",
        (IN_APP, EMAIL),
        {"reason": "string"},
        {
            "fr": Text(
                subject="Votre tuteur reste le même",
                body="Vous avez demandé un autre adulte responsable. Notre équipe ne change rien : {reason}",
                action="Voir mon profil",
            ),
            "en": Text(
                subject="Your guardian stays the same",
                body="You asked for another guardian. Our team changes nothing: {reason}",
                action="See my profile",
            ),
            "wo": Text(
                subject="Ki lay topp du soppeeku",
                body="Laaj nga beneen mag mu lay topp. Sunu ekib soppiwul dara: {reason}",
                action="Gis sama profil",
            ),
        },
    ),
]
