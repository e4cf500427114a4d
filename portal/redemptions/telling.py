"""Telling the owner of a code what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select, update

from portal.config.values import CODE_REMIND_DAYS, value_of
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.roles import MANAGERS
from portal.notifications.models import Notification
from portal.notifications.services import notify
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerVenue
from portal.partners.policies import Topic, wants
from portal.redemptions.codes import grouped
from portal.redemptions.models import QrCode, QrStatus

_ONE_DAY = timedelta(days=1)
_DECIDED = {
    PartnerStatus.ACTIVE: "partner_verified",
    PartnerStatus.SUSPENDED: "partner_suspended",
    PartnerStatus.TERMINATED: "partner_terminated",
}


def code_issued(code: QrCode, *, by: Actor) -> None:
    """The code and how to use it, by mail and in the portal (QR-15)."""
    _tell("code_issued", code, _facts(code) | {"code": grouped(code.code)}, by)


def code_expired(code: QrCode, *, by: Actor) -> None:
    """The time is over; the money is in the wallet (G-13)."""
    _tell("code_expired", code, {"pack": _facts(code)["pack"], "amount": code.price_minor}, by)


def code_canceled(code: QrCode, *, to_pot: bool, by: Actor) -> None:
    """The code was taken back, why, and where the money is."""
    facts = {"pack": _facts(code)["pack"], "amount": code.price_minor, "reason": code.canceled_reason or ""}
    _tell("code_canceled_to_pot" if to_pot else "code_canceled", code, facts, by)


def announce_redeemed(limit: int = 200) -> list[UUID]:
    """Tell owners, and houses that want it, of redemptions not told of yet; the codes. Safe to run twice.

    No code is locked: whoever scans it again meanwhile, or taps twice, waits for nobody's mail. A message is
    written once by its own key, and only `mark_announced` ends the matter.
    """
    rows = db.session.execute(
        select(QrCode, Partner, PartnerVenue.name)
        .join(Partner, Partner.id == QrCode.partner_id)
        .outerjoin(PartnerVenue, PartnerVenue.id == QrCode.redeemed_venue_id)
        .where(QrCode.status == QrStatus.REDEEMED, QrCode.announced_at.is_(None))
        .order_by(QrCode.redeemed_at, QrCode.id)
        .limit(limit)
    ).all()
    for code, partner, venue in rows:
        facts = {"pack": _facts(code)["pack"], "venue": venue or "", "moment": code.redeemed_at}
        _tell("code_redeemed", code, facts, SYSTEM)
        _tell_partner(code, partner, facts)
    return [code.id for code, _partner, _venue in rows]


def mark_announced(code_ids: Sequence[UUID]) -> int:
    """Note in one statement that these codes were told of; how many. One that is being scanned has its turn later."""
    free = (
        select(QrCode.id)
        .where(QrCode.id.in_(code_ids), QrCode.announced_at.is_(None))
        .order_by(QrCode.id)
        .with_for_update(skip_locked=True)
    )
    codes = db.session.scalars(free).all()
    db.session.execute(update(QrCode).where(QrCode.id.in_(codes)).values(announced_at=clock.now()))
    return len(codes)


def _tell_partner(code: QrCode, partner: Partner, facts: dict[str, Any]) -> None:
    """A line to the contact address of a house that wants one for each gift (PRT-11)."""
    if not partner.contact_email or not wants(partner, Topic.REDEMPTIONS):
        return
    notify(
        "gift_served",
        event_key=f"qr:{code.id}:gift_served",
        data=facts | {"amount": code.price_minor, "share": code.partner_share_minor},
        email=partner.contact_email,
        related=("qr_codes", code.id),
        action_link="/partner/redemptions",
        by=SYSTEM,
    )


def remind_of_end(limit: int = 200) -> int:
    """Remind owners some days before a code ends, once; how many."""
    moment = clock.now()
    key = func.concat("qr:", cast(QrCode.id, String), ":code_expiring")
    told = exists().where(Notification.event_key == key)
    rows = db.session.execute(
        select(QrCode)
        .where(
            QrCode.status == QrStatus.ISSUED,
            QrCode.expires_at > moment,
            QrCode.expires_at <= moment + timedelta(days=value_of(CODE_REMIND_DAYS)),
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


def partner_decided(partner: Partner, reason: str | None, *, by: Actor) -> None:
    """Tell owners and managers whether their house may serve gifts (PRT-14)."""
    key = _DECIDED[partner.status]
    if partner.status is PartnerStatus.ACTIVE and reason is not None:
        key = "partner_reinstated"
    facts = {"partner": partner.name}
    members = select(PartnerMember.user_id).where(
        PartnerMember.partner_id == partner.id, PartnerMember.is_active, PartnerMember.role.in_(MANAGERS)
    )
    for user_id in db.session.execute(members.order_by(PartnerMember.user_id)).scalars().all():
        notify(
            key,
            event_key=f"partner:{partner.id}:{key}:{new_id()}",
            data=facts if key == "partner_verified" else facts | {"reason": reason or ""},
            user_id=user_id,
            related=("partners", partner.id),
            action_link="/" if partner.status is PartnerStatus.TERMINATED else "/partner/organisation",
            by=by,
        )


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
