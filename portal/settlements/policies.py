"""What may still be done with a settlement."""

from __future__ import annotations

from portal.payouts.models import Payout, PayoutStatus
from portal.settlements.models import PartnerSettlement, SettlementStatus

_UNDER_WAY = frozenset({PayoutStatus.PROCESSING, PayoutStatus.COMPLETED})


def may_be_disputed(settlement: PartnerSettlement, payout: Payout | None) -> bool:
    """Whether a partner can still object: nothing is paid and no payment is on its way (STL-10)."""
    if settlement.status not in (SettlementStatus.PENDING, SettlementStatus.APPROVED):
        return False
    return payout is None or payout.status not in _UNDER_WAY


def may_be_approved(settlement: PartnerSettlement) -> bool:
    """Whether there is something to release for payment (STL-11)."""
    return settlement.status is SettlementStatus.PENDING and not settlement.is_carried
