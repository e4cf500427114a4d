"""What people are told of their profile, their papers, and those who write to them (PPL-18, PPL-28, PPL-36)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.names import shortened_name
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
from portal.notifications.urgent import standing_message
from portal.people.events import adulthood_reached, letter_sent, paper_decided, profile_completed
from portal.people.models import DocumentStatus, IdentityDocument, Profile

MESSAGES = [
    standing_message(
        "paper_verified",
        (IN_APP, EMAIL),
        {},
        {
            "fr": Text(
                subject="Votre pièce d’identité est vérifiée",
                body="Merci, nous avons vérifié votre pièce d’identité. L’image sera supprimée après le délai prévu.",
                action="Voir mes pièces",
            ),
            "en": Text(
                subject="Your identity paper is verified",
                body="Thank you, we have verified your identity paper. The scan is deleted once its time is over.",
                action="See my papers",
            ),
            "wo": Text(
                subject="Sa kayitu dundu wér na",
                body="Jërëjëf, saytu nañu sa kayit te wér na. Nataal bi dinañu ko far su waxtoom matee.",
                action="Gis samay kayit",
            ),
        },
    ),
    standing_message(
        "paper_refused",
        (IN_APP, EMAIL),
        {"reason": "string"},
        {
            "fr": Text(
                subject="Votre pièce d’identité n’a pas été acceptée",
                body="Nous n’avons pas pu accepter votre pièce d’identité : {reason}\n\nVous pouvez en déposer une "
                "autre.",
                action="Déposer une pièce",
            ),
            "en": Text(
                subject="Your identity paper was not accepted",
                body="We could not accept your identity paper: {reason}\n\nYou can hand in another one.",
                action="Hand in a paper",
            ),
            "wo": Text(
                subject="Nanguwuñu sa kayitu dundu",
                body="Mënunu nangu sa kayitu dundu: {reason}\n\nMën nga jébbal beneen.",
                action="Jébbal kayit",
            ),
        },
    ),
    standing_message(
        "came_of_age",
        (IN_APP, EMAIL),
        {},
        {
            "fr": Text(
                subject="Vous avez 18 ans",
                body="Votre compte est désormais celui d’un adulte : personne n’a plus à répondre de vous. Joyeux "
                "anniversaire !",
                action="Voir mon profil",
            ),
            "en": Text(
                subject="You are 18",
                body="Your account is an adult's now: nobody has to answer for you any more. Happy birthday!",
                action="See my profile",
            ),
            "wo": Text(
                subject="Am nga 18 at",
                body="Sa kont kontu mag la léegi: kenn waratul wàll sa wàll. Bésu juddu bu neex!",
                action="Gis sama profil",
            ),
        },
    ),
    standing_message(
        "guardianship_ended",
        (IN_APP, EMAIL),
        {"name": "string"},
        {
            "fr": Text(
                subject="{name} a 18 ans",
                body="{name} est adulte : vous n’avez plus à répondre de cette personne sur Teranga. Merci de l’avoir "
                "fait.",
            ),
            "en": Text(
                subject="{name} is 18",
                body="{name} is an adult: you no longer answer for them on Teranga. Thank you for having done so.",
            ),
            "wo": Text(
                subject="{name} am na 18 at",
                body="{name} mag la léegi: topptootoo ko ci Teranga. Jërëjëf ci li nga def.",
            ),
        },
    ),
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


@letter_sent.connect
def hand_over_the_letter(user_id: UUID, *, sponsor_id: UUID, words: str, by: Actor) -> None:
    """The words of a sponsor reach the person they brought."""
    name = db.session.execute(select(Profile.full_name).where(Profile.user_id == sponsor_id)).scalar_one()
    notify(
        "sponsor_wrote",
        event_key=f"letter:{sponsor_id}:{user_id}:{clock.now().isoformat()}",
        data={"name": shortened_name(name), "words": words},
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


@paper_decided.connect
def tell_what_was_decided(paper: IdentityDocument, *, by: Actor) -> None:
    """The holder learns whether the paper was accepted, and why not."""
    is_good = paper.status is DocumentStatus.VERIFIED
    notify(
        "paper_verified" if is_good else "paper_refused",
        event_key=f"paper:{paper.id}:{paper.status}",
        data={} if is_good else {"reason": paper.reason or ""},
        user_id=paper.user_id,
        related=(IdentityDocument.__tablename__, paper.id),
        action_link="/profile/papers",
        by=by,
    )


@adulthood_reached.connect
def tell_both(profile: Profile, *, guardian_id: UUID | None, by: Actor) -> None:
    """Somebody has turned 18, and whoever answered for them does so no more."""
    related = (Profile.__tablename__, profile.user_id)
    notify(
        "came_of_age",
        event_key=f"came_of_age:{profile.user_id}",
        data={},
        user_id=profile.user_id,
        related=related,
        action_link="/profile",
        by=by,
    )
    if guardian_id is not None:
        notify(
            "guardianship_ended",
            event_key=f"guardianship_ended:{profile.user_id}",
            data={"name": shortened_name(profile.full_name)},
            user_id=guardian_id,
            related=related,
            by=by,
        )
