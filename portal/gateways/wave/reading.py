"""Wave's JSON to values: strict about what we act on, silent about fields we do not know (contract §1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

from portal.gateways.wave.records import (
    Balance,
    Batch,
    BatchStatus,
    CheckoutStatus,
    Failure,
    IdMatch,
    NameMatch,
    PaymentStatus,
    Payout,
    PayoutStatus,
    RecipientCheck,
    Session,
    Transaction,
)
from portal.kernel import money

T = TypeVar("T")

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_CODE_LENGTH = 100
_MESSAGE_LENGTH = 500


class Unreadable(ValueError):
    """An answer that is not what the contract describes; nothing may be concluded from it."""


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises `Unreadable`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise Unreadable("the answer is not a JSON object")
    return answer


def whole_amount(value: object, currency: str) -> int:
    """A textual amount as whole units of a currency without decimals (`"2500.00"` XOF is 2500).

    Raises `Unreadable` for numbers that are not strings, for fractions, and for currencies with decimals.
    """
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise Unreadable("an amount is not a decimal string")
    if money.decimals(currency) != 0:
        raise Unreadable(f"the wallet speaks {currency}, a currency with decimals")
    amount = Decimal(value)
    if amount != amount.to_integral_value():
        raise Unreadable(f"an amount in {currency} has a fraction")
    return int(amount)


def read_session(data: dict[str, Any]) -> Session:
    """A checkout session (contract §5). Raises `Unreadable`."""
    currency = _text(data, "currency")
    return Session(
        id=_text(data, "id"),
        amount=whole_amount(data.get("amount"), currency),
        currency=currency,
        checkout_status=CheckoutStatus(_text(data, "checkout_status")),
        payment_status=PaymentStatus(_text(data, "payment_status")),
        wave_launch_url=_web_address(_text(data, "wave_launch_url")),
        when_created=_instant(_text(data, "when_created")),
        when_expires=_instant(_text(data, "when_expires")),
        when_completed=_optional(data, "when_completed", _instant),
        transaction_id=_optional(data, "transaction_id", str),
        client_reference=_optional(data, "client_reference", str),
        restrict_payer_mobile=_optional(data, "restrict_payer_mobile", str),
        last_payment_error=_failure(data.get("last_payment_error"), "code", "message"),
        business_name=_optional(data, "business_name", str),
    )


def read_payout(data: dict[str, Any]) -> Payout:
    """A payout (contract §6); a succeeded one must name its fee. Raises `Unreadable`."""
    currency = _text(data, "currency")
    status = PayoutStatus(_text(data, "status"))
    fee = None if data.get("fee") is None else whole_amount(data["fee"], currency)
    if status is PayoutStatus.SUCCEEDED and fee is None:
        raise Unreadable("a succeeded payout does not name its fee")
    return Payout(
        id=_text(data, "id"),
        status=status,
        currency=currency,
        receive_amount=whole_amount(data.get("receive_amount"), currency),
        fee=fee,
        mobile=_text(data, "mobile"),
        timestamp=_instant(_text(data, "timestamp")),
        name=_optional(data, "name", str),
        client_reference=_optional(data, "client_reference", str),
        payment_reason=_optional(data, "payment_reason", str),
        error=_failure(data.get("payout_error"), "error_code", "error_message"),
    )


def read_batch(data: dict[str, Any]) -> Batch:
    """A payout batch with its items. Raises `Unreadable`."""
    return Batch(
        id=_text(data, "id"),
        status=BatchStatus(_text(data, "status")),
        payouts=tuple(read_payout(item) for item in read_list(data, "payouts")),
    )


def read_recipient_check(data: dict[str, Any]) -> RecipientCheck:
    """The answer about a recipient (contract §7). Raises `Unreadable`."""
    within_limits = data.get("within_limits")
    if within_limits is not None and not isinstance(within_limits, bool):
        raise Unreadable("within_limits is neither true, false nor null")
    return RecipientCheck(
        within_limits=within_limits,
        name_match=_optional(data, "name_match", NameMatch),
        national_id_match=_optional(data, "national_id_match", IdMatch),
    )


def read_balance(data: dict[str, Any]) -> Balance:
    """The wallet's balance. Raises `Unreadable`."""
    currency = _text(data, "currency")
    return Balance(amount=whole_amount(data.get("amount"), currency), currency=currency)


def read_transaction(data: dict[str, Any]) -> Transaction:
    """One line of the wallet's record (contract §8). Raises `Unreadable`."""
    currency = _text(data, "currency")
    balance = data.get("balance")
    return Transaction(
        transaction_id=_text(data, "transaction_id"),
        transaction_type=_optional(data, "transaction_type", str) or "",
        timestamp=_instant(_text(data, "timestamp")),
        amount=whole_amount(data.get("amount"), currency),
        fee=whole_amount(data.get("fee") or "0", currency),
        balance=None if balance is None else whole_amount(balance, currency),
        currency=currency,
        is_reversal=data.get("is_reversal") is True,
        client_reference=_optional(data, "client_reference", str),
        checkout_session_id=_optional(data, "checkout_api_session_id", str),
        batch_id=_optional(data, "batch_id", str),
        counterparty_name=_optional(data, "counterparty_name", str),
        counterparty_mobile=_optional(data, "counterparty_mobile", str),
        payment_reason=_optional(data, "payment_reason", str),
    )


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """A page of the record; `end_cursor` leads to the next page and is None on the last."""

    items: tuple[Transaction, ...]
    end_cursor: str | None


def read_transaction_page(data: dict[str, Any]) -> TransactionPage:
    """A page of transactions. Raises `Unreadable`, also when another page is promised without a way to it."""
    info = data.get("page_info")
    has_next = isinstance(info, dict) and info.get("has_next_page") is True
    return TransactionPage(
        items=tuple(read_transaction(item) for item in read_list(data, "items")),
        end_cursor=_text(info, "end_cursor") if has_next and isinstance(info, dict) else None,
    )


def read_id(data: dict[str, Any]) -> str:
    """The id in an answer that has little else. Raises `Unreadable`."""
    return _text(data, "id")


def read_list(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects under `name`. Raises `Unreadable`."""
    items = data.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unreadable(f"{name} is not a list of objects")
    return items


def read_failure(status: int, body: bytes) -> Failure:
    """The code and message of an error answer, whichever of the five shapes it has (contract §3)."""
    fallback = f"http-{status}"
    try:
        answer = read_object(body)
    except Unreadable:
        return Failure(fallback, "")
    nested = answer.get("error")
    inner = nested if isinstance(nested, dict) else {}
    code = _first_text(answer.get("code"), answer.get("error_code"), nested, inner.get("code"))
    message = _first_text(answer.get("message"), answer.get("error_message"), inner.get("message"))
    where = _first_text(_fields_named(answer.get("details")))
    return Failure(code or fallback, f"{message} [{where}]" if where else message)


def _fields_named(details: object) -> str:
    """The names of the fields a validation error complains about; values stay out of logs."""
    if not isinstance(details, list):
        return ""
    places = [item.get("loc") for item in details if isinstance(item, dict)]
    return ", ".join(".".join(map(str, place)) for place in places if isinstance(place, list))


def _first_text(*candidates: object) -> str:
    found = next((item for item in candidates if isinstance(item, str) and item), "")
    return found[:_MESSAGE_LENGTH]


def _failure(value: object, code: str, message: str) -> Failure | None:
    if not isinstance(value, dict) or not isinstance(value.get(code), str):
        return None
    return Failure(value[code][:_CODE_LENGTH], str(value.get(message) or "")[:_MESSAGE_LENGTH])


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is missing")
    return value


def _optional(data: dict[str, Any], name: str, kind: Callable[[str], T]) -> T | None:
    value = data.get(name)
    return kind(value) if isinstance(value, str) and value else None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("a time is not in ISO form") from None
    if instant.tzinfo is None:
        raise Unreadable("a time has no zone")
    return instant


def _web_address(text: str) -> str:
    """The donor is sent to this address, so nothing but the web may stand in it."""
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"https", "http"}:
        raise Unreadable("the launch address is not a web address")
    return text
