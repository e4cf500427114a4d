"""The way out of a lock: a link by mail that opens it once, for the person who reads that mail (ID-54)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from portal.config.values import UNLOCK_HOURS
from portal.identity.attempts import Reason, note_attempt, note_security_event, one_at_a_time, start_afresh
from portal.identity.events import account_locked
from portal.identity.mailed_links import link_and_holder, make_link
from portal.identity.models import (
    LoginAttempt,
    Severity,
    User,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.returning import MAY_SIGN_IN, come_back
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _


def tell_of_lock(attempt_id: UUID, until: datetime) -> str | None:
    """Tell the holder that this try has locked the account, and send the link that opens it; gives its token.

    Nobody is told where the address has no account, and nobody twice.
    """
    attempt = db.session.get(LoginAttempt, attempt_id, with_for_update=True)
    if (
        attempt is None
        or attempt.user_id is None
        or db.session.get(VerificationToken, attempt_id) is not None
    ):
        return None
    by = Actor(ip=str(attempt.ip_address) if attempt.ip_address else None, user_agent=attempt.user_agent)
    row, token = make_link(
        VerificationPurpose.UNLOCK,
        attempt.identifier,
        UNLOCK_HOURS,
        user_id=attempt.user_id,
        row_id=attempt_id,
    )
    note_security_event(attempt.user_id, "account_locked", Severity.WARNING, by=by)
    user = db.session.get_one(User, attempt.user_id)
    account_locked.send(user, until=until, token_row=row, token=token, by=by)
    return token


def unlock_works(token: str) -> bool:
    """Whether the link still opens a lock."""
    return _row(token, lock=False) is not None


def unlock_with_link(token: str, *, by: Actor) -> None:
    """Open the lock: once, in time; somebody who was leaving stays. Raises `Conflict` for a link that works no more."""
    known = _row(token, lock=False)
    if known is not None:
        one_at_a_time(known[0].target)
    found = _row(token, lock=True) if known else None
    if found is None:
        raise Conflict(_("This link has been used or is too old."))
    row, user = found
    row.used_at = clock.now()
    note_attempt(row.target, Reason.REOPENED, user_id=user.id, by=by)
    start_afresh(user.id)
    come_back(user, by=by)
    note_security_event(user.id, "account_unlocked_by_link", Severity.INFO, by=by)


def _row(token: str, *, lock: bool) -> tuple[VerificationToken, User] | None:
    return link_and_holder(token, VerificationPurpose.UNLOCK, MAY_SIGN_IN, lock=lock)
