"""How many invitations a sponsor may send on a platform day (R-32, R-35; REF-34 to REF-43)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from portal.config.values import INVITATIONS_PER_DAY, value_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import TooMany
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.referrals.models import SponsorDailyLimit


def day_row(sponsor_id: UUID) -> SponsorDailyLimit:
    """The sponsor's counter of today; a new day begins at zero and remembers where the list stands."""
    today = clock.today()
    row = _row(sponsor_id)
    if row is not None:
        return row
    before = db.session.execute(
        select(SponsorDailyLimit)
        .where(SponsorDailyLimit.sponsor_user_id == sponsor_id)
        .order_by(SponsorDailyLimit.limit_date.desc())
        .limit(1)
    ).scalar_one_or_none()
    yesterday = before is not None and before.limit_date == today - timedelta(days=1)
    moment = clock.now()
    db.session.execute(
        insert(SponsorDailyLimit)
        .values(
            id=new_id(),
            sponsor_user_id=sponsor_id,
            limit_date=today,
            max_invitations_per_day=value_of(INVITATIONS_PER_DAY),
            last_reset_at=clock.start_of_day(today),
            next_reset_at=clock.start_of_day(today + timedelta(days=1)),
            current_batch_start=before.current_batch_start if before else 0,
            consecutive_active_days=before.consecutive_active_days if before and yesterday else 0,
            total_lifetime_invitations=before.total_lifetime_invitations if before else 0,
            created_at=moment,
            updated_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["sponsor_user_id", "limit_date"])
    )
    row = _row(sponsor_id)
    assert row is not None
    return row


def take_place(sponsor_id: UUID) -> tuple[UUID, int]:
    """Count one invitation: the day's row and the invitation's order in it, from 1.

    The count and its bound are one statement, so invitations at the same moment cannot pass it (REF-36).
    Raises `TooMany`, saying when it will work again; nothing is counted then.
    """
    row = day_row(sponsor_id)
    first_today = SponsorDailyLimit.invitations_sent_today == 0
    order = db.session.execute(
        update(SponsorDailyLimit)
        .where(
            SponsorDailyLimit.id == row.id,
            SponsorDailyLimit.invitations_sent_today < SponsorDailyLimit.max_invitations_per_day,
        )
        .values(
            invitations_sent_today=SponsorDailyLimit.invitations_sent_today + 1,
            total_lifetime_invitations=SponsorDailyLimit.total_lifetime_invitations + 1,
            consecutive_active_days=SponsorDailyLimit.consecutive_active_days
            + first_today.cast(SponsorDailyLimit.consecutive_active_days.type),
            updated_at=clock.now(),
        )
        .returning(SponsorDailyLimit.invitations_sent_today)
        .execution_options(synchronize_session=False)
    ).scalar()
    if order is None:
        raise TooMany(
            _(
                "You have sent your %(limit)s invitations of today. You can go on tomorrow at 00:00.",
                limit=row.max_invitations_per_day,
            ),
            retry_after=max(1, int((row.next_reset_at - clock.now()).total_seconds())),
        )
    return row.id, order


def _row(sponsor_id: UUID) -> SponsorDailyLimit | None:
    return db.session.execute(
        select(SponsorDailyLimit)
        .where(
            SponsorDailyLimit.sponsor_user_id == sponsor_id,
            SponsorDailyLimit.limit_date == clock.today(),
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
