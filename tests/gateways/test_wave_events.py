"""The envelope of a webhook: read within bounds, or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.gateways.wave import EventUnreadable, parse_event


def envelope(**changes: Any) -> bytes:
    return json.dumps({"id": "EV_1", "type": "test.test_event", "data": {"a": "b"}} | changes).encode()


def test_an_event_is_its_id_type_and_data_whatever_else_comes_along() -> None:
    event = parse_event(envelope(version=2, type="checkout.session.completed"))
    assert (event.id, event.type, dict(event.data)) == ("EV_1", "checkout.session.completed", {"a": "b"})


def test_a_type_nobody_knows_is_an_event_like_any_other() -> None:
    assert parse_event(envelope(type="payout.teleported")).type == "payout.teleported"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1]",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"id": "EV_1", "type": "t", "data": {"a": NaN}}',
        b'{"id": "EV_1", "type": "t", "data": {"a": "\\u0000"}}',
        b'{"id": "EV_1", "type": "t", "data": {"a": "\\ud800"}}',
        b'{"id": "EV_1", "type": "t", "data": {"a": ' + b"9" * 5000 + b"}}",
        envelope(id=None),
        envelope(id=7),
        envelope(id=""),
        envelope(id="x" * 101),
        envelope(type="x" * 51),
        envelope(data=[]),
        envelope(data=None),
        envelope(data={"a": "x" * 65_536}),
    ],
    ids=range(17),
)
def test_what_cannot_be_kept_as_an_event_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(EventUnreadable, match=r"\w+"):
        parse_event(body)
