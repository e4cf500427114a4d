"""The statements of a scan, built once: this is the page that must hold at a till with a queue (wall 9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Numeric, String, bindparam, cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from portal.kernel.models import StatusHistory
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.people.models import Profile
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus, RedemptionLog

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

_price = bindparam("price", type_=Integer)
_split = cast(bindparam("split"), Numeric(5, 2))
_period = upsert(PartnerPeriod).values(
    id=bindparam("period_id"),
    partner_id=bindparam("partner_id"),
    period_start=bindparam("period_start"),
    period_end=bindparam("period_end"),
    split_percentage=_split,
    redemption_count=1,
    revenue_minor=_price,
    # Half up is the largest remainder of two parts with the tie to the partner (portal.kernel.money).
    partner_share_minor=func.round(_price * _split / 100),
    created_at=bindparam("moment"),
    updated_at=bindparam("moment"),
)
# Locks the partner's open running total, moves it on, and says where it stands now.
COUNT_IN = _period.on_conflict_do_update(
    index_elements=["partner_id", "period_start", "split_percentage"],
    index_where=PartnerPeriod.settlement_id.is_(None),
    set_={
        "redemption_count": PartnerPeriod.redemption_count + 1,
        "revenue_minor": PartnerPeriod.revenue_minor + _period.excluded.revenue_minor,
        "partner_share_minor": func.round(
            (PartnerPeriod.revenue_minor + _period.excluded.revenue_minor)
            * PartnerPeriod.split_percentage
            / 100
        ),
        "updated_at": _period.excluded.updated_at,
    },
).returning(PartnerPeriod.id, PartnerPeriod.revenue_minor)

_history = (
    insert(StatusHistory)
    .values(
        id=bindparam("history_id"),
        entity_type="qr_codes",
        entity_id=bindparam("code_id"),
        column_name="status",
        from_status=QrStatus.ISSUED,
        to_status=QrStatus.REDEEMED,
        actor_kind=bindparam("actor_kind", type_=String),
        actor_user_id=bindparam("user_id"),
        occurred_at=bindparam("moment"),
    )
    .returning(literal(1))
    .cte("history")
)
_log_values: dict[str, Any] = {
    "id": bindparam("log_id"),
    "qr_code_id": bindparam("code_id"),
    "scanned_code": bindparam("scanned"),
    "scanned_by_user_id": bindparam("user_id"),
    "partner_id": bindparam("partner_id"),
    "validation_result": bindparam("result"),
    "error_code": bindparam("error"),
    "ip_address": bindparam("ip"),
    "user_agent": bindparam("user_agent"),
    "venue_context": bindparam("venue"),
    "occurred_at": bindparam("moment"),
}
WRITE_LOG = insert(RedemptionLog).values(_log_values)
_log = insert(RedemptionLog).values(_log_values).returning(literal(1)).cte("log")

# The code, its line of history and the line of the scan log go together in one statement.
REDEEM = (
    update(QrCode)
    .where(QrCode.id == bindparam("code_id"), QrCode.status == QrStatus.ISSUED)
    .values(
        status=QrStatus.REDEEMED,
        redeemed_at=bindparam("moment"),
        redeemed_by_partner_id=bindparam("partner_id"),
        redeemed_by_user_id=bindparam("user_id"),
        redeemed_venue_id=bindparam("venue_id"),
        redemption_nonce=bindparam("nonce"),
        partner_notes=bindparam("notes"),
        split_percentage=_split,
        partner_share_minor=bindparam("share"),
        commission_minor=bindparam("commission"),
        redeem_transfer_id=bindparam("transfer_id"),
        partner_period_id=bindparam("period_id"),
        updated_at=bindparam("moment"),
    )
    .add_cte(_history, _log)
    .returning(QrCode.id)
    .execution_options(synchronize_session=False)
)
