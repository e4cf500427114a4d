"""Writing to those who are invited into a team, and ending what nobody answered."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction
from portal.kernel.jobs import job
from portal.teams.expiring import expire_due
from portal.teams.inviting import SEND_JOB
from portal.teams.sending import send


@job(SEND_JOB)
def send_invitation(invitation_id: str, time: int) -> None:
    """Write to whoever is invited, whether or not they have an account."""
    in_transaction(partial(send, UUID(invitation_id), time, by=SYSTEM))


@job("teams.expire")
def expire_invitations() -> dict[str, int]:
    """Turn invitations past their days into expired."""
    expired = 0
    while done := in_transaction(expire_due):
        expired += done
    return {"expired": expired}
