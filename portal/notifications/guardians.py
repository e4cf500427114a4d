"""What a minor and the adult they name are told of each other (PPL-13, PPL-15)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.pages import public_url
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
from portal.notifications.services import notify
from portal.people.events import (
    guardian_asked,
    guardian_confirmed,
    guardian_declined,
    guardian_refused,
    guardian_unanswered,
)
from portal.people.models import GuardianRequest, Profile, UserPreferences

_NAMED = {"name": "string"}


def _about_guardians(
    key: str, channels: tuple[Channel, ...], variables: dict[str, str], texts: dict[str, Text]
) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=channels,
        variables=variables,
        texts=texts,
    )


MESSAGES = [
    _about_guardians(
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
    ),
    _about_guardians(
        "guardian_wanted",
        (EMAIL, SMS),
        {"name": "person", "expires": "datetime", "link": "string"},
        {
            "fr": Text(
                subject="{name} vous demande d’être son tuteur",
                body="Bonjour,\n\n{name} a moins de 18 ans et vous désigne comme adulte responsable sur Teranga, où "
                "les proches se cotisent pour un anniversaire. Sans l’accord d’un adulte, sa cagnotte ne peut pas "
                "s’ouvrir.\n\nPour répondre, il vous faut un compte à vous, ouvert avec cette adresse, et avoir 18 "
                "ans ou plus : {link}\n\nLa demande est ouverte jusqu’au {expires}. Vous ne connaissez pas cette "
                "personne, ou ne voulez pas répondre ? Ne faites rien.",
                sms="{name}, moins de 18 ans, vous choisit comme adulte responsable sur Teranga. Répondez avec ce "
                "numéro : {link}",
                action="Répondre",
            ),
            "en": Text(
                subject="{name} asks you to be their guardian",
                body="Hello,\n\n{name} is under 18 and names you as the adult who answers for them on Teranga, where "
                "people put money together for a birthday. Without the consent of an adult their pot cannot "
                "open.\n\nTo answer you need an account of your own, opened with this address, and must be 18 or "
                "older: {link}\n\nThe question is open until {expires}. You do not know this person, or do not want "
                "to answer? Then do nothing.",
                sms="{name}, under 18, names you as the adult who answers for them on Teranga. Answer with this "
                "number: {link}",
                action="Answer",
            ),
            "wo": Text(
                subject="{name} ñaan na la nga wàlloo ko",
                body="Salaam aleekum,\n\n{name} amul 18 at, te tànn na la ngir nga topp ko ci Teranga, fu mbokk ak "
                "xarit di dajale xaalis ngir bésu juddu. Su mag nanguwul, potam du ubbeeku.\n\nNgir tontu, danga "
                "wara am sa kontu bopp ak adrees bii, te am 18 at walla lu ko ëpp: {link}\n\nLaaj bi dafay jeex "
                "{expires}. Xamoo kooku, walla bëggoo tontu? Bul def dara.",
                sms="{name} amul 18 at, tànn na la ngir nga topp ko ci Teranga. Tontul ak nimero bii: {link}",
                action="Tontu",
            ),
        },
    ),
    _about_guardians(
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
    _about_guardians(
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
    _about_guardians(
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
    _about_guardians(
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
]


_ANSWER, _NAME_ANOTHER = "/guardian", "/profile/guardian"


@guardian_asked.connect
def let_the_address_know(request: GuardianRequest, *, guardian_id: UUID | None, by: Actor) -> None:
    """Whoever reads at the named address learns of it: in their account, or how to open one."""
    minor_name, locale = db.session.execute(
        select(Profile.full_name, UserPreferences.locale)
        .outerjoin(UserPreferences, UserPreferences.user_id == Profile.user_id)
        .where(Profile.user_id == request.minor_user_id)
    ).one()
    about = (Profile.__tablename__, request.minor_user_id)
    if guardian_id is not None:
        _tell("guardian_asked", f"{request.id}", about, guardian_id, _short(minor_name), _ANSWER, by)
        return
    is_mail = "@" in request.contact
    path = f"/sign-up?{urlencode({'next': _ANSWER})}"
    notify(
        "guardian_wanted",
        event_key=f"guardian_wanted:{request.id}",
        data=_short(minor_name) | {"expires": request.expires_at, "link": public_url(path)},
        email=request.contact if is_mail else None,
        phone=None if is_mail else request.contact,
        locale=locale,
        related=about,
        action_link=path,
        expires_at=request.expires_at,
        by=by,
    )


@guardian_declined.connect
def tell_of_no(request: GuardianRequest, *, by: Actor) -> None:
    """The minor learns that another adult is needed, and not who has answered."""
    about = (Profile.__tablename__, request.minor_user_id)
    _tell("guardian_declined", f"{request.id}", about, request.minor_user_id, {}, _NAME_ANOTHER, by)


@guardian_unanswered.connect
def tell_of_silence(request: GuardianRequest, *, by: Actor) -> None:
    """The minor learns that the question is over."""
    about = (Profile.__tablename__, request.minor_user_id)
    _tell("guardian_unanswered", f"{request.id}", about, request.minor_user_id, {}, _NAME_ANOTHER, by)


@guardian_confirmed.connect
def tell_of_consent(minor: Profile, *, by: Actor) -> None:
    """The minor learns that the adult agrees."""
    _tell_minor("guardian_confirmed", minor, "/profile", by)


@guardian_refused.connect
def tell_of_stepping_back(minor: Profile, *, by: Actor) -> None:
    """The minor learns that another adult is needed."""
    _tell_minor("guardian_refused", minor, _NAME_ANOTHER, by)


def _tell_minor(key: str, minor: Profile, link: str, by: Actor) -> None:
    about = (Profile.__tablename__, minor.user_id)
    guardian = db.session.execute(
        select(Profile.full_name).where(Profile.user_id == minor.guardian_user_id)
    ).scalar_one()
    event = f"{minor.user_id}:{clock.now().isoformat()}"
    _tell(key, event, about, minor.user_id, _short(guardian), link, by)


def _tell(
    key: str, event: str, about: tuple[str, UUID], user_id: UUID, data: dict[str, str], link: str, by: Actor
) -> None:
    notify(
        key,
        event_key=f"{key}:{event}",
        data=data,
        user_id=user_id,
        related=about,
        action_link=link,
        by=by,
    )


def _short(name: str) -> dict[str, Any]:
    """A name is typed by its owner: no more of it than a name needs goes into a paid text message."""
    return {"name": name[:60]}
