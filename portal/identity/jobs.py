"""What identity does after the answer has left."""

from __future__ import annotations

from uuid import UUID

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
