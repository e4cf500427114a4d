"""The ledger checks itself on a timer and as a command."""

from __future__ import annotations

from typing import Any

from portal.kernel.db import transaction
from portal.kernel.jobs import job
from portal.ledger.queries import disagreements, totals_by_purpose, trial_balance

SELF_CHECK = "ledger.self_check"


class LedgerOutOfBalance(RuntimeError):
    """The self check found a sum that is not zero or a cached balance that is not its entries."""


@job(SELF_CHECK, timeout=600)
def self_check() -> dict[str, Any]:
    """Prove that every unit sums to zero and every cached balance equals its entries (PAY-04).

    Raises `LedgerOutOfBalance` naming units and accounts, which marks the run as failed for admins to see.
    """
    with transaction():
        by_unit = trial_balance()
        wrong = disagreements()
        lines = [list(map(str, row[:3])) + list(map(int, row[3:])) for row in totals_by_purpose()]
    off = {unit: total for unit, total in by_unit.items() if total}
    if off or wrong:
        accounts = [str(item.account_id) for item in wrong]
        raise LedgerOutOfBalance(f"units {off}, accounts {accounts}")
    return {"units": by_unit, "lines": lines}
