"""A sponsor's contact list: positions grow without gaps as people are added, and are never used again (R-34)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.referrals.addresses import Reachable, checked
from portal.referrals.models import SponsorContact, SponsorDailyLimit

MAX_LIST = 10_000
_OF_A_PERSON = ("uq_sponsor_contacts_phone", "uq_sponsor_contacts_email")


@dataclass(frozen=True, slots=True)
class Kept:
    """What adding contacts did: new ones, known ones that were completed, known ones left as they were."""

    added: int
    completed: int
    known: int


def keep(sponsor_id: UUID, people: Sequence[Reachable], *, source: str, by: Actor) -> Kept:
    """Add people to the end of the list; one already there (by phone or e-mail) is completed, not doubled.

    Raises `InvalidInput` when the list would become too long.
    """
    position = _locked_end(sponsor_id)
    known = _Known(_already_there(sponsor_id, people))
    added = completed = 0
    for who in people:
        there = known.find(who)
        if there is not None:
            completed += known.complete(there, who)
            continue
        row = SponsorContact(
            id=new_id(),
            sponsor_user_id=sponsor_id,
            position=position + added,
            name=who.name,
            phone=who.phone,
            email=who.email,
            source=source,
        )
        db.session.add(row)
        known.remember(row)
        added += 1
    _check_length(sponsor_id, added)
    db.session.flush()
    return Kept(added, completed, len(people) - added - completed)


def add_contact(
    sponsor_id: UUID, name: str | None, phone: str | None, email: str | None, *, by: Actor
) -> None:
    """Add one person. Raises `InvalidInput` for an unusable address, `Conflict` when the list has them."""
    if not keep(sponsor_id, [checked(name, phone, email)], source="form", by=by).added:
        raise _in_the_list()


def change_contact(
    contact_id: UUID, sponsor_id: UUID, name: str | None, phone: str | None, email: str | None, *, by: Actor
) -> None:
    """Correct a contact. Raises as `add_contact`, and `NotFound` for somebody else's."""
    contact = contact_of(contact_id, sponsor_id)
    who = checked(name, phone, email)
    try:
        with db.session.begin_nested():
            contact.name, contact.phone, contact.email = who.name, who.phone, who.email
    except IntegrityError as error:
        if violated(error) in _OF_A_PERSON:
            raise _in_the_list() from None
        raise


def remove_contact(contact_id: UUID, sponsor_id: UUID, *, by: Actor) -> None:
    """Take a contact off the list; invitations that were sent stay. Raises `NotFound`."""
    db.session.delete(contact_of(contact_id, sponsor_id))
    db.session.flush()


def contact_of(contact_id: UUID, sponsor_id: UUID) -> SponsorContact:
    """One contact of the sponsor's own list. Raises `NotFound`."""
    row = db.session.execute(
        select(SponsorContact).where(
            SponsorContact.id == contact_id, SponsorContact.sponsor_user_id == sponsor_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def known_among(sponsor_id: UUID, people: Sequence[Reachable]) -> int:
    """How many of these people the list has already."""
    known = _Known(_already_there(sponsor_id, people))
    return sum(known.find(who) is not None for who in people)


class _Known:
    """The contacts of the list that an import may meet, by number and by address."""

    def __init__(self, rows: Iterable[SponsorContact]) -> None:
        self._by_mark: dict[str, SponsorContact] = {}
        for row in rows:
            self.remember(row)

    def find(self, who: Reachable) -> SponsorContact | None:
        """The contact with this number, else with this address."""
        found = (self._by_mark.get(mark) for mark in (who.phone, who.email) if mark)
        return next((row for row in found if row is not None), None)

    def remember(self, row: SponsorContact) -> None:
        """From now on this contact is met too."""
        self._by_mark |= {mark: row for mark in (row.phone, row.email) if mark}

    def complete(self, row: SponsorContact, who: Reachable) -> bool:
        """Fill in what the contact lacks, unless another contact has it; whether anything changed."""
        before = (row.name, row.phone, row.email)
        row.name = row.name or who.name
        row.phone = row.phone or (who.phone if who.phone not in self._by_mark else None)
        row.email = row.email or (who.email if who.email not in self._by_mark else None)
        self.remember(row)
        return (row.name, row.phone, row.email) != before


def _locked_end(sponsor_id: UUID) -> int:
    """The position of the next contact, with the sponsor locked: one import of a sponsor at a time.

    A position that a batch has passed is not used again, even when the contacts at the end were removed.
    """
    db.session.execute(select(User.id).where(User.id == sponsor_id).with_for_update(key_share=True))
    last = select(func.max(SponsorContact.position) + 1).where(SponsorContact.sponsor_user_id == sponsor_id)
    passed = select(func.max(SponsorDailyLimit.current_batch_start)).where(
        SponsorDailyLimit.sponsor_user_id == sponsor_id
    )
    greatest = func.greatest(last.scalar_subquery(), passed.scalar_subquery(), 0)
    return int(db.session.execute(select(greatest)).scalar_one())


def _already_there(sponsor_id: UUID, people: Sequence[Reachable]) -> list[SponsorContact]:
    phones = [who.phone for who in people if who.phone]
    emails = [who.email for who in people if who.email]
    statement = select(SponsorContact).where(
        SponsorContact.sponsor_user_id == sponsor_id,
        or_(SponsorContact.phone.in_(phones), SponsorContact.email.in_(emails)),
    )
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def _check_length(sponsor_id: UUID, added: int) -> None:
    if not added:
        return
    count = db.session.execute(
        select(func.count()).select_from(SponsorContact).where(SponsorContact.sponsor_user_id == sponsor_id)
    ).scalar_one()
    if count > MAX_LIST:
        raise InvalidInput(_("A list has room for %(limit)s contacts.", limit=MAX_LIST))


def _in_the_list() -> Conflict:
    return Conflict(_("Your list has somebody with this number or e-mail address already."), field="phone")
