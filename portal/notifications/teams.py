"""What people are told of a place that is offered to them, and owners of the answer (R-04, R-24, PRT-12)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from portal.consent.models import Asked
from portal.identity.directory import contacts_of
from portal.identity.events import contact_changed, contact_proved, user_registered
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.names import shortened_name
from portal.kernel.phones import for_people
from portal.notifications.asking import ANSWER_LINK
from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Text,
)
from portal.notifications.services import notify
from portal.notifications.urgent import standing_message
from portal.people.models import UserPreferences
from portal.teams.events import invitation_answered, invitation_sent
from portal.teams.models import InvitationStatus, TeamInvitation
from portal.teams.queries import waiting_at

_MOST_OF_A_NAME = 40


MESSAGES = [
    standing_message(
        "team_invitation",
        (IN_APP, EMAIL, SMS),
        {"organisation": "string", "until": "datetime", "link": "string"},
        {
            "fr": Text(
                subject="{organisation} vous invite dans son équipe",
                body="{organisation} souhaite que vous travailliez avec son équipe sur Teranga. Vous pouvez "
                "accepter ou refuser jusqu'au {until}, depuis le compte qui a cette adresse ou ce numéro ; "
                "si vous n'en avez pas, ouvrez-en un.\n\nVous ne connaissez pas {organisation} ? "
                "Refusez, ou ne faites rien : personne n'entre dans une équipe sans dire oui.",
                sms="{organisation} vous invite dans son équipe sur Teranga. Acceptez ou refusez ici : {link}",
                action="Voir l'invitation",
            ),
            "en": Text(
                subject="{organisation} invites you into its team",
                body="{organisation} would like you to work with its team on Teranga. You can accept or decline "
                "until {until}, from the account that has this address or number; if you have none, open one."
                "\n\nYou do not know {organisation}? Decline, or do nothing: nobody joins a team without "
                "saying yes.",
                sms="{organisation} invites you into its team on Teranga. Accept or decline here: {link}",
                action="See the invitation",
            ),
            "wo": Text(
                subject="{organisation} woo na la ci ekibam",
                body="{organisation} bëgg na nga liggéey ak ekibam ci Teranga. Mën nga nangu walla bañ ba {until}, "
                "ci kont bi yor adrees bii walla nimero bii; soo amul kont, ubbil benn.\n\nXamoo {organisation}? "
                "Bañal, walla bul def dara: kenn du dugg ci ekib te nanguwul.",
                sms="{organisation} woo na la ci ekibam ci Teranga. Nangul walla nga bañ fii: {link}",
                action="Gis wooteef bi",
            ),
        },
        asks=Asked.TEAM,
    ),
    standing_message(
        "team_invitation_waits",
        (IN_APP,),
        {"organisation": "string", "until": "datetime"},
        {
            "fr": Text(
                subject="Une invitation de {organisation} vous attend",
                body="{organisation} souhaite que vous travailliez avec son équipe. Répondez avant le {until}.",
                action="Voir l'invitation",
            ),
            "en": Text(
                subject="An invitation of {organisation} waits for you",
                body="{organisation} would like you to work with its team. Please answer before {until}.",
                action="See the invitation",
            ),
            "wo": Text(
                subject="Wooteef {organisation} dafa lay xaar",
                body="{organisation} bëgg na nga liggéey ak ekibam. Tontul balaa {until}.",
                action="Gis wooteef bi",
            ),
        },
    ),
    standing_message(
        "team_invitation_accepted",
        (IN_APP,),
        {"organisation": "string", "contact": "string"},
        {
            "fr": Text(
                subject="{contact} a dit oui",
                body="L'invitation envoyée à {contact} est acceptée : {organisation}.",
                action="Voir l'équipe",
            ),
            "en": Text(
                subject="{contact} has said yes",
                body="The invitation sent to {contact} is accepted: {organisation}.",
                action="See the team",
            ),
            "wo": Text(
                subject="{contact} nangu na",
                body="Wooteef bi ñu yónnee {contact} nangu nañu ko: {organisation}.",
                action="Gis ekib bi",
            ),
        },
    ),
    standing_message(
        "team_invitation_declined",
        (IN_APP,),
        {"organisation": "string", "contact": "string"},
        {
            "fr": Text(
                subject="{contact} a dit non",
                body="L'invitation envoyée à {contact} est refusée : {organisation}.",
                action="Voir l'équipe",
            ),
            "en": Text(
                subject="{contact} has said no",
                body="The invitation sent to {contact} is declined: {organisation}.",
                action="See the team",
            ),
            "wo": Text(
                subject="{contact} bañ na",
                body="Wooteef bi ñu yónnee {contact} bañ nañu ko: {organisation}.",
                action="Gis ekib bi",
            ),
        },
    ),
]


@invitation_sent.connect
def write_to_the_invited(
    invitation: TeamInvitation, *, user_id: UUID | None, organisation: str, by: Actor
) -> None:
    """The invitation reaches the address it names: in an account where one has proved it, else as it is."""
    is_email = "@" in invitation.contact
    path = f"/team-invitations/{invitation.id}" if user_id is not None else ANSWER_LINK
    notify(
        "team_invitation",
        event_key=f"team_invitation:{invitation.id}:{invitation.times_sent}",
        # No more of a name than it needs goes into a paid text message.
        data={
            "organisation": shortened_name(organisation, _MOST_OF_A_NAME),
            "until": invitation.expires_at,
        },
        user_id=user_id,
        email=invitation.contact if is_email else None,
        phone=None if is_email else invitation.contact,
        # The language of somebody without an account is not known yet: that of whoever invites is likely.
        locale=None if user_id else _language_of(invitation.invited_by),
        related=(TeamInvitation.__tablename__, invitation.id),
        action_link=path,
        expires_at=invitation.expires_at,
        by=by,
    )


@invitation_answered.connect
def tell_of_the_answer(
    invitation: TeamInvitation, *, organisation: str, told: Mapping[UUID, str], by: Actor
) -> None:
    """Those who answer for the house or company learn what became of the invitation."""
    has_accepted = invitation.status is InvitationStatus.ACCEPTED
    for user_id, link in told.items():
        notify(
            "team_invitation_accepted" if has_accepted else "team_invitation_declined",
            event_key=f"team_invitation_answered:{invitation.id}",
            data={"organisation": organisation, "contact": _written(invitation.contact)},
            user_id=user_id,
            related=(TeamInvitation.__tablename__, invitation.id),
            action_link=link,
            by=by,
        )


@user_registered.connect
@contact_changed.connect
@contact_proved.connect
def show_what_waits(user: User, *, by: Actor, **_more: object) -> None:
    """Whoever proves an address finds the invitations that were sent to it."""
    for offer in waiting_at(contacts_of(user.id).proved):
        notify(
            "team_invitation_waits",
            event_key=f"team_invitation_waits:{offer.invitation.id}",
            data={"organisation": offer.organisation, "until": offer.invitation.expires_at},
            user_id=user.id,
            related=(TeamInvitation.__tablename__, offer.invitation.id),
            action_link=f"/team-invitations/{offer.invitation.id}",
            expires_at=offer.invitation.expires_at,
            by=by,
        )


def _written(contact: str) -> str:
    return contact if "@" in contact else for_people(contact)


def _language_of(user_id: UUID) -> str | None:
    return db.session.scalar(select(UserPreferences.locale).where(UserPreferences.user_id == user_id))
