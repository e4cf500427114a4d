"""People as sponsors write them down, and the one form in which they are kept and compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Text, case, false, func, or_

from portal.identity.directory import GOOGLE_HOSTS, mailbox_of
from portal.identity.models import User
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.names import MAX_NAME, is_name, person_name
from portal.kernel.phones import gets_texts, parse_e164, to_mobile
from portal.referrals.models import Referral

_MAX_EMAIL = 255


class Problem(StrEnum):
    """Why an entry of a file could not be read at all."""

    CUT = "cut"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Written:
    """One entry of an address book as it stands there; `line` is where it begins, counted from 1."""

    line: int
    name: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who can be written to: at least one of `phone` (E.164) and `email` (lower case) is set."""

    name: str | None
    phone: str | None
    email: str | None


def checked(name: str | None, phone: str | None, email: str | None) -> Reachable:
    """What a person typed, in the form that is kept. Raises `InvalidInput` at the field that cannot be used."""
    name = tidy_name(name)
    number = to_mobile(phone) if phone else None
    address = email_address(email) if email else None
    if email and address is None:
        message = _("This e-mail address does not look right. Example: awa@exemple.sn.")
        raise InvalidInput(message, field="email")
    if number is None and address is None:
        raise InvalidInput(_("Please give a phone number or an e-mail address."), field="phone")
    return Reachable(person_name(name, "name") if name else None, number, address)


def understood(entry: Written) -> Reachable | str:
    """The first number and address of an entry that can be used, or the sentence that says why there is none."""
    phones = [text for text in entry.phones if text.strip()]
    emails = [text for text in entry.emails if text.strip()]
    number = _first(_mobile(text) for text in phones)
    address = _first(email_address(text) for text in emails)
    if number is not None or address is not None:
        name = tidy_name(entry.name)
        return Reachable(name if name and is_name(name) else None, number, address)
    if phones:
        return _("This number gets no text messages.")
    if emails:
        return _("This e-mail address cannot be used.")
    return _("There is no phone number and no e-mail address.")


def email_address(typed: str) -> str | None:
    """The address as it is kept, None when mail cannot be sent to it."""
    try:
        found = validate_email(typed.strip()[:320], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
    return found if len(found) <= _MAX_EMAIL else None


def masked_email(address: str) -> str:
    """Enough of the address to recognise whose it is, too little to write to it."""
    name, _at, host = address.rpartition("@")
    return f"{name[:2]}•••@{host}"


def tidy_name(name: str | None) -> str | None:
    """The name with single blanks, without signs that nobody sees, at most 255 characters."""
    seen = "".join(sign if sign.isprintable() else " " for sign in name or "")
    return " ".join(seen.split())[:MAX_NAME] or None


def invited_at(who: Reachable) -> ColumnElement[bool]:
    """Referrals that were sent to this number or address."""
    return or_(
        false(),
        *([Referral.referred_phone == who.phone] if who.phone else []),
        *([func.lower(Referral.referred_email) == who.email] if who.email else []),
    )


def invited_where(who: Reachable) -> ColumnElement[bool]:
    """Referrals whose message reached this person where one would reach them now: by mail, where there is an address.

    An address is its mailbox, however it is spelled.
    """
    if not who.email:
        return (Referral.referred_phone == who.phone) & Referral.referred_email.is_(None)
    address = func.lower(Referral.referred_email)
    # The first letter stays whatever is spelled: most rows are told apart by it alone.
    return address.startswith(who.email[0], autoescape=True) & (
        mailbox(Referral.referred_email) == mailbox_of(who.email)
    )


def mailbox(email: Any) -> ColumnElement[str]:
    """As `mailbox_of`, in the database."""
    address = func.lower(email)
    name = func.regexp_replace(func.split_part(address, "@", 1), r"\+.*$", "", type_=Text)
    host = func.split_part(address, "@", 2, type_=Text)
    # Joined by ||, so that somebody without an address is nobody's double.
    return case(
        (host.in_(GOOGLE_HOSTS), func.replace(name, ".", "", type_=Text) + "@gmail.com"),
        else_=name + "@" + host,
    )


def accounts_at(who: Reachable) -> ColumnElement[bool]:
    """Accounts with this number or address."""
    return or_(
        false(),
        *([User.phone == who.phone] if who.phone else []),
        *([func.lower(User.email) == who.email] if who.email else []),
    )


def _mobile(typed: str) -> str | None:
    number = parse_e164(typed.strip())
    return number if number and gets_texts(number) else None


def _first(found: Iterable[str | None]) -> str | None:
    return next((one for one in found if one), None)
