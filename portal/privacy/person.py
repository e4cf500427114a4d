"""Who a person is to every table: the account, the addresses they have proved, the gifts they gave (PRV-01)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, func, or_, select

from portal.identity.models import ContactChange, ContactKind, User
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.personal import Person
from portal.pots.models import Donation
from portal.pots.personal import gifts_of


def person_of(user_id: UUID) -> Person:
    """The holder of an account. Raises `NotFound`."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    email = user.email.lower() if user.email else None
    is_proved = {email: user.email_verified_at is not None, user.phone: user.phone_verified_at is not None}
    earlier = _proved_before(user_id)
    emails = {*([email] if email and is_proved[email] else ()), *earlier[ContactKind.EMAIL]}
    phones = {*([user.phone] if user.phone and is_proved[user.phone] else ()), *earlier[ContactKind.PHONE]}
    person = Person(
        user_id=user_id,
        emails=tuple(sorted(emails)),
        phones=tuple(sorted(phones)),
        claimed=tuple(address for address, proved in is_proved.items() if address and not proved),
    )
    return _with_gifts(person)


def donor_of(donation_id: UUID) -> Person:
    """Who gave one gift without an account, as far as the gift itself proves it (G-34)."""
    return Person(gift_ids=(donation_id,))


def _proved_before(user_id: UUID) -> dict[ContactKind, set[str]]:
    """Addresses and numbers that were the person's until they changed them, and are nobody else's account now."""
    others = exists().where(
        User.id != user_id,
        or_(
            func.lower(User.email) == func.lower(ContactChange.old_value),
            User.phone == ContactChange.old_value,
        ),
    )
    rows = db.session.execute(
        select(ContactChange.kind, ContactChange.old_value).where(
            ContactChange.user_id == user_id,
            ContactChange.old_value.is_not(None),
            ContactChange.old_is_proved,
            ~others,
        )
    )
    found: dict[ContactKind, set[str]] = {kind: set() for kind in ContactKind}
    for kind, value in rows:
        found[kind].add(str(value).lower())
    return found


def _with_gifts(person: Person) -> Person:
    gifts = db.session.scalars(select(Donation.id).where(gifts_of(person)))
    return Person(person.user_id, person.emails, person.phones, tuple(gifts), person.claimed)
