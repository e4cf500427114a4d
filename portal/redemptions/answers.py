"""What a till shows for a scan, and what the log keeps of it (QR-13, M-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.kernel.actor import Actor
from portal.redemptions.models import ScanError, ScanResult


class Answer(StrEnum):
    """What the till shows; each has its own colour, words, sign and sound."""

    READY = "ready"
    REDEEMED = "redeemed"
    ALREADY_REDEEMED = "already_redeemed"
    NOT_BEFORE = "not_before"
    EXPIRED = "expired"
    WRONG_VENUE = "wrong_venue"
    WRONG_PARTNER = "wrong_partner"
    CANCELED = "canceled"
    UNKNOWN = "unknown"
    FORGED = "forged"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Till:
    """Where and by whom a code is scanned."""

    partner_id: UUID
    venue_id: UUID | None
    by: Actor


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, with what the till may know: nothing of codes that belong to others."""

    answer: Answer
    log_id: UUID | None = None
    code_id: UUID | None = None
    pack: str = ""
    beneficiary: str = ""
    price_minor: int = 0
    share_minor: int = 0
    instructions: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    redeemed_at: datetime | None = None
    redeemed_venue: str = ""
    redeemed_by: str = ""


LOGGED: dict[Answer, tuple[ScanResult, ScanError]] = {
    Answer.ALREADY_REDEEMED: (ScanResult.ALREADY_USED, ScanError.ALREADY_USED),
    Answer.NOT_BEFORE: (ScanResult.INVALID, ScanError.TOO_EARLY),
    Answer.EXPIRED: (ScanResult.EXPIRED, ScanError.EXPIRED),
    Answer.CANCELED: (ScanResult.INVALID, ScanError.CANCELED),
    Answer.UNKNOWN: (ScanResult.INVALID, ScanError.UNKNOWN_CODE),
    Answer.FORGED: (ScanResult.INVALID, ScanError.FORGED),
    Answer.INACTIVE: (ScanResult.INVALID, ScanError.PARTNER_INACTIVE),
    Answer.WRONG_VENUE: (ScanResult.INVALID, ScanError.WRONG_VENUE),
    Answer.WRONG_PARTNER: (ScanResult.INVALID, ScanError.WRONG_PARTNER),
}
_BY_ERROR = {error: answer for answer, (_result, error) in LOGGED.items()}


def answer_of(result: ScanResult, error: ScanError | None) -> Answer:
    """The answer that a line of the log keeps."""
    if error is None:
        return Answer.REDEEMED
    return _BY_ERROR[error]


def detail_of(answer: Answer, row: Any) -> str:
    """The reason in a few plain words, for whoever reads the log later."""
    if answer is Answer.ALREADY_REDEEMED:
        return f"used at {row.redeemed_at.isoformat()}"
    if answer is Answer.NOT_BEFORE:
        return f"good from {row.redeemable_from.isoformat()}"
    if answer is Answer.EXPIRED:
        return f"ended at {row.expires_at.isoformat()}"
    return answer.replace("_", " ")


def outcome_of(
    answer: Answer,
    row: Any,
    *,
    share: int | None = None,
    redeemed_at: datetime | None = None,
    log_id: UUID | None = None,
) -> Outcome:
    """What a till of the code's own house may see of `row` (`statements.LOOK_BY_ID`)."""
    return Outcome(
        answer=answer,
        log_id=log_id,
        code_id=row.id,
        pack=row.pack_name,
        beneficiary=row.beneficiary_name,
        price_minor=row.price_minor,
        share_minor=row.partner_share_minor if share is None else share,
        instructions=row.redemption_instructions or "",
        valid_from=row.redeemable_from,
        valid_until=row.expires_at,
        redeemed_at=redeemed_at or row.redeemed_at,
        redeemed_venue=row.redeemed_venue or "",
        redeemed_by=(row.redeemed_by or "").split(" ")[0],
    )
