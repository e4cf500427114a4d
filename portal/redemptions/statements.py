"""The statements of a scan, built once: this is the page that must hold at a till with a queue (wall 9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from portal.kernel.models import StatusHistory
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.people.models import Profile
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus, RedemptionLog, ScanResult

_scanner = aliased(Partner)
_here = aliased(PartnerVenue)
_served = aliased(PartnerVenue)

_LOOK = (
    select(
        QrCode.id,
        QrCode.status,
        QrCode.partner_id,
        QrCode.code,
        QrCode.beneficiary_name,
        QrCode.price_minor,
        QrCode.redeemable_from,
        QrCode.expires_at,
        QrCode.redeemed_at,
        QrCode.redemption_nonce,
        QrCode.redeemed_by_user_id,
        QrCode.partner_share_minor,
        Pack.name.label("pack_name"),
        Pack.venue_ids,
        Pack.redemption_instructions,
        _scanner.status.label("partner_status"),
        _scanner.revenue_split_percentage,
        _scanner.payment_terms,
        _scanner.auto_approve_redemptions,
        _here.id.label("venue_id"),
        _served.name.label("redeemed_venue"),
        Profile.full_name.label("redeemed_by"),
    )
    .join(Pack, Pack.id == QrCode.pack_id)
    .join(_scanner, _scanner.id == bindparam("partner_id"))
    .outerjoin(
        _here,
        (_here.id == bindparam("venue_id")) & (_here.partner_id == _scanner.id) & _here.is_active,
    )
    .outerjoin(_served, _served.id == QrCode.redeemed_venue_id)
    .outerjoin(Profile, Profile.user_id == QrCode.redeemed_by_user_id)
)
LOOK_BY_ID = _LOOK.where(QrCode.id == bindparam("code_id"))
LOOK_BY_CODE = _LOOK.where(QrCode.code == bindparam("code"))
LOCK_BY_ID = LOOK_BY_ID.with_for_update(of=QrCode)
LOCK_BY_CODE = LOOK_BY_CODE.with_for_update(of=QrCode)

_period = upsert(PartnerPeriod)
_total = PartnerPeriod.revenue_minor + _period.excluded.revenue_minor
# Locks the partner's open running total, moves it on, and says where it stands now. Half up is the largest
# remainder of two parts with the tie to the partner (portal.kernel.money); a test holds the two together.
COUNT_IN = _period.on_conflict_do_update(
    index_elements=["partner_id", "period_start", "split_percentage"],
    index_where=PartnerPeriod.settlement_id.is_(None),
    set_={
        "redemption_count": PartnerPeriod.redemption_count + 1,
        "revenue_minor": _total,
        "partner_share_minor": func.round(_total * PartnerPeriod.split_percentage / 100),
        "updated_at": _period.excluded.updated_at,
    },
).returning(PartnerPeriod.id, PartnerPeriod.revenue_minor)

WRITE_LOG = insert(RedemptionLog)


def _given(*columns: str) -> dict[str, Any]:
    """Values to be filled in, each under the name of its column with `b_` before it."""
    return {column: bindparam(f"b_{column}") for column in columns}


_history = (
    insert(StatusHistory)
    .values(
        id=bindparam("b_history_id"),
        entity_type=QrCode.__tablename__,
        entity_id=bindparam("b_code_id"),
        column_name="status",
        from_status=QrStatus.ISSUED,
        to_status=QrStatus.REDEEMED,
        actor_kind=bindparam("b_actor_kind"),
        actor_user_id=bindparam("b_redeemed_by_user_id"),
        occurred_at=bindparam("b_redeemed_at"),
    )
    .returning(literal(1))
    .cte("history")
)
_log = (
    insert(RedemptionLog)
    .values(
        id=bindparam("b_log_id"),
        qr_code_id=bindparam("b_code_id"),
        validation_result=ScanResult.SUCCESS,
        scanned_by_user_id=bindparam("b_redeemed_by_user_id"),
        partner_id=bindparam("b_redeemed_by_partner_id"),
        occurred_at=bindparam("b_redeemed_at"),
        **_given("scanned_code", "ip_address", "user_agent", "venue_context"),
    )
    .returning(literal(1))
    .cte("log")
)

# The code, its line of history and the line of the scan log go together in one statement.
REDEEM = (
    update(QrCode)
    .where(QrCode.id == bindparam("b_code_id"), QrCode.status == QrStatus.ISSUED)
    .values(
        status=QrStatus.REDEEMED,
        updated_at=bindparam("b_redeemed_at"),
        **_given(
            "redeemed_at",
            "redeemed_by_partner_id",
            "redeemed_by_user_id",
            "redeemed_venue_id",
            "redemption_nonce",
            "partner_notes",
            "split_percentage",
            "partner_share_minor",
            "commission_minor",
            "redeem_transfer_id",
            "partner_period_id",
        ),
    )
    .add_cte(_history, _log)
    .returning(QrCode.id)
    .execution_options(synchronize_session=False)
)
