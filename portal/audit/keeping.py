"""How old months of the trail leave (PRV-10): whole, from its beginning, and so that what is left still proves itself.

1. Rows are kept for the years that the operator says, never fewer than five.
2. What proves money is written into a sealed archive, which is kept for as long as money is (PRV-08, PRV-13).
3. The database's own function removes the rows: it alone may, and it refuses every month that is not of age. It notes
   position and hash of the last row that went, with which the chain begins since.
4. A row of the trail tells of it, and is sealed like every other: a beginning that nobody told of is a break.

All in one transaction; only the bytes of the archive are written before it, and swept if it does not end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Date, Uuid, cast, func, literal, or_, select

from portal.audit.archives import write_archive
from portal.audit.models import AuditCut, AuditLog
from portal.audit.services import record
from portal.config.privacy_values import KEEP_AUDIT
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id

REMOVED = "old_trail_removed"


def old_rows() -> int:
    """The dry run: how many rows would go now, in one statement."""
    kept = timedelta(days=value_of(KEEP_AUDIT))
    present = func.least(literal(clock.now()), func.now())
    start = func.timezone("UTC", func.date_trunc("month", func.timezone("UTC", present - kept)))
    sealed = AuditLog.position.is_not(None)
    stays = select(func.min(AuditLog.position)).where(sealed, AuditLog.occurred_at >= start)
    goes = or_(stays.scalar_subquery().is_(None), AuditLog.position < stays.scalar_subquery())
    return db.session.execute(
        select(func.count()).select_from(AuditLog).where(sealed, AuditLog.occurred_at < start, goes)
    ).scalar_one()


def remove_old_trail() -> int:
    """Archive and remove the months that are of age; how many rows went. Safe at any time. Commits."""
    with transaction() as session:
        before = _come_of_age()
        last = _last_old(before)
        if last is None:
            return 0
        archive = write_archive(last, before)
        cut_id = new_id()
        removed: int = session.execute(
            select(func.remove_old_trail(cast(cut_id, Uuid), cast(before, Date)))
        ).scalar_one()
        cut = session.get_one(AuditCut, cut_id)
        record(
            REMOVED,
            (AuditCut.__tablename__, cut_id),
            by=SYSTEM,
            details={
                "last_position": cut.last_position,
                "last_hash": cut.last_hash,
                "rows": removed,
                "archive_id": str(archive) if archive else None,
            },
        )
    return removed


def _come_of_age() -> date:
    """The first day of the month from which on everything stays, by the portal's clock and by the database's."""
    kept = timedelta(days=value_of(KEEP_AUDIT))
    present: datetime = db.session.execute(select(func.now())).scalar_one()
    return (min(clock.now(), present) - kept).astimezone(UTC).date().replace(day=1)


def _last_old(before: date) -> int | None:
    """The position up to which every row is older: what was sealed out of turn waits for its neighbours."""
    limit = _start(before)
    sealed = AuditLog.position.is_not(None)
    stays = db.session.scalar(
        select(func.min(AuditLog.position)).where(sealed, AuditLog.occurred_at >= limit)
    )
    last = select(func.max(AuditLog.position)).where(sealed, AuditLog.occurred_at < limit)
    found: int | None = db.session.scalar(last if stays is None else last.where(AuditLog.position < stays))
    return found


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
