"""What rooms tell each other has one way of being called."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from blinker import NamedSignal, signal
from flask import Flask

ROOMS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "portal").glob("*/events.py"))
# Past participles that do not end in -ed.
_IRREGULAR = ("sent", "paid", "set", "seen")


def signals_of(room: str) -> dict[str, NamedSignal]:
    """The signals of one room by the name that its code uses."""
    module = import_module(f"portal.{room}.events")
    return {name: value for name, value in vars(module).items() if isinstance(value, NamedSignal)}


@pytest.mark.covers("DEV-14")
@pytest.mark.parametrize("room", ROOMS)
def test_a_signal_carries_its_room_and_says_what_has_happened(room: str) -> None:
    found = signals_of(room)

    assert found
    for name, one in found.items():
        assert one.name == f"{room}.{name}"
        assert one is signal(f"{room}.{name}")
        last = name.rsplit("_", 1)[1]
        assert last.endswith("ed") or last in _IRREGULAR, name


@pytest.mark.covers("DEV-14")
def test_every_signal_of_the_portal_stands_in_the_events_of_a_room() -> None:
    made = {
        path.relative_to(Path(__file__).parents[2]).as_posix()
        for path in (Path(__file__).parents[2] / "portal").rglob("*.py")
        if re.search(r"^(from|import) blinker\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert made == {f"portal/{room}/events.py" for room in ROOMS}
    assert len({one for room in ROOMS for one in signals_of(room).values()}) > 30


@pytest.mark.covers("DEV-14")
@pytest.mark.parametrize(
    ("told_by", "name", "heard_by"),
    [
        ("pots", "pot_opened", "referrals"),
        ("pots", "pot_closed", "redemptions"),
        ("payments", "payment_succeeded", "pots"),
        ("payouts", "payout_completed", "settlements"),
        ("payments", "payout_reversed", "payouts"),
        ("payouts", "payout_reversed", "settlements"),
        ("identity", "user_registered", "referrals"),
    ],
)
def test_a_room_is_heard_by_rooms_that_it_does_not_know(
    app: Flask, told_by: str, name: str, heard_by: str
) -> None:
    receivers = signals_of(told_by)[name].receivers_for(None)

    assert f"portal.{heard_by}.reactions" in {receiver.__module__ for receiver in receivers}
    sources = (Path(__file__).parents[2] / "portal" / told_by).rglob("*.py")
    assert not [path for path in sources if f"portal.{heard_by}" in path.read_text(encoding="utf-8")]
