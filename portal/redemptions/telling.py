"""Telling the owner of a code what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select

from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.notifications.models import Notification
from portal.notifications.services import notify
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.redemptions.codes import grouped
from portal.redemptions.models import QrCode, QrStatus

REMIND_BEFORE = timedelta(days=7)
_ONE_DAY = timedelta(days=1)


def code_issued(code: QrCode, *, by: Actor) -> None:
    """The code and how to use it, by mail and in the portal (QR-15)."""
    _tell("code_issued", code, _facts(code) | {"code": grouped(code.code)}, by)


def code_expired(code: QrCode, *, by: Actor) -> None:
    """The time is over; the money is in the wallet (G-13)."""
    _tell("code_expired", code, {"pack": _facts(code)["pack"], "amount": code.price_minor}, by)


def announce_redeemed(limit: int = 200) -> int:
    """Tell owners of redemptions they have not been told of; how many. Safe to run twice."""
    rows = db.session.execute(
        select(QrCode, PartnerVenue.name)
        .outerjoin(PartnerVenue, PartnerVenue.id == QrCode.redeemed_venue_id)
        .where(QrCode.status == QrStatus.REDEEMED, QrCode.announced_at.is_(None))
        .order_by(QrCode.redeemed_at)
        .limit(limit)
        .with_for_update(of=QrCode, skip_locked=True)
    ).all()
    for code, venue in rows:
        data = {"pack": _facts(code)["pack"], "venue": venue or "", "moment": code.redeemed_at}
        _tell("code_redeemed", code, data, SYSTEM)
        code.announced_at = clock.now()
    return len(rows)


def remind_of_end(limit: int = 200) -> int:
    """Remind owners a week before a code ends, once; how many."""
    moment = clock.now()
    key = func.concat("qr:", cast(QrCode.id, String), ":code_expiring")
    told = exists().where(Notification.event_key == key)
    rows = db.session.execute(
        select(QrCode)
        .where(
            QrCode.status == QrStatus.ISSUED,
            QrCode.expires_at > moment,
            QrCode.expires_at <= moment + REMIND_BEFORE,
            ~told,
        )
        .order_by(QrCode.id)
        .limit(limit)
    ).scalars()
    count = 0
    for code in rows:
        _tell("code_expiring", code, _facts(code) | {"code": grouped(code.code)}, SYSTEM)
        count += 1
    return count


def _facts(code: QrCode) -> dict[str, Any]:
    pack, partner = db.session.execute(
        select(Pack.name, Partner.name)
        .join(Partner, Partner.id == Pack.partner_id)
        .where(Pack.id == code.pack_id)
    ).one()
    return {
        "pack": pack,
        "partner": partner,
        "valid_from": clock.local_date(code.redeemable_from),
        "valid_until": clock.local_date(code.expires_at - _ONE_DAY),
    }


def _tell(key: str, code: QrCode, data: dict[str, Any], by: Actor) -> None:
    notify(
        key,
        event_key=f"qr:{code.id}:{key}",
        data=data,
        user_id=code.beneficiary_user_id,
        related=("qr_codes", code.id),
        action_link=_page_of(code.pot_id),
        by=by,
    )


def _page_of(pot_id: UUID) -> str:
    return f"/pots/{pot_id}/code"
