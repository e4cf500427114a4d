"""What people are told of their own profile and of those who write to them (PPL-28, PPL-36)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)
from portal.notifications.services import notify
from portal.people.events import profile_completed, sponsor_wrote
from portal.people.models import Profile

MESSAGES = [
    MessageTemplate(
        key="sponsor_wrote",
        category=Category.REFERRAL,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables={"name": "string", "words": "string"},
        texts={
            "fr": Text(
                subject="{name} vous écrit",
                body="{name}, qui vous a fait connaître Teranga, vous écrit :\n\n{words}\n\nVous ne souhaitez plus "
                "recevoir de tels messages ? Vous pouvez le dire dans vos réglages.",
                action="Voir qui m’écrit",
            ),
            "en": Text(
                subject="{name} writes to you",
                body="{name}, who brought you to Teranga, writes:\n\n{words}\n\nYou do not want such messages any "
                "more? You can say so in your settings.",
                action="See who writes",
            ),
            "wo": Text(
                subject="{name} bind na la",
                body="{name}, mi la xamal Teranga, bind na la:\n\n{words}\n\nBëggatoo bataaxal yu mel nii? Mën nga "
                "ko wax ci say tànneef.",
                action="Gis ki ma bind",
            ),
        },
    ),
    MessageTemplate(
        key="profile_complete",
        category=Category.COMMUNITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.LOW,
        channels=(IN_APP,),
        variables={"points": "number"},
        texts={
            "fr": Text(
                subject="Votre profil est complet",
                body="Merci ! Rien ne manque à votre profil. Points reçus : {points}.",
                action="Voir mon profil",
            ),
            "en": Text(
                subject="Your profile is complete",
                body="Thank you! Nothing is missing in your profile. Points received: {points}.",
                action="See my profile",
            ),
            "wo": Text(
                subject="Sa profil mat na",
                body="Jërëjëf! Dara manqewul ci sa profil. Poñ yi nga am: {points}.",
                action="Gis sama profil",
            ),
        },
    ),
]


@sponsor_wrote.connect
def hand_over_the_letter(user_id: UUID, *, sponsor_id: UUID, words: str, by: Actor) -> None:
    """The words of a sponsor reach the person they brought."""
    name = db.session.execute(select(Profile.full_name).where(Profile.user_id == sponsor_id)).scalar_one()
    notify(
        "sponsor_wrote",
        event_key=f"letter:{sponsor_id}:{user_id}:{clock.now().isoformat()}",
        data={"name": name[:60], "words": words},
        user_id=user_id,
        related=(Profile.__tablename__, sponsor_id),
        action_link=f"/people/{sponsor_id}",
        by=by,
    )


@profile_completed.connect
def tell_of_the_reward(user_id: UUID, *, points: int, by: Actor) -> None:
    """Somebody has finished their profile."""
    notify(
        "profile_complete",
        event_key=f"profile:{user_id}:complete",
        data={"points": points},
        user_id=user_id,
        related=(Profile.__tablename__, user_id),
        action_link="/profile",
        by=by,
    )
