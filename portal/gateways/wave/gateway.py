"""What the portal may ask of Wave, apart from how it is asked: the protocol and its one compound argument."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.gateways.wave.records import Balance, Batch, Payout, RecipientCheck, Session, Transaction
from portal.kernel.money import XOF

MAX_REASON_LENGTH = 40
MAX_TEXT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """One payout to make: `receive_amount` whole francs net to the E.164 number `mobile`.

    Raises `ValueError` when it can never be accepted (amount not positive, reason over 40 characters,
    another text over 255).
    """

    receive_amount: int
    mobile: str
    client_reference: str
    currency: str = XOF
    name: str | None = None
    national_id: str | None = None
    payment_reason: str | None = None

    def __post_init__(self) -> None:
        if self.receive_amount <= 0:
            raise ValueError("a payout is a positive amount")
        if len(self.payment_reason or "") > MAX_REASON_LENGTH:
            raise ValueError(f"a payment reason has at most {MAX_REASON_LENGTH} characters")
        texts = (self.name, self.national_id, self.client_reference)
        if any(len(text or "") > MAX_TEXT_LENGTH for text in texts):
            raise ValueError(f"a payout's texts have at most {MAX_TEXT_LENGTH} characters")


class WaveGateway(Protocol):
    """Every call may raise `WaveRefused`, `WaveUnknownOutcome` or `WaveThrottled`, and nothing beside them."""

    def create_session(
        self,
        *,
        amount: int,
        success_url: str,
        error_url: str,
        client_reference: str,
        currency: str = XOF,
        restrict_payer_mobile: str | None = None,
    ) -> Session:
        """Ask for `amount` whole francs; send the payer to the session's `wave_launch_url` (DON-18).

        Not idempotent at Wave: look for an open session by `client_reference` before making another.
        """
        ...

    def get_session(self, session_id: str) -> Session:
        """The session; `WaveRefused` with status 404 when there is none."""
        ...

    def get_session_by_transaction(self, transaction_id: str) -> Session:
        """The session that this transaction paid; `WaveRefused` with status 404 when there is none."""
        ...

    def search_sessions(self, client_reference: str) -> list[Session]:
        """Every session made with our reference, perhaps none."""
        ...

    def expire_session(self, session_id: str) -> None:
        """Close an open session; `WaveRefused` with status 409 when it is complete or expired already."""
        ...

    def refund_session(self, session_id: str) -> None:
        """Give the whole payment back, fees included. Safe to repeat; `checkout-refund-failed` is final."""
        ...

    def create_payout(self, order: PayoutOrder, *, idempotency_key: str) -> Payout:
        """Send money; the payout returned is succeeded, or still processing.

        A refusal raises `WaveRefused`, whether Wave says it as an error or as a failed payout.
        """
        ...

    def get_payout(self, payout_id: str) -> Payout:
        """The payout in whatever state; a failed one is returned, with its `error`."""
        ...

    def search_payouts(self, client_reference: str) -> list[Payout]:
        """Every payout made with our reference, also those whose answer we never saw."""
        ...

    def create_payout_batch(self, orders: Sequence[PayoutOrder], *, idempotency_key: str) -> str:
        """Hand over 1 to 100 payouts; the answer is the batch's id, the work follows in Wave's time."""
        ...

    def get_payout_batch(self, batch_id: str) -> Batch:
        """The batch and its payouts, each with its own status."""
        ...

    def reverse_payout(self, payout_id: str, *, idempotency_key: str) -> None:
        """Take a payout and its fee back, within three days. Safe to repeat."""
        ...

    def verify_recipient(
        self,
        mobile: str,
        *,
        name: str | None = None,
        national_id: str | None = None,
        amount: int | None = None,
        currency: str = XOF,
    ) -> RecipientCheck:
        """What Wave knows of a recipient. At most 30 checks of one number in five minutes."""
        ...

    def get_balance(self) -> Balance:
        """What our wallet holds now."""
        ...

    def transactions(self, day: date) -> Iterator[Transaction]:
        """Every transaction of a UTC day, page after page as they are read."""
        ...

    def refund_transaction(self, transaction_id: str) -> None:
        """Give a received merchant payment back whole. Safe to repeat; a checkout has `refund_session`."""
        ...
