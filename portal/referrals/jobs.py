"""Expiring invitations and maturing points."""

from __future__ import annotations

from functools import partial

from portal.kernel.db import in_transaction, transaction
from portal.kernel.jobs import job
from portal.referrals.answering import expire_due
from portal.referrals.points import due_awards, mature


@job("referrals.expire", timeout=300)
def expire_invitations() -> dict[str, int]:
    """Turn invitations past their seven days into expired (REF-07)."""
    expired = 0
    while True:
        done = in_transaction(expire_due)
        expired += done
        if not done:
            return {"expired": expired}


@job("referrals.mature", timeout=600)
def mature_points() -> dict[str, int]:
    """Make points usable whose time has come, each award in a transaction of its own (G-02)."""
    matured = 0
    while True:
        with transaction():
            due = due_awards()
        if not due:
            return {"matured": matured}
        for award_id in due:
            matured += in_transaction(partial(mature, award_id))
