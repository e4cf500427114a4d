"""Figures are counted once a while, anew when they are old, and always when nothing trustworthy is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis

from portal.kernel import clock as portal_clock
from portal.kernel.kept import kept
from tests.harness.moments import Clock

MINUTE = timedelta(minutes=1)


class Counting:
    """Counts how often it was asked to count."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"pots": self.times}


def test_figures_are_counted_once_and_again_when_they_are_old(committed_db: object, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    counting = Counting()

    first = kept("tests", MINUTE, counting)
    again = kept("tests", MINUTE, counting)
    clock.advance(minutes=2)
    later = kept("tests", MINUTE, counting)

    assert first == again == ({"pots": 1}, first[1])
    assert later == ({"pots": 2}, portal_clock.now())


@pytest.mark.parametrize(
    "text", ["", "[]", "no json", '{"figures": {"pots": "<script>"}, "at": "2026-03-01T12:00:00+00:00"}', "7"]
)
def test_what_somebody_else_wrote_is_not_believed(
    committed_db: object, valkey: redis.Redis, text: str
) -> None:
    valkey.set("figures:tests", text)

    assert kept("tests", MINUTE, Counting())[0] == {"pots": 1}


def test_without_valkey_they_are_counted_each_time(
    committed_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = redis.Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1)
    monkeypatch.setattr("portal.kernel.kept.valkey", lambda: nobody)
    counting = Counting()

    assert [kept("tests", MINUTE, counting)[0] for _time in range(2)] == [{"pots": 1}, {"pots": 2}]
