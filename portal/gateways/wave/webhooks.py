"""Receiving Wave's webhooks: prove the raw bytes first, read them afterwards (DON-21, contract §9)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from portal.gateways.wave.signature import parse_header

MAX_BODY_BYTES = 65_536
_MAX_ID_LENGTH = 100
_MAX_TYPE_LENGTH = 50


class EventUnreadable(ValueError):
    """A genuine message that is not an event we can keep; the text says why, without its content."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The envelope: `id` is the same in each redelivery, `data` depends on `type`."""

    id: str
    type: str
    data: Mapping[str, Any]


def signature_ok(header: str | None, body: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """Whether `body` (the raw bytes) was signed by Wave with one of `secrets`, recently.

    At most 300 seconds old and 30 seconds ahead of `now`; any of several `v1` values may match, which
    is how Wave rotates secrets. Compared in constant time. Never raises, whatever the header holds.
    """
    parts = parse_header(header)
    return parts is not None and parts.is_timely(now) and parts.matches(body, secrets)


def parse_event(body: bytes) -> WebhookEvent:
    """The event in a body whose signature was checked.

    Bounds: 64 KiB, id 100 and type 50 characters, text that PostgreSQL can store as JSON.
    Raises `EventUnreadable`.
    """
    if len(body) > MAX_BODY_BYTES:
        raise EventUnreadable("the body is too large")
    try:
        envelope = json.loads(body, parse_constant=_refuse_constant)
        json.dumps(envelope, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise EventUnreadable("the body is not JSON") from None
    if b"\\u0000" in body or b"\x00" in body:
        raise EventUnreadable("the body holds a null character")
    if not isinstance(envelope, dict):
        raise EventUnreadable("the body is not an object")
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise EventUnreadable("data is not an object")
    return WebhookEvent(
        id=_bounded(envelope.get("id"), "id", _MAX_ID_LENGTH),
        type=_bounded(envelope.get("type"), "type", _MAX_TYPE_LENGTH),
        data=data,
    )


def _bounded(value: object, name: str, limit: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= limit:
        raise EventUnreadable(f"{name} is missing or too long")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
