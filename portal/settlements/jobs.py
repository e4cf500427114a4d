"""Closing periods that are over."""

from __future__ import annotations

import structlog

from portal.kernel.db import in_transaction, transaction
from portal.kernel.jobs import job
from portal.settlements.computing import SettlementDisagrees, due_periods, settle_period

log = structlog.get_logger(__name__)


@job("settlements.compute", timeout=900)
def compute_settlements() -> dict[str, int]:
    """Settle every period that is over, each partner in a transaction of its own (STL-07).

    One partner whose books disagree stops nobody else, but fails the run, so that admins see it.
    """
    with transaction():
        due = due_periods()
    made, wrong = 0, []
    for partner_id, period_end in due:
        try:
            settlement = in_transaction(lambda who=partner_id, end=period_end: settle_period(who, end))
        except SettlementDisagrees as error:
            log.error("settlement_disagrees", partner_id=str(partner_id), detail=str(error))
            wrong.append(str(partner_id))
        else:
            made += settlement is not None
    if wrong:
        raise SettlementDisagrees(f"partners {', '.join(wrong)}")
    return {"due": len(due), "made": made}
