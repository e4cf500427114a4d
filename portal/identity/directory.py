"""Who has which address: the ground of the room, which leans on nothing but its own tables.

`people` stands under `identity` and may ask here (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.identity.door_models import ContactChange, ContactKind
from portal.identity.models import AuthIdentity, AuthProvider, User, UserStatus
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.phones import parse_e164

GOOGLE_HOSTS = ("gmail.com", "googlemail.com")
_IS_OPEN = and_(User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class Contacts:
    """How an account is reached, and whether its holder has proved to read what is sent there."""

    email: str | None
    email_is_confirmed: bool
    phone: str | None
    phone_is_confirmed: bool

    @property
    def is_confirmed(self) -> bool:
        """Whether any of the addresses is proved."""
        return self.email_is_confirmed or self.phone_is_confirmed

    @property
    def proved(self) -> tuple[str, ...]:
        """The address and the number that the holder has proved to read, as they are kept."""
        known = ((self.email, self.email_is_confirmed), (self.phone, self.phone_is_confirmed))
        return tuple(contact.lower() for contact, is_proved in known if contact and is_proved)


def normal_email(typed: str) -> str:
    """The address as it is stored: checked and in lower case (ID-03). Raises `InvalidInput`."""
    try:
        return validate_email(typed, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        message = _("This e-mail address does not look right. Example: awa@exemple.sn.")
        raise InvalidInput(message, field="email") from None


def plain_email(typed: str) -> str:
    """The address to look for, whether or not anybody could have it."""
    return typed.strip().lower()


def mailbox_of(email: str) -> str:
    """Where mail to an address arrives: what follows a `+` is nobody's name, nor are Google's dots."""
    name, _at, host = email.lower().rpartition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@gmail.com" if host in GOOGLE_HOSTS else f"{name}@{host}"


def place_of(contact: str) -> str:
    """Where a message to an address or number arrives: all spellings of one mailbox are one place."""
    return mailbox_of(contact) if "@" in contact else contact


def mailboxes_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Where mail to each of these accounts arrives; those without an address are left out."""
    rows = db.session.execute(
        select(User.id, User.email).where(User.id.in_({*user_ids}), User.email.is_not(None))
    )
    return {user_id: mailbox_of(email) for user_id, email in rows if email}


def contacts_ever(user_id: UUID) -> set[str]:
    """Every mailbox and number that the account has or had, as far as changes are kept."""
    now = db.session.execute(select(User.email, User.phone).where(User.id == user_id)).one_or_none()
    changes = select(ContactChange.old_value, ContactChange.new_value).where(ContactChange.user_id == user_id)
    values = [*(now or ()), *(value for change in db.session.execute(changes) for value in change)]
    return {mailbox_of(value) if "@" in value else value for value in values if value}


def account_at(contact: str, *, also_leaving: bool = False) -> UUID | None:
    """The active account that is signed in to with this e-mail address or phone number (ID-36).

    With `also_leaving` that of somebody, too, who has asked to be erased and may still come back (PRV-14).
    """
    uid = plain_email(contact) if "@" in contact else parse_e164(contact)
    if uid is None:
        return None
    provider = AuthProvider.EMAIL if "@" in contact else AuthProvider.PHONE
    statement = (
        select(User.id)
        .join(AuthIdentity, AuthIdentity.user_id == User.id)
        .where(
            AuthIdentity.provider == provider,
            AuthIdentity.provider_uid == uid,
            or_(
                _IS_OPEN,
                User.status == UserStatus.PENDING_DELETION if also_leaving else false(),
            ),
        )
    )
    return db.session.execute(statement).scalar_one_or_none()


def proved_numbers(numbers: Collection[str]) -> set[str]:
    """Which of these numbers the holder of an account has proved, or had proved before it was changed; one statement."""
    now = select(User.phone).where(User.phone.in_(numbers), User.phone_verified_at.is_not(None))
    before = select(ContactChange.old_value).where(
        ContactChange.old_value.in_(numbers),
        ContactChange.kind == ContactKind.PHONE,
        ContactChange.old_is_proved,
    )
    return {number for number in db.session.scalars(now.union(before)) if number is not None}


def rights_of(user_id: UUID) -> frozenset[str] | None:
    """The rights that an open account holds; None for one that is closed."""
    roles = db.session.scalar(select(User.roles).where(User.id == user_id, _IS_OPEN))
    return None if roles is None else frozenset(roles)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose account has an address or number, whether it is open, and whether its holder has proved to read there."""

    user_id: UUID
    is_open: bool
    is_proved: bool


def holder_at(contact: str) -> Holder | None:
    """The account that has this address or number, as it is kept, in whatever state; for what no page waits for."""
    has_it, proved_at = (
        (func.lower(User.email) == contact, User.email_verified_at)
        if "@" in contact
        else (User.phone == contact, User.phone_verified_at)
    )
    row = db.session.execute(select(User.id, _IS_OPEN, proved_at.is_not(None)).where(has_it)).one_or_none()
    return Holder(*row) if row is not None else None


@dataclass(frozen=True, slots=True)
class Account:
    """Whether an account is open, and who brought its holder."""

    is_open: bool
    sponsor_id: UUID | None


def account_of(user_id: UUID) -> Account:
    """The account of this id; closed for one that is not there."""
    row = db.session.execute(
        select(User.status, User.deleted_at, User.referred_by).where(User.id == user_id)
    ).one_or_none()
    if row is None:
        return Account(is_open=False, sponsor_id=None)
    return Account(row.status is UserStatus.ACTIVE and row.deleted_at is None, row.referred_by)


def has_open_account(user_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether the account of the row beside it is open, for a statement about many (`Account.is_open`)."""
    return exists().where(User.id == user_id, _IS_OPEN).correlate(user_id.class_)


def contacts_of(user_id: UUID) -> Contacts:
    """The addresses of one account; empty for an unknown id."""
    row = db.session.execute(
        select(User.email, User.email_verified_at, User.phone, User.phone_verified_at).where(
            User.id == user_id
        )
    ).one_or_none()
    if row is None:
        return Contacts(None, False, None, False)
    email, email_verified_at, phone, phone_verified_at = row
    return Contacts(email, email_verified_at is not None, phone, phone_verified_at is not None)
