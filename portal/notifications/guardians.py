"""What a minor and the adult they name are told of each other (PPL-13, PPL-15)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
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
from portal.people.events import guardian_asked, guardian_confirmed, guardian_refused
from portal.people.models import Profile


def _about_guardians(key: str, channels: tuple[Channel, ...], texts: dict[str, Text]) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=channels,
        variables={"name": "string"},
        texts=texts,
    )


MESSAGES = [
    _about_guardians(
        "guardian_asked",
        (IN_APP, EMAIL, SMS),
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
        "guardian_confirmed",
        (IN_APP, EMAIL),
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
]


@guardian_asked.connect
def ask_the_guardian(minor: Profile, *, by: Actor) -> None:
    """The adult learns who has named them."""
    _tell("guardian_asked", minor, minor.guardian_user_id, minor.full_name, "/guardian", by)


@guardian_confirmed.connect
def tell_of_consent(minor: Profile, *, by: Actor) -> None:
    """The minor learns that the adult agrees."""
    _tell("guardian_confirmed", minor, minor.user_id, _name(minor.guardian_user_id), "/profile", by)


@guardian_refused.connect
def tell_of_refusal(minor: Profile, *, by: Actor) -> None:
    """The minor learns that another adult is needed."""
    _tell("guardian_refused", minor, minor.user_id, _name(minor.guardian_user_id), "/profile/guardian", by)


def _tell(key: str, minor: Profile, user_id: UUID | None, name: str, link: str, by: Actor) -> None:
    notify(
        key,
        event_key=f"{key}:{minor.user_id}:{clock.now().isoformat()}",
        # A name is typed by its owner: no more of it than a name needs goes into a paid text message.
        data={"name": name[:60]},
        user_id=user_id,
        related=(Profile.__tablename__, minor.user_id),
        action_link=link,
        by=by,
    )


def _name(user_id: UUID | None) -> str:
    return db.session.execute(select(Profile.full_name).where(Profile.user_id == user_id)).scalar_one()
