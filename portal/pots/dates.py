"""What a person's calendar shows of their pots (PPL-33)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.calendar import CalendarDate, dates_from
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.pots.models import Pot, PotStatus

_MOST = 50
_RUNNING = (PotStatus.SCHEDULED, PotStatus.OPEN, PotStatus.FUNDED)


@dates_from("pots")
def pot_dates(user_id: UUID) -> Iterator[CalendarDate]:
    """The days on which one's own pots open, and on which they end."""
    found = db.session.execute(
        select(Pot.id, Pot.scheduled_open_at, Pot.birthday_date)
        .where(Pot.owner_user_id == user_id, Pot.status.in_(_RUNNING))
        .order_by(Pot.id.desc())
        .limit(_MOST)
    )
    for pot_id, opens_at, ends_on in found:
        yield CalendarDate(f"pot-{pot_id}-opens", _("My pot opens"), clock.local_date(opens_at))
        yield CalendarDate(f"pot-{pot_id}-ends", _("My pot ends"), ends_on)
