"""Text messages to numbers that nobody has proved: so many a day, to some countries, whoever has asked for them (G-31).

1. It is decided as a batch is claimed, in its transaction, and counted by all workers together (`config/texting.py`).
   Whoever asked for the message has seen the same page as always long before: nothing here can tell them anything.
2. What the day has no room for waits until tomorrow. What has no tomorrow, as a code that is over by then, ends here,
   and so does what goes to a country that is not served; the row says why (`Passage`), and is not tried again.
3. The newest look of the portal at itself (`admin/checks.py`) shows what waits; operators hear of a full day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ScalarSelect, func, select, update

from portal.config.texting import Passage, take_unproved
from portal.identity.directory import proved_numbers
from portal.kernel import clock
from portal.kernel.db import db
from portal.notifications.catalog import REGISTRY
from portal.notifications.deliveries import Outcome, Parcel
from portal.notifications.models import Channel, DeliveryStatus, NotificationDelivery

_SAID = {
    Passage.DAY_IS_FULL: "so many text messages go to numbers that nobody has proved in a day, and no more",
    Passage.NOT_SERVED: "no text messages go to numbers like this before somebody has proved them",
}
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LetThrough:
    """Of a claimed batch: what may be handed over, and what ends by the rule."""

    parcels: Sequence[Parcel]
    ended: Sequence[Outcome]


def to_unproved_numbers(claimed: Sequence[Parcel]) -> LetThrough:
    """Take today's room for the batch, and put off what finds none; a bounded number of statements."""
    texts = [parcel for parcel in claimed if _is_bounded(parcel)]
    if not texts:
        return LetThrough(claimed, ())
    proved = proved_numbers({parcel.address for parcel in texts})
    unproved = [parcel for parcel in texts if parcel.address not in proved]
    passages = take_unproved([parcel.address for parcel in unproved])
    stopped = {
        parcel.id: passage
        for parcel, passage in zip(unproved, passages, strict=True)
        if passage is not Passage.GOES
    }
    waiting = [parcel for parcel in unproved if stopped.get(parcel.id) is Passage.DAY_IS_FULL]
    tomorrow = clock.start_of_tomorrow()
    put = [parcel for parcel in waiting if parcel.expires_at is None or parcel.expires_at > tomorrow]
    _put_off(put, tomorrow)
    if waiting:
        log.warning("unproved_texts_of_the_day_used_up", put_off=len(put), ended=len(waiting) - len(put))
    kept = {parcel.id for parcel in put}
    ended = [
        _ended(parcel, stopped[parcel.id])
        for parcel in unproved
        if parcel.id in stopped and parcel.id not in kept
    ]
    return LetThrough([parcel for parcel in claimed if parcel.id not in stopped], ended)


def waiting_for_room() -> ScalarSelect[int]:
    """How many messages wait because a day had no room for them, for a statement about more than that."""
    return (
        select(func.count())
        .where(
            NotificationDelivery.status == DeliveryStatus.PENDING,
            NotificationDelivery.error_code == Passage.DAY_IS_FULL,
        )
        .scalar_subquery()
    )


def _is_bounded(parcel: Parcel) -> bool:
    """Whether the rule is about it: not what was counted before, nor what is over and sent no more."""
    message = REGISTRY.get(parcel.template_key)
    was_counted = message is not None and message.counts_when_asked
    is_over = parcel.expires_at is not None and parcel.expires_at <= clock.now()
    return parcel.channel is Channel.SMS and not was_counted and not is_over


def _put_off(parcels: Sequence[Parcel], until: datetime) -> None:
    """Give back what has to wait until then, and say on the row why."""
    if parcels:
        db.session.execute(
            update(NotificationDelivery)
            .where(NotificationDelivery.id.in_([parcel.id for parcel in parcels]))
            .values(claimed_until=None, scheduled_at=until, error_code=Passage.DAY_IS_FULL)
            .execution_options(synchronize_session=False)
        )


def _ended(parcel: Parcel, passage: Passage) -> Outcome:
    return Outcome(
        parcel,
        clock.now(),
        "none",
        error_code=passage,
        error_message=_SAID[passage],
        is_final=True,
    )
