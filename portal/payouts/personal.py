"""What payouts hold of people: that money was paid to them (PRV-05, PRV-08)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.personal import Blank, Share, holds, mentions, open_matter, own
from portal.payouts.models import Payout, PayoutStatus

holds(
    Payout,
    {
        "provider_data": "what the provider said of the payout",
        "payment_reason": "what the receiver reads beside the money",
        "last_error": "why the money did not arrive",
    },
    Share(
        "payouts",
        own(Payout.user_id),
        Blank({"provider_data": {}, "last_error": None}),
        tells=(
            "amount_minor",
            "currency",
            "fee_minor",
            "method",
            "status",
            "payment_reason",
            "transaction_reference",
            "created_at",
            "completed_at",
        ),
        ties=True,
    ),
    plain=("currency", "idempotency_key", "transaction_reference", "source_type", "failure_code"),
)
mentions(Payout, "last_error", "provider_data")


@open_matter
def money_on_its_way(user_id: UUID) -> str | None:
    """Money that is being paid to the person, or could not be paid yet."""
    running = exists().where(
        Payout.user_id == user_id, Payout.status.not_in((PayoutStatus.COMPLETED, PayoutStatus.CANCELED))
    )
    if not db.session.scalar(select(running)):
        return None
    return _("A payout to you has not arrived yet. Please wait until it is there, or [[write to us]].")
