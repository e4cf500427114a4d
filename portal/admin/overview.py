"""The first page of an operator: what there is, what came in today, what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Select, func, select

from portal.admin.books import last_self_check
from portal.admin.health import newest_results
from portal.config.models import HealthStatus
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.jobs import queue
from portal.kernel.kept import kept
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from portal.ledger.models import Account, OwnerType, Purpose
from portal.notifications.models import NotificationDelivery
from portal.notifications.unproved import waiting_for_room
from portal.pots.models import Donation, DonationStatus, Pot, PotStatus

# A gift is confirmed minutes after it begins; an index leads to the beginning.
_CONFIRMED_WITHIN = timedelta(days=7)
_POTS_KEPT = timedelta(minutes=1)
_MONEY = "money"


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the tiles show; money in XOF minor units."""

    pots: dict[PotStatus, int]
    in_pots_minor: int
    pots_counted_at: datetime
    gifts_today: int
    given_today_minor: int
    gifts_held: int
    failed_follow_ups: int
    dead_deliveries: int
    texts_put_off: int
    alerts: int
    last_self_check: JobRun | None
    queue_length: int | None

    @property
    def ledger_is_proved(self) -> bool:
        """Whether the newest self check found everything in balance."""
        return self.last_self_check is not None and self.last_self_check.status is JobRunStatus.SUCCEEDED


def overview() -> Overview:
    """The tiles, in five statements; what is counted over all pots may be a minute old."""
    pots, counted_at = kept("pots", _POTS_KEPT, _count_pots)
    counted = db.session.execute(_counts(clock.start_of_day(clock.today()))).one()
    results = newest_results()
    return Overview(
        pots={status: pots.get(status, 0) for status in PotStatus},
        in_pots_minor=pots[_MONEY],
        pots_counted_at=counted_at,
        gifts_today=counted.gifts,
        given_today_minor=int(counted.given),
        gifts_held=counted.held,
        failed_follow_ups=counted.failed,
        dead_deliveries=counted.dead,
        texts_put_off=counted.texts_put_off,
        alerts=sum(1 for result in results if result.status is not HealthStatus.HEALTHY),
        last_self_check=last_self_check(),
        queue_length=queue_length(),
    )


def queue_length() -> int | None:
    """Jobs that wait for a worker; None when Valkey cannot be reached."""
    try:
        return int(queue().count)
    except RedisError:
        return None


def _count_pots() -> dict[str, int]:
    """How many pots there are in each state, and the money in all of them: this reads every pot."""
    numbers = db.session.execute(select(Pot.status, func.count()).group_by(Pot.status)).all()
    money = select(func.coalesce(func.sum(Account.posted_minor), 0)).where(
        Account.owner_type == OwnerType.POT, Account.purpose == Purpose.FUNDS
    )
    return {status.value: number for status, number in numbers} | {_MONEY: int(db.session.scalar(money) or 0)}


def _counts(day: datetime) -> Select[Any]:
    """One row of numbers, each from an index."""
    confirmed = (
        Donation.status == DonationStatus.SUCCEEDED,
        Donation.initiated_at >= day - _CONFIRMED_WITHIN,
        Donation.confirmed_at >= day,
    )
    return select(
        select(func.count()).where(*confirmed).scalar_subquery().label("gifts"),
        select(func.coalesce(func.sum(Donation.amount_minor), 0))
        .where(*confirmed)
        .scalar_subquery()
        .label("given"),
        select(func.count()).where(Donation.is_held).scalar_subquery().label("held"),
        select(func.count()).where(OutboxEvent.failed_at.is_not(None)).scalar_subquery().label("failed"),
        select(func.count()).where(NotificationDelivery.is_dead).scalar_subquery().label("dead"),
        waiting_for_room().label("texts_put_off"),
    )
