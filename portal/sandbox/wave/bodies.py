"""Reading requests as strictly as Wave does: a field too many is an error (contract §1, §5, §6, §7)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from portal.sandbox.wave.answers import Problem

MAX_TEXT = 255
MAX_REASON = 40
MAX_URL = 2048
_AMOUNT = re.compile(r"[1-9][0-9]{0,11}")
_MOBILE = re.compile(r"\+[1-9][0-9]{7,14}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Json = dict[str, Any]
Detail = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One permitted field: what it must look like, in a word for the error, and whether it must be there."""

    looks_right: Callable[[str], bool]
    expected: str
    required: bool = False


def _shaped(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _at_most(length: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= length


AMOUNT = Field(_shaped(_AMOUNT), "a whole amount as a string", required=True)
CURRENCY = Field(_shaped(_CURRENCY), "an ISO 4217 code", required=True)
MOBILE = Field(_shaped(_MOBILE), "an E.164 number", required=True)
TEXT = Field(_at_most(MAX_TEXT), f"a string of at most {MAX_TEXT} characters")
REASON = Field(_at_most(MAX_REASON), f"a string of at most {MAX_REASON} characters")

PAYOUT_FIELDS: Mapping[str, Field] = {
    "currency": CURRENCY,
    "receive_amount": AMOUNT,
    "mobile": MOBILE,
    "name": TEXT,
    "national_id": TEXT,
    "payment_reason": REASON,
    "client_reference": TEXT,
    "aggregated_merchant_id": TEXT,
}
RECIPIENT_FIELDS: Mapping[str, Field] = {
    "mobile": MOBILE,
    "name": TEXT,
    "national_id": TEXT,
    "amount": Field(AMOUNT.looks_right, AMOUNT.expected),
    "currency": Field(CURRENCY.looks_right, CURRENCY.expected),
}


def checkout_fields(https_only: bool) -> Mapping[str, Field]:
    """The fields of a checkout session; plain http is let through to this machine unless `https_only`."""

    def is_redirect(text: str) -> bool:
        parts = urlsplit(text)
        to_this_machine = parts.scheme == "http" and parts.hostname in _LOOPBACK and not https_only
        return len(text) <= MAX_URL and bool(parts.hostname) and (parts.scheme == "https" or to_this_machine)

    redirect = Field(is_redirect, "an https address", required=True)
    return {
        "amount": AMOUNT,
        "currency": CURRENCY,
        "success_url": redirect,
        "error_url": redirect,
        "client_reference": TEXT,
        "restrict_payer_mobile": Field(MOBILE.looks_right, MOBILE.expected),
        "aggregated_merchant_id": TEXT,
    }


def parse(raw: bytes, content_type: str) -> Json:
    """The JSON object of a request. Raises `Problem` with the code for what is wrong."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem("request-not-json", "The request is not application/json.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem("request-parsing-error", "The request body is not JSON.") from None
    if not isinstance(body, dict):
        raise _invalid([_detail([], "value is not a valid dict", "type_error.dict")])
    return body


def check(body: Json, fields: Mapping[str, Field]) -> Json:
    """`body` itself, when each field is permitted and looks right. Raises `Problem` naming the others."""
    faults = find_faults(body, fields, [])
    if faults:
        raise _invalid(faults)
    return body


def check_batch(body: Json) -> list[Json]:
    """The orders of a batch, each checked as a payout. Raises `Problem`."""
    orders = body.get("payouts")
    extra = [
        _detail([name], "extra fields not permitted", "value_error.extra") for name in set(body) - {"payouts"}
    ]
    if not isinstance(orders, list) or not orders:
        raise _invalid([*extra, _detail(["payouts"], "at least one payout is required", "value_error.list")])
    faults = list(extra)
    for position, order in enumerate(orders):
        if isinstance(order, dict):
            faults += find_faults(order, PAYOUT_FIELDS, ["payouts", position])
        else:
            faults.append(_detail(["payouts", position], "value is not a valid dict", "type_error.dict"))
    if faults:
        raise _invalid(faults)
    return orders


def check_nothing(raw: bytes) -> None:
    """Refuse a body where none is expected; `{}` is let through."""
    if raw.strip() not in {b"", b"{}"}:
        raise _invalid([_detail([], "no body is expected here", "value_error.extra")])


def check_key(key: str | None) -> str:
    """The idempotency key that money out demands (contract §4). Raises `Problem`."""
    if key is None or not 1 <= len(key) <= MAX_TEXT:
        raise _invalid([_detail(["Idempotency-Key"], "field required", "value_error.missing")])
    return key


def find_faults(body: Json, fields: Mapping[str, Field], place: list[str | int]) -> list[Detail]:
    """Everything that is wrong with `body`, in the words of the validator Wave uses."""
    faults = []
    for name in body:
        if name not in fields:
            faults.append(_detail([*place, name], "extra fields not permitted", "value_error.extra"))
    for name, field in fields.items():
        value = body.get(name)
        if value is None:
            if field.required:
                faults.append(_detail([*place, name], "field required", "value_error.missing"))
        elif not isinstance(value, str):
            faults.append(_detail([*place, name], "str type expected", "type_error.str"))
        elif not field.looks_right(value):
            faults.append(_detail([*place, name], f"expected {field.expected}", "value_error"))
    return faults


def _detail(place: list[str | int], message: str, kind: str) -> Detail:
    return {"loc": place, "msg": message, "type": kind}


def _invalid(details: list[Detail]) -> Problem:
    return Problem("request-validation-error", "The request is not valid.", details=details)
