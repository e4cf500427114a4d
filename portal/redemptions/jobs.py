"""Ending codes whose time is over, and telling owners."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog

from portal.kernel.db import in_transaction
from portal.kernel.jobs import job
from portal.redemptions.issuing import due_codes, expire_code
from portal.redemptions.telling import announce_redeemed, mark_announced, remind_of_end

log = structlog.get_logger(__name__)


@job("redemptions.expire", timeout=600)
def expire_codes() -> dict[str, int]:
    """End every code past its last day, each in a transaction of its own (QR-11).

    A code that cannot be ended is logged and tried again by the next run; it does not hold up the others.
    """
    counts = {"expired": 0, "failed": 0}
    last: UUID | None = None
    while due := in_transaction(partial(due_codes, last)):
        for code_id in due:
            try:
                counts["expired"] += in_transaction(partial(expire_code, code_id))
            except Exception:
                counts["failed"] += 1
                log.exception("code_not_expired", code_id=str(code_id))
        last = due[-1]
    return counts


@job("redemptions.announce", timeout=300)
def announce() -> dict[str, int]:
    """Tell owners that their code was used."""
    told = 0
    while codes := in_transaction(announce_redeemed):
        marked = in_transaction(partial(mark_announced, codes))
        if not marked:
            break
        told += marked
    return {"told": told}


@job("redemptions.remind", timeout=300)
def remind() -> dict[str, int]:
    """Remind owners a week before their code ends."""
    reminded = 0
    while done := in_transaction(remind_of_end):
        reminded += done
    return {"reminded": reminded}
