"""Closing periods that are over, and writing their papers."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog

from portal.kernel.db import in_transaction, transaction
from portal.kernel.jobs import job
from portal.settlements import papers, telling
from portal.settlements.computing import settle_period
from portal.settlements.due import due_periods

log = structlog.get_logger(__name__)


class SettlementsBlocked(RuntimeError):
    """Some partners' periods could not be settled; all others were."""


@job("settlements.compute", timeout=900)
def compute_settlements() -> dict[str, int]:
    """Settle every period that is over, each partner in a transaction of its own (STL-07).

    One partner whose books disagree, or whose settlement fails otherwise, stops nobody else, but fails the
    run and is told to admins.
    """
    with transaction():
        due = due_periods()
    made = 0
    wrong: set[UUID] = set()
    for partner_id, period_end in due:
        if partner_id in wrong:
            # The next period builds on this one.
            continue
        try:
            made += in_transaction(partial(settle_period, partner_id, period_end)) is not None
        except Exception as error:
            log.exception("settlement_blocked", partner_id=str(partner_id), period_end=str(period_end))
            wrong.add(partner_id)
            in_transaction(partial(telling.settlement_blocked, partner_id, period_end, str(error)))
    if wrong:
        raise SettlementsBlocked(f"partners {', '.join(sorted(map(str, wrong)))}")
    return {"due": len(due), "made": made}


@job(papers.FILE_JOB, timeout=120)
def file_paper(settlement_id: str, paper: str) -> None:
    """Write one paper of a settlement."""
    with transaction():
        papers.file_paper(UUID(settlement_id), papers.Paper(paper))
