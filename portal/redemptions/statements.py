"""The statements of a scan, built once: this is the page that must hold at a till with a queue (wall 9)."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.kernel.models import StatusHistory
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.people.models import Profile
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus, RedemptionLog, ScanResult

# Plain tables: a scan loads no objects, so it need not pay for a session that would watch them.
_codes = cast(Table, QrCode.__table__)
_packs = cast(Table, Pack.__table__)
_scanner = cast(Table, Partner.__table__)
_here = cast(Table, PartnerVenue.__table__).alias("here")
_served = cast(Table, PartnerVenue.__table__).alias("served")
_staff = cast(Table, Profile.__table__)
_periods = cast(Table, PartnerPeriod.__table__)
_logs = cast(Table, RedemptionLog.__table__)
_histories = cast(Table, StatusHistory.__table__)

_is_here = (_here.c.id == bindparam("venue_id")) & (_here.c.partner_id == _scanner.c.id) & _here.c.is_active
_LOOK = select(
    _codes.c.id,
    _codes.c.status,
    _codes.c.partner_id,
    _codes.c.code,
    _codes.c.beneficiary_name,
    _codes.c.price_minor,
    _codes.c.redeemable_from,
    _codes.c.expires_at,
    _codes.c.redeemed_at,
    _codes.c.redemption_nonce,
    _codes.c.redeemed_by_user_id,
    _codes.c.partner_share_minor,
    _packs.c.name.label("pack_name"),
    _packs.c.venue_ids,
    _packs.c.redemption_instructions,
    _scanner.c.status.label("partner_status"),
    _scanner.c.revenue_split_percentage,
    _scanner.c.payment_terms,
    _scanner.c.auto_approve_redemptions,
    _here.c.id.label("venue_id"),
    _served.c.name.label("redeemed_venue"),
    _staff.c.full_name.label("redeemed_by"),
).select_from(
    _codes.join(_packs, _packs.c.id == _codes.c.pack_id)
    .join(_scanner, _scanner.c.id == bindparam("partner_id"))
    .outerjoin(_here, _is_here)
    .outerjoin(_served, _served.c.id == _codes.c.redeemed_venue_id)
    .outerjoin(_staff, _staff.c.user_id == _codes.c.redeemed_by_user_id)
)
LOOK_BY_ID = _LOOK.where(_codes.c.id == bindparam("code_id"))
LOCK_BY_ID = LOOK_BY_ID.with_for_update(of=_codes)
LOCK_BY_CODE = _LOOK.where(_codes.c.code == bindparam("code")).with_for_update(of=_codes)

_period = upsert(_periods)
_total = _periods.c.revenue_minor + _period.excluded.revenue_minor
# Locks the partner's open running total, moves it on, and says where it stands now. Half up is the largest
# remainder of two parts with the tie to the partner (portal.kernel.money); a test holds the two together.
COUNT_IN = _period.on_conflict_do_update(
    index_elements=["partner_id", "period_start", "period_end", "split_percentage"],
    index_where=_periods.c.settlement_id.is_(None),
    set_={
        "redemption_count": _periods.c.redemption_count + 1,
        "revenue_minor": _total,
        "partner_share_minor": func.round(_total * _periods.c.split_percentage / 100),
        "updated_at": _period.excluded.updated_at,
    },
).returning(_periods.c.id, _periods.c.revenue_minor)

WRITE_LOG = insert(_logs)


def _given(*columns: str) -> dict[str, Any]:
    """Values to be filled in, each under the name of its column with `b_` before it."""
    return {column: bindparam(f"b_{column}") for column in columns}


_history = (
    insert(_histories)
    .values(
        id=bindparam("b_history_id"),
        entity_type=_codes.name,
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
    insert(_logs)
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
    update(_codes)
    .where(_codes.c.id == bindparam("b_code_id"), _codes.c.status == QrStatus.ISSUED)
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
    .returning(_codes.c.id)
)
