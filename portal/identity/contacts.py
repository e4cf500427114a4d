"""Another e-mail address or number for an account (ID-51).

The new one is proved before anything changes. The old one hears of it and may take it back for some days; until
then nobody else can open an account with an address that may come back.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.config.values import TAKE_BACK_DAYS, value_of
from portal.identity.attempts import note_security_event
from portal.identity.codes import CodeCheck, CodeResult, check_code
from portal.identity.events import contact_changed
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    ContactChange,
    ContactKind,
    PasswordResetToken,
    Severity,
    User,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.returning import MAY_SIGN_IN, come_back
from portal.identity.sessions import end_all_sessions, forget_cached
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.visitor import Visitor
from portal.people.completion import refresh_completion


def new_address_of(person: Visitor, token: str) -> str | None:
    """The address that this link of the person's proves; None when it is used, too old or another's."""
    row = _proof(person, token, lock=False)
    return row.target if row else None


def change_email(person: Visitor, token: str, *, by: Actor) -> None:
    """Have the address that the link has proved from now on: once, in time.

    Raises `Conflict` for a link that does not work, or an address that has another account by now.
    """
    row = _proof(person, token, lock=True)
    if row is None:
        raise Conflict(_("This link has been used or is too old. Please ask for a new one."))
    row.used_at = clock.now()
    _change(person, ContactKind.EMAIL, row.target, by)


def change_phone(person: Visitor, token_id: UUID, typed: str, *, by: Actor) -> CodeCheck:
    """Have the number that a right code proves from now on. Raises `Conflict` when it has another account."""
    check = check_code(token_id, "".join(typed.split()))
    if check.result is CodeResult.RIGHT and check.phone is not None:
        db.session.get_one(VerificationToken, token_id).user_id = person.user_id
        _change(person, ContactKind.PHONE, check.phone, by)
    return check


def take_back_works(token: str) -> ContactKind | None:
    """What the link of the old address or number takes back; None when it is used or too old."""
    change = _taken(token, lock=False)
    return change.kind if change else None


def take_back(token: str, *, by: Actor) -> None:
    """Have the old address or number again: once, in time; every session ends, and so do later changes.

    An account whose end was asked for stays: whoever stole the address must not stop this by closing it.
    Raises `Conflict` for a link that does not work, or when another account has it by now.
    """
    change = _taken(token, lock=True)
    if change is None or change.old_value is None:
        raise Conflict(_("This link has been used or is too old."))
    moment = clock.now()
    user = _locked(change.user_id)
    _set(user, change.kind, change.old_value)
    come_back(user, by=by)
    db.session.execute(
        update(ContactChange)
        .where(
            ContactChange.user_id == user.id, ContactChange.kind == change.kind, ContactChange.id >= change.id
        )
        .values(taken_back_at=moment)
    )
    end_all_sessions(user.id)
    _end_links(user.id)
    note_security_event(user.id, f"{change.kind}_taken_back", Severity.CRITICAL, by=by)
    refresh_completion(user.id)


def _change(person: Visitor, kind: ContactKind, new: str, by: Actor) -> None:
    user = _locked(person.user_id)
    old = user.email if kind is ContactKind.EMAIL else user.phone
    if new == old:
        raise Conflict(_("Your account has this already."))
    _set(user, kind, new)
    token = random_token() if old else None
    until = clock.now() + timedelta(days=value_of(TAKE_BACK_DAYS)) if old else None
    hashed = token_hash(token) if token else None
    change = ContactChange(
        id=new_id(),
        user_id=user.id,
        kind=kind,
        old_value=old,
        new_value=new,
        take_back_hash=hashed,
        take_back_until=until,
    )
    db.session.add(change)
    end_all_sessions(user.id, except_id=person.session_id)
    _end_links(user.id)
    note_security_event(user.id, f"{kind}_changed", Severity.WARNING, by=by)
    refresh_completion(user.id)
    db.session.flush()
    forget_cached(user.id)
    contact_changed.send(user, change=change, token=token, by=by)


def _set(user: User, kind: ContactKind, value: str) -> None:
    """The address in the account and as a way in, at once. Raises `Conflict` when another account has it."""
    provider = AuthProvider.EMAIL if kind is ContactKind.EMAIL else AuthProvider.PHONE
    way = select(AuthIdentity).where(AuthIdentity.user_id == user.id, AuthIdentity.provider == provider)
    identity = db.session.scalars(way).one_or_none()
    try:
        with db.session.begin_nested():
            if kind is ContactKind.EMAIL:
                user.email, user.email_verified_at = value, clock.now()
            else:
                user.phone, user.phone_verified_at = value, clock.now()
            if identity is None:
                db.session.add(AuthIdentity(user_id=user.id, provider=provider, provider_uid=value))
            else:
                identity.provider_uid = value
    except IntegrityError as error:
        raise Conflict(_("Another account has this by now.")) from error


def _end_links(user_id: UUID) -> None:
    """New-password links that are on their way to an address work no more."""
    db.session.execute(
        update(PasswordResetToken)
        .where(PasswordResetToken.user_id == user_id, PasswordResetToken.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _proof(person: Visitor, token: str, *, lock: bool) -> VerificationToken | None:
    statement = select(VerificationToken).where(
        VerificationToken.token_hash == token_hash(token),
        VerificationToken.purpose == VerificationPurpose.CHANGE_CONTACT,
        VerificationToken.user_id == person.user_id,
        VerificationToken.used_at.is_(None),
        VerificationToken.expires_at > clock.now(),
    )
    return db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()


def _taken(token: str, *, lock: bool) -> ContactChange | None:
    statement = (
        select(ContactChange)
        .join(User, User.id == ContactChange.user_id)
        .where(
            ContactChange.take_back_hash == token_hash(token),
            ContactChange.taken_back_at.is_(None),
            ContactChange.take_back_until > clock.now(),
            User.status.in_(MAY_SIGN_IN),
        )
    )
    if lock:
        statement = statement.with_for_update(of=ContactChange)
    return db.session.execute(statement).scalar_one_or_none()


def _locked(user_id: UUID) -> User:
    return db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
