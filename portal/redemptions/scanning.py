"""A code at the till.

The story of a scan (QR-08 to QR-13):

1. The text is a signed token or a typed code. A token that we did not sign is refused without a look-up.
2. One statement reads and locks the code, with its pack, and the partner and venue of whoever scans, so that
   two scanners at the same instant come one after the other.
3. The checks run in a fixed order and each has its own answer. A refusal is no error: it is logged with who,
   where and why, and committed.
4. A good code is shown first, and redeemed when the member confirms; where the house trusts its scanner
   (QR-10), the scan is enough. To look at a good code is no attempt yet: it leaves no line in the log.
5. A redemption moves the partner's running total on, books the share (vouchers to payable and commission),
   and turns the code to redeemed together with its line of history and of the log.
6. A repeated tap carries the same nonce and gets the same answer; nothing happens twice.
7. The owner is told by a job a moment later; nobody at the till waits for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.db import db, run
from portal.kernel.ids import new_id
from portal.kernel.money import percentage_share, running_share
from portal.ledger import services as ledger
from portal.ledger.accounts import partner_payable, platform
from portal.ledger.models import Purpose
from portal.ledger.services import Cause, Leg
from portal.partners.models import PartnerStatus
from portal.partners.periods import period_of
from portal.redemptions import statements
from portal.redemptions.answers import LOGGED, Answer, Outcome, Till, detail_of, outcome_of
from portal.redemptions.codes import normal_code
from portal.redemptions.guessing import check_misses, count_miss
from portal.redemptions.models import QrStatus, RedemptionLog, ScanResult
from portal.redemptions.signing import Forged, looks_signed, verify

__all__ = ["MAX_NONCE", "MAX_SCANNED", "Answer", "Outcome", "Till", "preview", "redeem", "scan"]

MAX_SCANNED = 255
MAX_NONCE = 50


def scan(text: str, till: Till, nonce: str) -> Outcome:
    """What this code is worth here and now; redeems it where a scan is enough (QR-10).

    A refusal is an answer and is logged. Raises `TooMany` for somebody who has typed too many unknown codes.
    """
    text = text.strip()
    try:
        row = _find(text, till)
    except Forged:
        return _refused(Answer.FORGED, text, till, None)
    if row is None:
        return _refused(Answer.UNKNOWN, text, till, None)
    return _attempt(row, text, till, nonce, None, confirmed=row.auto_approve_redemptions)


def redeem(code_id: UUID, till: Till, nonce: str, notes: str | None = None) -> Outcome:
    """Use up a code that was scanned before, once. The same `nonce` of one person gets the same answer."""
    row = run(statements.LOCK_BY_ID, _seen_from(till) | {"code_id": code_id}).one_or_none()
    if row is None:
        return _refused(Answer.UNKNOWN, str(code_id), till, None)
    return _attempt(row, row.code, till, nonce, notes, confirmed=True)


def preview(code_id: UUID, till: Till) -> Outcome:
    """What `redeem` would meet now. Nothing is changed and nothing logged."""
    row = run(statements.LOOK_BY_ID, _seen_from(till) | {"code_id": code_id}).one_or_none()
    answer = Answer.UNKNOWN if row is None else _judge(row, till)
    return outcome_of(answer, row) if _is_ours(row, till) else Outcome(answer)


def _find(text: str, till: Till) -> Any:
    """The code's row, locked; None when there is none. Raises `Forged`, `TooMany`."""
    if looks_signed(text):
        settings = current_app.config["SETTINGS"]
        code_id = verify(text, settings.qr_signing_key, settings.qr_retired_keys)
        found = run(statements.LOCK_BY_ID, _seen_from(till) | {"code_id": code_id})
        return found.one_or_none()
    code = normal_code(text)
    if code is None:
        return None
    check_misses(till.by.user_id)
    row = run(statements.LOCK_BY_CODE, _seen_from(till) | {"code": code}).one_or_none()
    if row is None:
        count_miss(till.by.user_id)
    return row


def _seen_from(till: Till) -> dict[str, Any]:
    return {"partner_id": till.partner_id, "venue_id": till.venue_id}


def _attempt(row: Any, text: str, till: Till, nonce: str, notes: str | None, *, confirmed: bool) -> Outcome:
    if _is_repeat(row, till, nonce):
        return outcome_of(Answer.REDEEMED, row, log_id=_first_log(row.id))
    answer = _judge(row, till)
    if answer is not Answer.READY:
        return _refused(answer, text, till, row)
    if not confirmed:
        return outcome_of(Answer.READY, row)
    return _redeem(row, till, nonce, notes)


def _judge(row: Any, till: Till) -> Answer:
    """The checks in their order: who asks, whose it is, what became of it, when, where."""
    if row.partner_status is not PartnerStatus.ACTIVE:
        return Answer.INACTIVE
    if row.partner_id != till.partner_id:
        return Answer.WRONG_PARTNER
    if row.status is QrStatus.REDEEMED:
        return Answer.ALREADY_REDEEMED
    if row.status is QrStatus.CANCELED:
        return Answer.CANCELED
    moment = clock.now()
    if row.status is QrStatus.EXPIRED or row.expires_at <= moment:
        return Answer.EXPIRED
    if row.venue_id is None or (row.venue_ids and row.venue_id not in row.venue_ids):
        return Answer.WRONG_VENUE
    return Answer.NOT_BEFORE if moment < row.redeemable_from else Answer.READY


def _is_ours(row: Any, till: Till) -> bool:
    """Whether the till may know anything about the code."""
    return row is not None and row.partner_id == till.partner_id


def _is_repeat(row: Any, till: Till, nonce: str) -> bool:
    return (
        row.status is QrStatus.REDEEMED
        and row.redemption_nonce == nonce
        and row.redeemed_by_user_id == till.by.user_id
        and _is_ours(row, till)
    )


def _first_log(code_id: UUID) -> UUID | None:
    """The line that the redemption itself has left."""
    statement = select(RedemptionLog.id).where(
        RedemptionLog.qr_code_id == code_id, RedemptionLog.validation_result == ScanResult.SUCCESS
    )
    return db.session.execute(statement).scalar()


def _redeem(row: Any, till: Till, nonce: str, notes: str | None) -> Outcome:
    moment = clock.now()
    period_id, share = _count_in(row, till, moment)
    moved = ledger.post(
        [
            Leg(platform(Purpose.VOUCHERS), -row.price_minor),
            Leg(partner_payable(till.partner_id), share),
            Leg(platform(Purpose.COMMISSION), row.price_minor - share),
        ],
        Cause("qr_redeemed", "qr_codes", row.id, f"qr:{row.id}:redeemed"),
        by=till.by,
    )
    written = {
        "code_id": row.id,
        "history_id": new_id(),
        "log_id": new_id(),
        "actor_kind": till.by.kind,
        "scanned_code": _beginning(row.code),
        "ip_address": till.by.ip,
        "user_agent": till.by.user_agent,
        "venue_context": _place(till),
        "redeemed_at": moment,
        "redeemed_by_partner_id": till.partner_id,
        "redeemed_by_user_id": till.by.user_id,
        "redeemed_venue_id": row.venue_id,
        "redemption_nonce": nonce[:MAX_NONCE],
        "partner_notes": notes,
        "split_percentage": row.revenue_split_percentage,
        "partner_share_minor": share,
        "commission_minor": row.price_minor - share,
        "redeem_transfer_id": moved.transfer_id,
        "partner_period_id": period_id,
    }
    run(statements.REDEEM, {f"b_{name}": value for name, value in written.items()}).one()
    return outcome_of(Answer.REDEEMED, row, share=share, redeemed_at=moment, log_id=written["log_id"])


def _count_in(row: Any, till: Till, moment: datetime) -> tuple[UUID, int]:
    """Move the partner's running total on; the period it stands in, and the share of this line (M-12)."""
    split = row.revenue_split_percentage
    start, end = period_of(row.payment_terms, clock.local_date(moment))
    counted: Any = run(
        statements.COUNT_IN,
        {
            "id": new_id(),
            "partner_id": till.partner_id,
            "period_start": start,
            "period_end": end,
            "split_percentage": split,
            "redemption_count": 1,
            "revenue_minor": row.price_minor,
            "partner_share_minor": percentage_share(row.price_minor, split),
            "created_at": moment,
            "updated_at": moment,
        },
    ).one()
    total_before = counted.revenue_minor - row.price_minor
    return counted.id, running_share(total_before, row.price_minor, split)


def _refused(answer: Answer, text: str, till: Till, row: Any) -> Outcome:
    result, error = LOGGED[answer]
    log_id = new_id()
    run(
        statements.WRITE_LOG,
        {
            "id": log_id,
            "qr_code_id": row.id if row is not None else None,
            "scanned_code": _beginning(row.code) if row is not None else _shown(text),
            "scanned_by_user_id": till.by.user_id,
            "partner_id": till.partner_id,
            "validation_result": result,
            "error_code": error,
            "error_message": detail_of(answer, row),
            "ip_address": till.by.ip,
            "user_agent": till.by.user_agent,
            "venue_context": _place(till),
            "occurred_at": clock.now(),
        },
    )
    return outcome_of(answer, row, log_id=log_id) if _is_ours(row, till) else Outcome(answer, log_id=log_id)


def _place(till: Till) -> dict[str, str | None]:
    return {"venue_id": str(till.venue_id) if till.venue_id else None}


def _shown(text: str) -> str:
    """What was scanned that is no code of ours."""
    return text[:MAX_SCANNED].replace("\x00", "")


def _beginning(code: str) -> str:
    """Enough of a code to recognise it. The whole of it is a key to a gift, and logs are read by many."""
    return f"{code[:4]}-••••-••••"
