"""How many invitations a sponsor may send on a platform day (R-32, R-35; REF-34 to REF-43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from portal.audit.services import record
from portal.config.values import INVITATIONS_PER_DAY, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput, TooMany
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.referrals.models import SelectionMethod, SponsorDailyLimit

MOST_PER_DAY = 500


@dataclass(frozen=True, slots=True)
class Places:
    """How many invitations are left today, and when the count begins anew (REF-43).

    `batch_start` is where the list's next batch begins; `prefers_single` how the sponsor chose last time.
    """

    sent: int
    limit: int
    resets_at: datetime
    lifetime: int = 0
    active_days: int = 0
    batch_start: int = 0
    prefers_single: bool = False

    @property
    def left(self) -> int:
        """Invitations that can still be sent today."""
        return max(self.limit - self.sent, 0)


def places_today(sponsor_id: UUID) -> Places:
    """Today's count, read without making a row."""
    latest, today = _latest(sponsor_id), clock.today()
    if latest is None:
        return Places(0, value_of(INVITATIONS_PER_DAY), clock.start_of_tomorrow())
    is_today = latest.limit_date == today
    return Places(
        sent=latest.invitations_sent_today if is_today else 0,
        limit=latest.max_invitations_per_day if is_today else value_of(INVITATIONS_PER_DAY),
        resets_at=clock.start_of_tomorrow(),
        lifetime=latest.total_lifetime_invitations,
        active_days=latest.consecutive_active_days if is_today else _streak(latest, today),
        batch_start=latest.current_batch_start,
        prefers_single=latest.preferred_selection_method is SelectionMethod.INDIVIDUAL,
    )


def day_row(sponsor_id: UUID, *, lock: bool = False) -> SponsorDailyLimit:
    """The sponsor's counter of today; a new day begins at zero and remembers where the list stands (R-35)."""
    row = _of_today(sponsor_id, lock)
    if row is None:
        _begin_day(sponsor_id)
        row = _of_today(sponsor_id, lock)
    assert row is not None
    return row


def take_place(sponsor_id: UUID) -> tuple[UUID, int]:
    """Count one invitation: the day's row and the invitation's order in it, from 1.

    The count and its bound are one statement, so invitations at the same moment cannot pass it (REF-36).
    Raises `TooMany`, saying when it will work again; nothing is counted then.
    """
    row = day_row(sponsor_id)
    is_first = SponsorDailyLimit.invitations_sent_today == 0
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
            + is_first.cast(SponsorDailyLimit.consecutive_active_days.type),
            updated_at=clock.now(),
        )
        .returning(SponsorDailyLimit.invitations_sent_today)
        .execution_options(synchronize_session=False)
    ).scalar()
    if order is None:
        raise used_up(row)
    return row.id, order


def used_up(row: SponsorDailyLimit) -> TooMany:
    """Why nothing more goes out today, and when it will again."""
    return TooMany(
        _(
            "You have sent your %(limit)s invitations of today. You can go on tomorrow at 00:00.",
            limit=row.max_invitations_per_day,
        ),
        retry_after=max(1, int((row.next_reset_at - clock.now()).total_seconds())),
    )


def change_limit(sponsor_id: UUID, maximum: int, reason: str, *, by: Actor) -> None:
    """Allow a sponsor more or fewer invitations today (REF-34).

    Raises `InvalidInput` outside 1 to 500, or below what was sent today already.
    """
    row = day_row(sponsor_id, lock=True)
    if not max(1, row.invitations_sent_today) <= maximum <= MOST_PER_DAY:
        message = _(
            "Please enter a whole number from %(low)s to %(high)s.",
            low=max(1, row.invitations_sent_today),
            high=MOST_PER_DAY,
        )
        raise InvalidInput(message, field="maximum")
    before, row.max_invitations_per_day = row.max_invitations_per_day, maximum
    record(
        "daily_limit_changed",
        ("sponsor_daily_limits", row.id),
        by=by,
        old={"max_invitations_per_day": before},
        new={"max_invitations_per_day": maximum},
        reason=reason,
    )


def _begin_day(sponsor_id: UUID) -> None:
    """Today's row, unless somebody makes it at this moment."""
    today, moment = clock.today(), clock.now()
    before = _latest(sponsor_id)
    db.session.execute(
        insert(SponsorDailyLimit)
        .values(
            id=new_id(),
            sponsor_user_id=sponsor_id,
            limit_date=today,
            max_invitations_per_day=value_of(INVITATIONS_PER_DAY),
            last_reset_at=clock.start_of_day(today),
            next_reset_at=clock.start_of_tomorrow(),
            current_batch_start=before.current_batch_start if before else 0,
            preferred_selection_method=(
                before.preferred_selection_method if before else SelectionMethod.BATCH
            ),
            consecutive_active_days=_streak(before, today),
            total_lifetime_invitations=before.total_lifetime_invitations if before else 0,
            created_at=moment,
            updated_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["sponsor_user_id", "limit_date"])
    )


def _streak(before: SponsorDailyLimit | None, today: date) -> int:
    """Days in a row up to yesterday on which the sponsor invited somebody (REF-41)."""
    if before is None or before.limit_date != today - timedelta(days=1) or not before.invitations_sent_today:
        return 0
    return before.consecutive_active_days


def _latest(sponsor_id: UUID) -> SponsorDailyLimit | None:
    return db.session.execute(
        select(SponsorDailyLimit)
        .where(SponsorDailyLimit.sponsor_user_id == sponsor_id)
        .order_by(SponsorDailyLimit.limit_date.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _of_today(sponsor_id: UUID, lock: bool) -> SponsorDailyLimit | None:
    statement = select(SponsorDailyLimit).where(
        SponsorDailyLimit.sponsor_user_id == sponsor_id, SponsorDailyLimit.limit_date == clock.today()
    )
    if lock:
        statement = statement.with_for_update()
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
