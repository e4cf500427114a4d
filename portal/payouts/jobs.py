"""Paying, and asking again about what Wave has not answered."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.db import transaction
from portal.kernel.jobs import job
from portal.payouts.paying import due_payouts, pay
from portal.payouts.services import PAY_JOB


@job(PAY_JOB, timeout=90)
def pay_one(payout_id: str) -> None:
    """Pay one payout."""
    pay(UUID(payout_id))


@job("payouts.poll", timeout=600)
def poll_payouts() -> dict[str, int]:
    """Ask again about every payout whose outcome is unknown, with the key of its first try (STL-11)."""
    with transaction():
        due = due_payouts()
    for payout_id in due:
        pay(payout_id)
    return {"asked": len(due)}
