"""What identity does after the answer has left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from portal.identity.admin_sessions import close_timed_out
from portal.identity.attempts import LOCKED_JOB
from portal.identity.mail_first import LINK_JOB, send_link
from portal.identity.models import PasskeyChallenge, PendingSignIn
from portal.identity.recovery import RESET_JOB, issue_password_reset
from portal.identity.unlocking import tell_of_lock
from portal.identity.wrong_codes import GUARDED_JOB, tell_of_guarded
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.jobs import job


@job(RESET_JOB)
def send_reset(user_id: str | None, reset_id: str) -> None:
    """Send a new-password link, once; nobody's account gets none."""
    if user_id is None:
        return
    with transaction():
        issue_password_reset(UUID(user_id), reset_id=UUID(reset_id), by=SYSTEM)


@job(LOCKED_JOB)
def tell_of_locked_account(attempt_id: str, until: str) -> None:
    """Tell the holder of a locked account, once; nobody's account is told to nobody."""
    with transaction():
        tell_of_lock(UUID(attempt_id), datetime.fromisoformat(until))


@job(GUARDED_JOB)
def tell_of_guarded_codes(token_id: str) -> None:
    """Tell the holder of a number for which many wrong codes were typed, once a day."""
    with transaction():
        tell_of_guarded(UUID(token_id))


@job(LINK_JOB)
def send_address_link(token_id: str, locale: str, brought: dict[str, str]) -> None:
    """Write to an address that somebody wants to have an account with, once."""
    with transaction():
        send_link(UUID(token_id), locale=locale, brought=brought, by=SYSTEM)


@job("identity.clear_unfinished")
def clear_unfinished() -> None:
    """Delete sign-ins that never took their second step, and what no passkey can sign any more."""
    for kind in (PendingSignIn, PasskeyChallenge):
        with transaction():
            db.session.execute(delete(kind).where(kind.expires_at <= clock.now()))


@job("identity.close_staff_work")
def close_staff_work() -> None:
    """Write down which staff work has ended by time; the doors have refused it since."""
    with transaction():
        close_timed_out()
