"""What identity does after the answer has left."""

from __future__ import annotations

from portal.identity.recovery import RESET_JOB, send_password_reset
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.jobs import job


@job(RESET_JOB)
def send_reset(email: str) -> None:
    """Send a new-password link if the address has an account; run twice it sends a second link."""
    with transaction():
        send_password_reset(email, by=SYSTEM)
