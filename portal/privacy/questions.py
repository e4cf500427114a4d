"""What somebody without an account answers to a question that reached them, by the key that came with it (PRV-02).

1. `no` is a no to this question, as from an account.
2. `never` is a no, and nothing of the kind reaches this mailbox or number again. Who asks is told of the no alone.
3. `forget` is that for every kind, and a job takes the contact out of every row that named it. A keyed hash stays, so
   that nobody is written to who has asked not to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from uuid import UUID

from sqlalchemy import select

from portal.consent.models import Asked
from portal.consent.refusals import refuse_to_be_asked, wants_no
from portal.identity.directory import place_of
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.jobs import follow_up
from portal.kernel.scope import as_the_portal
from portal.notifications.asking import question_at
from portal.notifications.guardians import door_to_answer
from portal.notifications.models import Notification
from portal.people.guardians import refuse_by_contact
from portal.people.models import GuardianRequest, Profile
from portal.referrals.answering import decline_by_contact as decline_friend
from portal.referrals.models import Referral
from portal.referrals.policies import is_open
from portal.teams.answering import decline_by_contact as decline_place
from portal.teams.homes import home_of
from portal.teams.models import TeamInvitation
from portal.teams.queries import name_of

FORGET_JOB = "privacy.forget_contact"


class Answer(StrEnum):
    """What may be answered without an account."""

    NO = "no"
    NEVER = "never"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as its page shows it; `never` when nothing of its kind is asked there any more."""

    kind: Asked
    who: str
    is_open: bool
    way_in: str
    never: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """The row behind a question: what its page says, and how a no is said to it."""

    question: Question
    say_no: Callable[..., None]


def question_behind(key: str) -> Question:
    """What was asked. Raises `NotFound` for a key of ours no more, or never."""
    message, found = _behind(key)
    refused = wants_no(found.question.kind, _place(message))
    asked = found.question
    return Question(asked.kind, asked.who, asked.is_open, asked.way_in, never=refused)


def answer(key: str, said: Answer, *, by: Actor) -> None:
    """Take the answer. Safe to repeat; what is over stays as it is. Raises `NotFound` as `question_behind`."""
    message, found = _behind(key)
    found.say_no(by=by)
    if said is Answer.NEVER:
        refuse_to_be_asked(_place(message), [found.question.kind])
    if said is Answer.FORGET:
        refuse_to_be_asked(_place(message), Asked)
        follow_up(
            FORGET_JOB,
            dedupe_key=f"forget_contact:{message.id}",
            payload={"notification_id": str(message.id)},
        )


def _behind(key: str) -> tuple[Notification, _Found]:
    message = question_at(key)
    read = _ROOMS.get(message.related_entity_type or "") if message is not None else None
    found = read(message.related_entity_id) if message is not None and read is not None else None
    if message is None or found is None:
        raise NotFound
    return message, found


def _place(message: Notification) -> str:
    return place_of(message.recipient_identifier or "")


def _guardian(request_id: UUID) -> _Found | None:
    row = db.session.execute(
        select(GuardianRequest, Profile)
        .join(Profile, Profile.user_id == GuardianRequest.minor_user_id)
        .where(GuardianRequest.id == request_id)
    ).one_or_none()
    if row is None:
        return None
    request, minor = row
    question = Question(Asked.GUARDIAN, minor.first_name, request.is_open, door_to_answer(request.contact))
    return _Found(question, partial(refuse_by_contact, request.id))


def _place_in_a_team(invitation_id: UUID) -> _Found | None:
    with as_the_portal(db.session()):
        row = db.session.get(TeamInvitation, invitation_id)
        if row is None:
            return None
        organisation = name_of(home_of(row), row.organisation_id)
    question = Question(Asked.TEAM, organisation, row.is_open, f"/team-invitations/{row.id}")
    return _Found(question, partial(decline_place, row.id))


def _friend(referral_id: UUID) -> _Found | None:
    row = db.session.execute(
        select(Referral, Profile)
        .join(Profile, Profile.user_id == Referral.referrer_id)
        .where(Referral.id == referral_id)
    ).one_or_none()
    if row is None:
        return None
    referral, sponsor = row
    question = Question(Asked.FRIEND, sponsor.first_name, is_open(referral), f"/r/{referral.referral_code}")
    return _Found(question, partial(decline_friend, referral.id))


_ROOMS: dict[str, Callable[..., _Found | None]] = {
    GuardianRequest.__tablename__: _guardian,
    TeamInvitation.__tablename__: _place_in_a_team,
    Referral.__tablename__: _friend,
}
