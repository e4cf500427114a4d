"""Taking a contact out of every row in which others have named it, because its reader has asked to (PRV-02).

1. Questions that wait at the contact get a no, whoever asked.
2. Every room's rows become what the room has declared (`names_guests`), what hangs on other rows first.
3. Texts about those rows say the contact no more.
The message whose key was used goes with the others, so that the job is safe to repeat: the second time finds nothing.
What belongs to an account, or was given by somebody who left the contact themselves, is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.audit.services import record
from portal.identity.directory import place_of
from portal.kernel.actor import Actor
from portal.kernel.db import Base, db
from portal.kernel.personal import NAMINGS, Person
from portal.kernel.phones import for_people
from portal.kernel.scope import as_the_portal
from portal.notifications.models import Notification
from portal.people.guardians import refuse_by_contact
from portal.people.models import GuardianRequest, RequestStatus
from portal.privacy.erasing import erase_rows
from portal.privacy.traces import Traces, wipe
from portal.referrals.answering import decline_by_contact as decline_friend
from portal.referrals.models import InvitationStatus, Referral
from portal.teams.answering import decline_by_contact as decline_place
from portal.teams.models import InvitationStatus as TeamStatus
from portal.teams.models import TeamInvitation


def forget_contact(notification_id: UUID, *, by: Actor) -> int:
    """Forget the contact to which this question went; how many rows changed. Safe to repeat."""
    contact = db.session.scalar(
        select(Notification.recipient_identifier).where(
            Notification.id == notification_id, Notification.user_id.is_(None)
        )
    )
    if contact is None:
        return 0
    _say_no(contact, by)
    person = _reader_of(contact)
    with as_the_portal(db.session()):
        traces = Traces(nearby=_spellings(person), ids=_tied_to(person))
        changed = 0
        for table in reversed(Base.metadata.sorted_tables):
            naming = NAMINGS.get(table.name)
            if naming is not None:
                changed += erase_rows(table, naming.of(person), naming.erasure, person)
        changed += wipe(traces)
    db.session.expire_all()
    record("contact_forgotten", (Notification.__tablename__, notification_id), by=by)
    return changed


def _reader_of(contact: str) -> Person:
    """Whoever reads there, as somebody without an account."""
    if "@" in contact:
        return Person(emails=tuple({contact.lower(), place_of(contact)}))
    return Person(phones=(contact,))


def _spellings(person: Person) -> set[str]:
    return {*person.proved, *(for_people(phone) for phone in person.phones)}


def _tied_to(person: Person) -> list[UUID]:
    found: list[UUID] = []
    for naming in NAMINGS.values():
        if naming.ties:
            found.extend(db.session.scalars(select(naming.table.c.id).where(naming.of(person))))
    return found


def _say_no(contact: str, by: Actor) -> None:
    at_mail = func.lower(Referral.referred_email) == contact.lower()
    waiting: tuple[tuple[Select[Any], Callable[..., None]], ...] = (
        (
            select(GuardianRequest.id).where(
                GuardianRequest.mailbox == place_of(contact), GuardianRequest.status == RequestStatus.WAITING
            ),
            refuse_by_contact,
        ),
        (
            select(TeamInvitation.id).where(
                TeamInvitation.mailbox == place_of(contact), TeamInvitation.status == TeamStatus.WAITING
            ),
            decline_place,
        ),
        (
            select(Referral.id).where(
                or_(Referral.referred_phone == contact, at_mail),
                Referral.invitation_status == InvitationStatus.SENT,
                Referral.referred_user_id.is_(None),
            ),
            decline_friend,
        ),
    )
    with as_the_portal(db.session()):
        for which, decline in waiting:
            for row_id in db.session.scalars(which.order_by("id")).all():
                decline(row_id, by=by)
