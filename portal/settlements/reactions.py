"""What settlements do when a payout moves, and whom they tell when they move themselves."""

from __future__ import annotations

from typing import Any

from portal.kernel.actor import Actor
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.payouts.events import (
    payout_completed,
    payout_replaced,
    payout_retry_requested,
    payout_reversed,
)
from portal.payouts.models import Payout
from portal.settlements import deciding, events, telling
from portal.settlements.models import PartnerSettlement, SettlementStatus


@payout_completed.connect
def _settlement_is_paid(payout: Payout, **_more: Any) -> None:
    if payout.source_type == PartnerSettlement.__tablename__:
        deciding.mark_paid(payout)


@payout_reversed.connect
def _settlement_is_owed_again(payout: Payout, **_more: Any) -> None:
    if payout.source_type == PartnerSettlement.__tablename__:
        deciding.mark_unpaid(payout)


@payout_retry_requested.connect
def _only_what_is_approved_is_paid(payout: Payout, **_more: Any) -> None:
    if payout.source_type != PartnerSettlement.__tablename__:
        return
    if deciding.locked_settlement(payout.source_id).status is not SettlementStatus.APPROVED:
        raise Conflict(_("The settlement behind this payment is not approved."))


@payout_replaced.connect
def _another_payout_stands(payout: Payout, **_more: Any) -> None:
    if payout.source_type == PartnerSettlement.__tablename__:
        deciding.follow_payout(payout)


@events.settlement_computed.connect
def _tell_of_settlement(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    telling.settlement_computed(settlement, by)


@events.settlement_paid.connect
def _tell_of_payment(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    telling.settlement_paid(settlement, by)


@events.settlement_payment_reversed.connect
def _tell_that_it_is_owed_again(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    telling.settlement_unpaid(settlement, by)


@events.settlement_resolved.connect
def _tell_of_answer(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    telling.settlement_resolved(settlement, by)


@events.settlement_disputed.connect
def _tell_of_dispute(settlement: PartnerSettlement, by: Actor, **_more: Any) -> None:
    telling.settlement_disputed(settlement, by)
