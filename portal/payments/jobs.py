"""Payments in the background. Every job finds in the rows what is left to do, so it may run twice or late."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.kernel.jobs import job
from portal.payments import matching, methods, polling, refunding, wallet, webhooks
from portal.payments.refunds import REFUND_JOB

_A_WEEK = 7


@job(webhooks.PROCESS_JOB, timeout=120)
def process_event(event_id: str) -> None:
    """Understand one message of the provider."""
    webhooks.process_event(UUID(event_id))


@job("payments.poll_open", timeout=240)
def poll_open() -> dict[str, int]:
    """Look at open payments that are due."""
    return polling.poll_open()


@job(wallet.COMPARE_JOB, timeout=900)
def compare_wallet() -> dict[str, Any]:
    """Compare yesterday and today with the provider's list, and its wallet with the books."""
    return wallet.compare_wallet()


@job("payments.match_week", timeout=1800)
def match_week() -> dict[str, int]:
    """Compare the last seven days, so that a portal that was away for days misses nothing."""
    return matching.match_transactions(days=_A_WEEK)


@job(REFUND_JOB, timeout=120)
def refund(refund_id: str) -> None:
    """Ask the provider to give money back."""
    refunding.refund(UUID(refund_id))


@job("payments.ask_refunds", timeout=240)
def ask_refunds() -> dict[str, int]:
    """Ask again about refunds whose outcome is still open."""
    return refunding.ask_open()


@job(methods.VERIFY_JOB, timeout=120)
def verify_destination(method_id: str) -> None:
    """Ask the provider who a saved number belongs to."""
    methods.verify_destination(UUID(method_id))
