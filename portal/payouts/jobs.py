"""Paying, and asking again about what Wave has not answered. Both may run twice, late, or at once."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.jobs import job
from portal.payouts import paying
from portal.payouts.services import PAY_JOB


@job(PAY_JOB, timeout=90)
def pay_one(payout_id: str) -> None:
    """Pay one payout."""
    paying.pay(UUID(payout_id))


@job("payouts.poll", timeout=240)
def poll_payouts() -> dict[str, int]:
    """Ask again about every payout whose outcome is unknown, with the key of its attempt."""
    return paying.pay_due()
