"""What identity does after the answer has left."""

from __future__ import annotations

from uuid import UUID

from portal.identity.admin_sessions import close_timed_out
from portal.identity.recovery import RESET_JOB, issue_password_reset
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.jobs import job


@job(RESET_JOB)
def send_reset(user_id: str | None, reset_id: str) -> None:
    """Send a new-password link, once; nobody's account gets none."""
    if user_id is None:
        return
    with transaction():
        issue_password_reset(UUID(user_id), reset_id=UUID(reset_id), by=SYSTEM)


@job("identity.close_staff_work")
def close_staff_work() -> None:
    """Write down which staff work has ended by time; the doors have refused it since."""
    with transaction():
        close_timed_out()
