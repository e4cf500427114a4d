"""What Wave answers, as values. Amounts are whole francs; instants are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class _Reported(StrEnum):
    """A word from a list that Wave may lengthen at any time: a new word reads as `UNKNOWN`."""

    @classmethod
    def _missing_(cls, value: object) -> _Reported | None:
        return cls("unknown") if isinstance(value, str) and value != "unknown" else None


class CheckoutStatus(_Reported):
    """Where a checkout session stands: open, then complete or expired."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class PaymentStatus(_Reported):
    """Whether the payer's money came."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class PayoutStatus(_Reported):
    """Where a payout stands; `PROCESSING` and `UNKNOWN` both mean: still pending, ask again."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"
    UNKNOWN = "unknown"


class BatchStatus(_Reported):
    """`COMPLETE` says only that each item was tried: look at each payout's own status."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


class NameMatch(_Reported):
    """Wave's fuzzy comparison of names: a hint, not an identity check."""

    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"
    NAME_NOT_KNOWN = "NAME_NOT_KNOWN"
    UNKNOWN = "unknown"


class IdMatch(_Reported):
    """Comparison of national identity numbers, where the wallet has it switched on."""

    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"
    ID_NOT_KNOWN = "ID_NOT_KNOWN"
    UNKNOWN = "unknown"


class TransactionType(StrEnum):
    """The kinds of transactions we know by name; `Transaction.transaction_type` may hold others."""

    MERCHANT_PAYMENT = "merchant_payment"
    MERCHANT_PAYMENT_REFUND = "merchant_payment_refund"
    API_CHECKOUT = "api_checkout"
    API_CHECKOUT_REFUND = "api_checkout_refund"
    API_PAYOUT = "api_payout"
    API_PAYOUT_REVERSAL = "api_payout_reversal"
    BULK_PAYMENT = "bulk_payment"
    BULK_PAYMENT_REVERSAL = "bulk_payment_reversal"
    B2B_PAYMENT = "b2b_payment"
    B2B_PAYMENT_REVERSAL = "b2b_payment_reversal"
    MERCHANT_SWEEP = "merchant_sweep"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment or a payout did not succeed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Session:
    """A checkout session: one request for money, paid at most once."""

    id: str
    amount: int
    currency: str
    checkout_status: CheckoutStatus
    payment_status: PaymentStatus
    wave_launch_url: str
    when_created: datetime
    when_expires: datetime
    when_completed: datetime | None
    transaction_id: str | None
    client_reference: str | None
    restrict_payer_mobile: str | None
    last_payment_error: Failure | None
    business_name: str | None

    @property
    def is_paid(self) -> bool:
        """The one proof that lets a donation be credited, besides a verified webhook."""
        return self.payment_status is PaymentStatus.SUCCEEDED and self.transaction_id is not None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money out: `receive_amount` is the recipient's net, `fee` is charged to us on top (None: not said)."""

    id: str
    status: PayoutStatus
    currency: str
    receive_amount: int
    fee: int | None
    mobile: str
    timestamp: datetime
    name: str | None
    client_reference: str | None
    payment_reason: str | None
    error: Failure | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of payouts, done in Wave's own time."""

    id: str
    status: BatchStatus
    payouts: tuple[Payout, ...]


@dataclass(frozen=True, slots=True)
class RecipientCheck:
    """What Wave says of a recipient before a first payout; None where it was not asked or not said."""

    within_limits: bool | None
    name_match: NameMatch | None
    national_id_match: IdMatch | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What our wallet holds."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of the wallet's record: `amount` is the signed change, `balance` what was left after it."""

    transaction_id: str
    transaction_type: str
    timestamp: datetime
    amount: int
    fee: int
    balance: int | None
    currency: str
    is_reversal: bool
    client_reference: str | None
    checkout_session_id: str | None
    batch_id: str | None
    counterparty_name: str | None
    counterparty_mobile: str | None
    payment_reason: str | None
