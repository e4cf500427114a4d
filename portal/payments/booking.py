"""Wave's list in the ledger, so that the books hold what the wallet holds (Wave contract §8; docs/decisions).

1. A payment that counts was posted by the room it is for, and a refund with it; their lines add Wave's fee.
2. A payout was set aside before Wave was asked, under the key that Wave keeps as our reference. Its line
   adds the fee, should the answer not have done so. While the payout is open, its line is money on its way.
3. A payout that Wave took back after it had arrived is owed again: whoever ordered it books that.
4. A line that Wave made of a payout which ended otherwise here, or of nothing that we know, is `unexplained`.
5. What the house itself takes out of the wallet is `house_money`.

Each line is booked once, by Wave's own id of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.gateways.wave import Transaction, TransactionType
from portal.kernel.actor import SYSTEM
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, house_money, provider_clearing, unexplained
from portal.ledger.models import TransferStatus
from portal.ledger.queries import standing_of
from portal.ledger.services import Cause
from portal.payments import alerts
from portal.payments.events import payout_reversed
from portal.payments.fees import book_fee, fee_key
from portal.payments.models import WAVE_PROVIDER_ID, PaymentProvider, PaymentTransaction
from portal.payments.webhooks import store_unknown_line

_PAYOUTS = frozenset({TransactionType.API_PAYOUT, TransactionType.BULK_PAYMENT})
_RETURNS = frozenset({TransactionType.API_PAYOUT_REVERSAL, TransactionType.BULK_PAYMENT_REVERSAL})
# Money on its way out, or back from there.
OUTGOING = _PAYOUTS | _RETURNS | {TransactionType.B2B_PAYMENT_REVERSAL, TransactionType.MERCHANT_SWEEP}
_WAVE = (PaymentProvider.__tablename__, WAVE_PROVIDER_ID)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the books know of a number of lines, read before any of them is taken."""

    transfers: dict[str, TransferStatus]

    def knows(self, key: str) -> bool:
        """Whether this has been booked."""
        return key in self.transfers

    def of_payout(self, line: Transaction) -> TransferStatus | None:
        """How far the payout behind a line is here; None when it is not one of ours."""
        return self.transfers.get(line.client_reference) if line.client_reference else None


def read_standing(lines: Sequence[Transaction]) -> Standing:
    """The transfers that lines were booked as, or that they name; one statement."""
    keys = {key for line in lines for key in (_key(line), fee_key(_key(line)), line.client_reference) if key}
    fees = {fee_key(line.client_reference) for line in lines if line.client_reference}
    return Standing(standing_of(keys | fees))


def gross(line: Transaction) -> int:
    """What the other side gave, or below zero what it got: the change of the wallet without Wave's fee."""
    return line.amount + line.fee


def book_fees(lines: Iterable[tuple[Transaction, UUID]]) -> None:
    """Book what Wave kept of payments, or gave back with refunds; each line with the payment it belongs to."""
    for line, payment_id in lines:
        source = (PaymentTransaction.__tablename__, payment_id)
        book_fee(_key(line), line.fee, source, currency=line.currency, by=SYSTEM)


def fee_is_booked(line: Transaction, standing: Standing) -> bool:
    """Whether nothing is left to book of a line's fee."""
    return not line.fee or standing.knows(fee_key(_key(line)))


def book_unexplained(line: Transaction) -> None:
    """Book a line that belongs to nothing of ours, with its fee; a repeat changes nothing."""
    _book(line, unexplained(line.currency), "unexplained")


def take_back_unexplained(line: Transaction, standing: Standing) -> None:
    """What belonged to nothing is booked as what it is now: undo the booking of before, once."""
    if standing.knows(_key(line)):
        _move(line, unexplained(line.currency), "explained", -gross(line), f"{_key(line)}:explained")


def take_outgoing(line: Transaction, standing: Standing) -> str:
    """Book a line of money that left, or came back from there; says what that was."""
    if line.transaction_type == TransactionType.MERCHANT_SWEEP:
        _book(line, house_money(line.currency), "sweep")
        return "swept"
    status = standing.of_payout(line)
    if status is None:
        return _take_unknown(line, standing)
    _book_payout_fee(line, standing)
    if status is TransferStatus.PENDING:
        return "on_its_way"
    if status is TransferStatus.POSTED and line.transaction_type in _PAYOUTS:
        return "passed"
    if status is TransferStatus.POSTED and _is_owed_again(line, standing):
        return "returned"
    _move(line, unexplained(line.currency), "unexplained", gross(line), _key(line))
    if status is TransferStatus.POSTED:
        alerts.payout_came_back(gross(line), line.client_reference or line.transaction_id, by=SYSTEM)
        return "returned"
    return "passed"


def _is_owed_again(line: Transaction, standing: Standing) -> bool:
    """Whether a payout that came back is in the books of whoever ordered it, now or since an earlier look.

    What people have been shown as unexplained stays theirs: they may have paid it in another way meanwhile.
    """
    if standing.knows(_key(line)):
        return False
    told = payout_reversed.send(
        line.client_reference, amount=gross(line), reference=line.transaction_id, by=SYSTEM
    )
    return any(booked for _receiver, booked in told)


def _take_unknown(line: Transaction, standing: Standing) -> str:
    if standing.knows(_key(line)):
        return "known"
    book_unexplained(line)
    store_unknown_line(line.transaction_id, shown(line))
    alerts.unknown_movement(line.amount, line.transaction_id, by=SYSTEM)
    return "unknown"


def _book_payout_fee(line: Transaction, standing: Standing) -> None:
    """A payout's fee has the payout's own name, so that its answer and its line book it once between them."""
    name = (line.transaction_type in _PAYOUTS and line.client_reference) or _key(line)
    if not standing.knows(fee_key(name)):
        book_fee(name, line.fee, _WAVE, currency=line.currency, by=SYSTEM)


def _book(line: Transaction, account: AccountRef, kind: str) -> None:
    _move(line, account, kind, gross(line), _key(line))
    book_fee(_key(line), line.fee, _WAVE, currency=line.currency, by=SYSTEM)


def _move(line: Transaction, account: AccountRef, kind: str, amount: int, key: str) -> None:
    """Book `amount` into the wallet (out of it, below zero) against `account`."""
    if not amount:
        return
    wallet = provider_clearing(WAVE_PROVIDER_ID, line.currency)
    source, target = (wallet, account) if amount > 0 else (account, wallet)
    ledger.move(source, target, abs(amount), Cause(kind, *_WAVE, key), by=SYSTEM)


def _key(line: Transaction) -> str:
    return f"wave:{line.transaction_id}"


def shown(line: Transaction) -> dict[str, Any]:
    """A line as operators see it."""
    return {
        "transaction_id": line.transaction_id,
        "transaction_type": line.transaction_type,
        "timestamp": line.timestamp.isoformat(),
        "amount": str(line.amount),
        "fee": str(line.fee),
        "currency": line.currency,
        "client_reference": line.client_reference,
        "checkout_api_session_id": line.checkout_session_id,
        "counterparty_name": line.counterparty_name,
        "counterparty_mobile": line.counterparty_mobile,
        "payment_reason": line.payment_reason,
    }
