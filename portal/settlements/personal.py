"""What settlements hold of people: which hands decided, by id (PRV-05, PRV-08)."""

from __future__ import annotations

from portal.kernel.personal import Share, Stay, holds, mentions, own
from portal.settlements.models import PartnerSettlement, SettlementAdjustment

holds(
    PartnerSettlement,
    {
        "dispute_reason": "what the house objects to, in its words",
        "resolution": "what staff decided, in their words",
    },
    Share(
        "settlements_decided",
        own(PartnerSettlement.approved_by, PartnerSettlement.disputed_by, PartnerSettlement.resolved_by),
        Stay("money papers, kept for seven years; hands are ids that lead to a stub"),
        tells=("id", "period_start", "period_end", "status", "approved_at", "disputed_at", "resolved_at"),
    ),
    plain=("currency", "terms", "payment_reference", "invoice_number", "period_start", "period_end"),
)
holds(
    SettlementAdjustment,
    {"reason": "why a sum was corrected, in the words of staff"},
    plain=(),
)
mentions(PartnerSettlement, "dispute_reason", "resolution")
mentions(SettlementAdjustment, "reason")
