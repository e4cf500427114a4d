"""Another e-mail address or number for an account (ID-51).

The new one is proved before anything changes. The old one hears of it and may take it back for some days; until
then nobody else can open an account with an address that may come back. Whoever goes back to such an address has
proved the same as its link would: what came between, a thief's perhaps, hears that it is over and gets no link.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.config.values import TAKE_BACK_DAYS, value_of
from portal.identity.attempts import note_security_event
from portal.identity.codes import CodeCheck, CodeResult, check_code
from portal.identity.directory import contacts_of
from portal.identity.events import contact_changed, contact_reverted
from portal.identity.holding import held
from portal.identity.loose_ends import end_loose_ends, end_reset_links
from portal.identity.mailed_links import works
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    ContactChange,
    ContactKind,
    Passkey,
    Severity,
    User,
    UserSession,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.returning import come_back
from portal.identity.sessions import end_all_sessions, forget_cached
from portal.identity.taking_back import earliest, goes_back_to, goes_with, taken_by
from portal.identity.undoing import Stretch, Undone, passkeys_in_doubt, undo_ways_in
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.phones import to_mobile
from portal.kernel.visitor import Visitor
from portal.people.calendars import switch_off
from portal.people.completion import refresh_completion


def new_address_of(person: Visitor, token: str) -> str | None:
    """The address that this link of the person's proves; None when it is used, too old or another's."""
    row = _proof(person, token, lock=False)
    return row.target if row else None


def change_email(person: Visitor, token: str, *, by: Actor) -> None:
    """Have the address that the link has proved from now on: once, in time.

    Raises `Conflict` for a link that does not work, or an address that has another account by now.
    """
    held(person.user_id)
    row = _proof(person, token, lock=True)
    if row is None:
        raise Conflict(_("This link has been used or is too old. Please ask for a new one."))
    row.used_at = clock.now()
    _change(person, ContactKind.EMAIL, row.target, by)


def refuse_own_number(user_id: UUID, typed: str) -> None:
    """Raise `Conflict` for the number that the account has: no code is sent for nothing."""
    if to_mobile(typed) == contacts_of(user_id).phone:
        raise Conflict(_("Your account has this already."), field="phone")


def change_phone(person: Visitor, token_id: UUID, typed: str, *, by: Actor) -> CodeCheck:
    """Have the number that a right code proves from now on. Raises `Conflict` when it has another account."""
    check = check_code(token_id, "".join(typed.split()))
    if check.result is CodeResult.RIGHT and check.phone is not None:
        db.session.get_one(VerificationToken, token_id).user_id = person.user_id
        _change(person, ContactKind.PHONE, check.phone, by)
    return check


@dataclass(frozen=True, slots=True)
class TakeBack:
    """What the link of the old address or number takes back, and the passkeys that may stay if they are the holder's."""

    kind: ContactKind
    in_doubt: Sequence[Passkey]


def take_back_works(token: str) -> TakeBack | None:
    """What this link can do; None when it is used or too old."""
    change = taken_by(token, lock=False)
    if change is None:
        return None
    with_it = db.session.scalars(goes_with(change)).all()
    return TakeBack(change.kind, passkeys_in_doubt(change.user_id, _stretch(change, with_it)))


def take_back(token: str, *, keeps: Collection[UUID] = (), by: Actor) -> User:
    """Have the old address or number again: once, in time; every session ends, and an account that was to end stays.

    One that staff have closed stays closed: nobody comes in, and it is its holder's when they open it.

    Everything goes that could let somebody else in again, but for passkeys in doubt that the holder `keeps`
    (`undoing.py`): later changes, the other address or number, passkeys, providers, an app.
    Raises `Conflict` for a link that does not work, or when another account has the old one by now.
    """
    # The account first, as everywhere: two links of one person must not wait for each other.
    found = taken_by(token, lock=False)
    user = held(found.user_id) if found else None
    change = taken_by(token, lock=True)
    if user is None or change is None or change.old_value is None:
        raise Conflict(_("This link has been used or is too old."))
    before = {ContactKind.EMAIL: user.email, ContactKind.PHONE: user.phone}
    _set(user, change.kind, change.old_value)
    changes = db.session.scalars(goes_with(change).with_for_update()).all()
    stretch = _stretch(change, changes)
    undone: list[Undone] = [*_undo_changes(user, change, changes), *undo_ways_in(user, stretch, keeps)]
    # Not before: what is told of it must not reach the address that loses.
    come_back(user, by=by)
    end_all_sessions(user.id)
    end_loose_ends(user.id)
    switch_off(user.id, by=by)
    db.session.flush()
    now = {ContactKind.EMAIL: user.email, ContactKind.PHONE: user.phone}
    lost = {kind: value for kind, value in before.items() if value is not None and value != now[kind]}
    _tell_of_taking_back(user, change, undone, lost, by=by)
    return user


def _stretch(change: ContactChange, changes: Sequence[ContactChange]) -> Stretch:
    since = earliest(change)
    return Stretch(since, min(one.session_began_at or since for one in changes))


def _undo_changes(user: User, change: ContactChange, undone: Sequence[ContactChange]) -> list[Undone]:
    """Mark these as taken back, and have the other kind as it was before them."""
    for one in undone:
        one.taken_back_at = clock.now()
    other = next((one for one in undone if one.kind is not change.kind), None)
    if other is not None:
        _put_back(user, other)
    return [Undone(kind) for kind in dict.fromkeys(one.kind for one in undone)]


def _put_back(user: User, change: ContactChange) -> None:
    """The old one of a change again; none where there was none, or where another account has it by now.

    Nobody has followed a link of its own, so it is as proved as it was.
    """
    _remove(user, change.kind)
    if change.old_value is not None:
        with suppress(Conflict):
            _set(user, change.kind, change.old_value, is_proved=change.old_is_proved)


def _tell_of_taking_back(
    user: User, change: ContactChange, undone: list[Undone], lost: dict[ContactKind, str], *, by: Actor
) -> None:
    note_security_event(
        user.id,
        f"{change.kind}_taken_back",
        Severity.CRITICAL,
        by=by,
        details={"undone": " ".join(undone)},
    )
    record("contact_change_reversed", (User.__tablename__, user.id), by=by, details={"undone": [*undone]})
    refresh_completion(user.id)
    contact_reverted.send(user, change=change, lost=lost, by=by)


def _change(person: Visitor, kind: ContactKind, new: str, by: Actor) -> None:
    user = held(person.user_id)
    is_email = kind is ContactKind.EMAIL
    old = user.email if is_email else user.phone
    proved_at = user.email_verified_at if is_email else user.phone_verified_at
    if new == old:
        raise Conflict(_("Your account has this already."))
    _set(user, kind, new)
    goes_back = goes_back_to(user.id, kind, new)
    token = random_token() if old else None
    days = timedelta(days=0 if goes_back else value_of(TAKE_BACK_DAYS))
    until = clock.now() + days if old else None
    hashed = token_hash(token) if token else None
    change = ContactChange(
        id=new_id(),
        user_id=user.id,
        kind=kind,
        old_value=old,
        old_is_proved=old is not None and proved_at is not None,
        new_value=new,
        take_back_hash=hashed,
        take_back_until=until,
        session_began_at=_began(person),
    )
    db.session.add(change)
    end_all_sessions(user.id, except_id=person.session_id)
    end_reset_links(user.id)
    note_security_event(user.id, f"{kind}_changed", Severity.WARNING, by=by)
    refresh_completion(user.id)
    db.session.flush()
    forget_cached(user.id)
    contact_changed.send(user, change=change, token=None if goes_back else token, by=by)


def _began(person: Visitor) -> datetime | None:
    return db.session.scalar(select(UserSession.created_at).where(UserSession.id == person.session_id))


def _set(user: User, kind: ContactKind, value: str, *, is_proved: bool = True) -> None:
    """The address in the account and as a way in, at once. Raises `Conflict` when another account has it."""
    proved_at = clock.now() if is_proved else None
    provider = AuthProvider.EMAIL if kind is ContactKind.EMAIL else AuthProvider.PHONE
    way = select(AuthIdentity).where(AuthIdentity.user_id == user.id, AuthIdentity.provider == provider)
    identity = db.session.scalars(way).one_or_none()
    try:
        with db.session.begin_nested():
            if kind is ContactKind.EMAIL:
                user.email, user.email_verified_at = value, proved_at
            else:
                user.phone, user.phone_verified_at = value, proved_at
            if identity is None:
                db.session.add(AuthIdentity(user_id=user.id, provider=provider, provider_uid=value))
            else:
                identity.provider_uid = value
    except IntegrityError as error:
        raise Conflict(_("Another account has this by now.")) from error


def _remove(user: User, kind: ContactKind) -> None:
    """The address is neither in the account nor a way in any more."""
    provider = AuthProvider.EMAIL if kind is ContactKind.EMAIL else AuthProvider.PHONE
    if kind is ContactKind.EMAIL:
        user.email = user.email_verified_at = None
    else:
        user.phone = user.phone_verified_at = None
    db.session.execute(
        delete(AuthIdentity).where(AuthIdentity.user_id == user.id, AuthIdentity.provider == provider)
    )


def _proof(person: Visitor, token: str, *, lock: bool) -> VerificationToken | None:
    statement = select(VerificationToken).where(
        works(token, VerificationPurpose.CHANGE_CONTACT), VerificationToken.user_id == person.user_id
    )
    return db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
