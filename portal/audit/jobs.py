"""The trail is sealed and proved on a timer."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select

from portal.audit.chain import GENESIS, Break, Head, seal, verify
from portal.audit.months import make_months
from portal.kernel.db import db, transaction
from portal.kernel.jobs import job
from portal.kernel.models import JobRun, JobRunStatus

VERIFY = "audit.verify"

log = structlog.get_logger(__name__)


class TrailBroken(RuntimeError):
    """A row of the trail was changed, deleted or inserted."""


@job("audit.seal", timeout=300)
def seal_trail() -> dict[str, int]:
    """Seal every row that has been committed."""
    rows = 0
    while sealed := seal():
        rows += sealed
    return {"rows": rows}


@job("audit.make_months", timeout=300)
def make_months_of_trail() -> dict[str, int]:
    """Make the months of the trail that are missing, some time ahead (PRV-10)."""
    return {"months": make_months()}


@job(VERIFY, timeout=1800)
def verify_trail() -> dict[str, Any]:
    """Prove that nothing of the trail was changed, deleted or inserted since it was written (ADM-15).

    Raises `TrailBroken` naming the first row, which marks the run as failed and alerts admins.
    """
    found = verify(last_proof())
    if isinstance(found, Break):
        raise TrailBroken(str(found))
    log.info("trail_verified", position=found.position, hash=found.hash)
    return {"rows": found.position, "hash": found.hash}


def last_proof() -> Head | None:
    """The head that the newest successful proof has seen."""
    newest = (
        select(JobRun.counts)
        .where(JobRun.job_name == VERIFY, JobRun.status == JobRunStatus.SUCCEEDED)
        .order_by(JobRun.started_at.desc())
        .limit(1)
    )
    with transaction():
        counts = db.session.scalar(newest)
    return Head(counts.get("rows", 0), counts.get("hash", GENESIS)) if counts else None
