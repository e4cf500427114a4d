"""What a person's calendar shows of the gifts they may have served (PPL-33)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.calendar import CalendarDate, dates_from
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.packs.models import Pack
from portal.redemptions.models import QrCode, QrStatus

_MOST = 50


@dates_from("redemptions")
def validity_dates(user_id: UUID) -> Iterator[CalendarDate]:
    """From which day on one's own gifts can be served, and the last day on which they can."""
    found = db.session.execute(
        select(QrCode.id, Pack.name, QrCode.redeemable_from, QrCode.expires_at)
        .join(Pack, Pack.id == QrCode.pack_id)
        .where(QrCode.beneficiary_user_id == user_id, QrCode.status == QrStatus.ISSUED)
        .order_by(QrCode.id.desc())
        .limit(_MOST)
    )
    for code_id, pack, opens_at, ends_at in found:
        first = _("%(pack)s: can be used from today", pack=pack)
        yield CalendarDate(f"gift-{code_id}-from", first, clock.local_date(opens_at))
        last_day = clock.last_day(ends_at, clock.PLATFORM_ZONE) or clock.local_date(ends_at)
        yield CalendarDate(f"gift-{code_id}-until", _("%(pack)s: last day", pack=pack), last_day)
