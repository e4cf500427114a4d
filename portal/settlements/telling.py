"""Telling partners and admins what became of settlements, each matter once."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.identity.models import User
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.roles import MANAGERS
from portal.notifications.services import alert_admins, notify
from portal.partners.models import Partner, PartnerMember
from portal.partners.policies import Topic, wants
from portal.settlements.models import PartnerSettlement


def settlement_computed(settlement: PartnerSettlement, by: Actor) -> None:
    """A period is settled: to be paid, or carried to the next."""
    if settlement.is_carried:
        carried = {"amount": settlement.carried_out_minor}
        _tell_partner("settlement_carried", settlement, by, carried)
    else:
        _tell_partner("settlement_ready", settlement, by)


def settlement_paid(settlement: PartnerSettlement, by: Actor) -> None:
    """The money has arrived, perhaps anew."""
    _tell_partner("settlement_paid", settlement, by, occasion=f":{settlement.payment_reference}")


def settlement_unpaid(settlement: PartnerSettlement, by: Actor) -> None:
    """The provider took back what had arrived."""
    _tell_partner("settlement_unpaid", settlement, by, occasion=f":{settlement.updated_at.isoformat()}")


def settlement_resolved(settlement: PartnerSettlement, by: Actor) -> None:
    """An objection is answered."""
    _tell_partner("settlement_resolved", settlement, by, occasion=str(settlement.resolved_at))


def settlement_disputed(settlement: PartnerSettlement, by: Actor) -> None:
    """A partner objects: admins have to answer."""
    alert_admins(
        "settlement_disputed_alert",
        event_key=f"settlement:{settlement.id}:disputed:{settlement.disputed_at}",
        data={"partner": _partner(settlement).name, "reason": settlement.dispute_reason or ""},
        related=(PartnerSettlement.__tablename__, settlement.id),
        action_link=f"/admin/settlements/{settlement.id}",
        by=by,
    )


def settlement_blocked(partner_id: UUID, period_end: date, why: str) -> None:
    """A partner's period could not be settled: somebody has to look at the books."""
    alert_admins(
        "settlement_blocked_alert",
        event_key=f"settlement:{partner_id}:{period_end}:blocked",
        data={
            "partner": db.session.get_one(Partner, partner_id).name,
            "period_end": period_end,
            "why": why[:300],
        },
        related=(Partner.__tablename__, partner_id),
        action_link=f"/admin/partners/{partner_id}",
        by=SYSTEM,
    )


def _tell_partner(
    key: str,
    settlement: PartnerSettlement,
    by: Actor,
    changes: dict[str, Any] | None = None,
    occasion: str = "",
) -> None:
    """Owners and managers, and the house's contact address if it wants to hear of settlements (PRT-11)."""
    partner = _partner(settlement)
    data = {
        "partner": partner.name,
        "amount": settlement.payable_minor,
        "period_start": settlement.period_start,
        "period_end": settlement.period_end,
    } | (changes or {})
    tell = partial(
        notify,
        key,
        event_key=f"settlement:{settlement.id}:{key}{occasion}",
        data=data,
        related=(PartnerSettlement.__tablename__, settlement.id),
        action_link=f"/partner/settlements/{settlement.id}",
        by=by,
    )
    managers = _managers(partner.id)
    for user_id, _email in managers:
        tell(user_id=user_id)
    contact = partner.contact_email
    known = {(email or "").lower() for _user_id, email in managers}
    if contact and contact.lower() not in known and wants(partner, Topic.SETTLEMENTS):
        tell(email=contact)


def _managers(partner_id: UUID) -> list[tuple[UUID, str | None]]:
    rows = db.session.execute(
        select(PartnerMember.user_id, User.email)
        .join(User, User.id == PartnerMember.user_id)
        .where(
            PartnerMember.partner_id == partner_id,
            PartnerMember.is_active,
            PartnerMember.role.in_(MANAGERS),
        )
        .order_by(PartnerMember.user_id)
    )
    return [(user_id, email) for user_id, email in rows]


def _partner(settlement: PartnerSettlement) -> Partner:
    return db.session.get_one(Partner, settlement.partner_id)
