"""Ending codes whose time is over, and telling owners."""

from __future__ import annotations

from functools import partial

from portal.kernel.db import in_transaction, transaction
from portal.kernel.jobs import job
from portal.redemptions.issuing import due_codes, expire_code
from portal.redemptions.telling import announce_redeemed, remind_of_end


@job("redemptions.expire", timeout=600)
def expire_codes() -> dict[str, int]:
    """End every code past its last day, each in a transaction of its own (QR-11)."""
    expired = 0
    while True:
        with transaction():
            due = due_codes()
        if not due:
            return {"expired": expired}
        for code_id in due:
            expired += in_transaction(partial(expire_code, code_id))


@job("redemptions.announce", timeout=300)
def announce() -> dict[str, int]:
    """Tell owners that their code was used."""
    told = 0
    while done := in_transaction(announce_redeemed):
        told += done
    return {"told": told}


@job("redemptions.remind", timeout=300)
def remind() -> dict[str, int]:
    """Remind owners a week before their code ends."""
    reminded = 0
    while done := in_transaction(remind_of_end):
        reminded += done
    return {"reminded": reminded}
