"""What settlements do when a payout ends, and whom they tell."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.roles import MANAGERS
from portal.notifications.services import alert_admins, notify
from portal.partners.models import Partner, PartnerMember
from portal.payouts.events import payout_completed, payout_failed
from portal.payouts.models import Payout
from portal.settlements import deciding
from portal.settlements.events import (
    settlement_computed,
    settlement_disputed,
    settlement_paid,
    settlement_resolved,
)
from portal.settlements.models import PartnerSettlement


@payout_completed.connect
def _settlement_is_paid(payout: Payout, **_more: Any) -> None:
    if payout.source_type == "partner_settlements":
        deciding.mark_paid(payout)


@payout_failed.connect
def _tell_admins_of_failure(payout: Payout, by: Actor, **_more: Any) -> None:
    if payout.source_type == "partner_settlements":
        alert_admins(
            "payout_failed_alert",
            event_key=f"payout:{payout.idempotency_key}:failed",
            data={"amount": payout.amount_minor, "code": payout.failure_code or ""},
            action_link=f"/admin/settlements/{payout.source_id}",
            by=by,
        )


@settlement_computed.connect
def _tell_partner_of_settlement(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    _tell_managers("settlement_ready", settlement, by)


@settlement_paid.connect
def _tell_partner_of_payment(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    _tell_managers("settlement_paid", settlement, by)


@settlement_resolved.connect
def _tell_partner_of_answer(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    _tell_managers("settlement_resolved", settlement, by, moment=str(settlement.resolved_at))


@settlement_disputed.connect
def _tell_admins_of_dispute(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    alert_admins(
        "settlement_disputed_alert",
        event_key=f"settlement:{settlement.id}:disputed:{settlement.disputed_at}",
        data={"partner": _name(settlement), "reason": settlement.dispute_reason or ""},
        action_link=f"/admin/settlements/{settlement.id}",
        by=by,
    )


def _tell_managers(key: str, settlement: PartnerSettlement, by: Actor, moment: str = "") -> None:
    managers = db.session.execute(
        select(PartnerMember.user_id)
        .where(
            PartnerMember.partner_id == settlement.partner_id,
            PartnerMember.is_active,
            PartnerMember.role.in_(MANAGERS),
        )
        .order_by(PartnerMember.user_id)
    ).scalars()
    data = {
        "partner": _name(settlement),
        "amount": settlement.payable_minor,
        "period_start": settlement.period_start,
        "period_end": settlement.period_end,
    }
    for user_id in managers:
        notify(
            key,
            event_key=f"settlement:{settlement.id}:{key}{moment}",
            data=data,
            user_id=user_id,
            related=("partner_settlements", settlement.id),
            action_link=f"/partner/settlements/{settlement.id}",
            by=by,
        )


def _name(settlement: PartnerSettlement) -> str:
    return db.session.get_one(Partner, settlement.partner_id).name
