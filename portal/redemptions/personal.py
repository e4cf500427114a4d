"""What gifts at the till hold of people (PRV-05, PRV-08)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.personal import (
    ERASED,
    Blank,
    Share,
    Stay,
    holds,
    mentions,
    nothing_personal,
    open_matter,
    own,
)
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus, RedemptionLog

holds(
    QrCode,
    {
        "beneficiary_name": "whom the house greets at the till",
        "code": "the gift's own secret",
        "partner_notes": "what the house noted at the till",
        "canceled_reason": "why a gift was taken back, in the words of staff",
    },
    Share(
        "gifts_to_redeem",
        own(QrCode.beneficiary_user_id),
        Blank({"beneficiary_name": ERASED, "partner_notes": None, "qr_file_id": None}),
        tells=(
            "id",
            "beneficiary_name",
            "price_minor",
            "currency",
            "status",
            "redeemable_from",
            "expires_at",
            "redeemed_at",
            "canceled_reason",
        ),
        ties=True,
        traces=("beneficiary_name",),
    ),
    Share(
        "gifts_served",
        own(QrCode.redeemed_by_user_id),
        Stay("who served a gift, as an id that leads to a stub; the money of it is kept for seven years"),
        tells=("id", "status", "redeemed_at", "redeemed_venue_id"),
    ),
    plain=("currency", "redemption_nonce"),
)
mentions(QrCode, "canceled_reason", "partner_notes", tie=lambda ids: QrCode.id.in_(ids))
holds(
    RedemptionLog,
    {
        "ip_address": "from where a code was tried",
        "user_agent": "with what a code was tried",
        "venue_context": "at which place a code was tried",
    },
    Share(
        "scans",
        own(RedemptionLog.scanned_by_user_id),
        Blank({"ip_address": None, "user_agent": None}),
        tells=("validation_result", "error_code", "ip_address", "user_agent", "occurred_at"),
    ),
    plain=("scanned_code", "error_message"),
)
nothing_personal(PartnerPeriod, "running sums of a house")


@open_matter
def gift_not_redeemed(user_id: UUID) -> str | None:
    """A paid gift that could still be used."""
    usable = exists().where(
        QrCode.beneficiary_user_id == user_id,
        QrCode.status == QrStatus.ISSUED,
        QrCode.expires_at > clock.now(),
    )
    if not db.session.scalar(select(usable)):
        return None
    return _("You have a gift that is paid and not used yet. Please use it first, or let it expire.")
