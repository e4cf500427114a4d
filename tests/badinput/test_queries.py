"""Every part of every query that a view reads, found by listening to what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.badinput.doors import Door
from tests.badinput.hostile import IN_ADDRESS, NAMES, RAW_IN_ADDRESS, SOME_CURSORS
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, filled, knock
from tests.badinput.trying import Trial

_REFUSED = {404, 422}
_A_PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_query_that_makes_no_sense_gets_a_page(trial: Trial, door: Door) -> None:
    """What names nothing is left out or refused in words; nobody is led away, nothing is shown at work."""
    heard = knock(trial, door).heard.query
    wrong = []
    for name, query in _queries(heard, filled(door.query, trial.world)):
        tried = knock(trial, door, query_string=query)
        found = complaints(tried, {door.answer} | _REFUSED, grows=door.grows)
        wrong += [f"{name}: {complaint}" for complaint in found]

    assert wrong == []


def test_what_only_a_part_of_a_page_is_asked_with_is_tried_too(trial: Trial) -> None:
    """A page that looks again says what it knows; nonsense gets the part, or nothing new."""
    looking_again = set()
    for door in (door for door in DOORS if door.method == "GET"):
        part = knock(trial, door, headers=_A_PART)
        more = part.heard.query - knock(trial, door).heard.query
        for value in IN_ADDRESS if more else ():
            tried = knock(trial, door, headers=_A_PART, query_string=dict.fromkeys(more, value))
            assert [*complaints(tried, {part.status, 204} | _REFUSED)] == [], (door, value)
            looking_again.add(door.endpoint)

    assert "pots_public.live" in looking_again


def _queries(heard: set[str], good: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """All that are read spoiled together, as a page and as a file; places in the list; names nobody reads."""
    for value in IN_ADDRESS if heard else ():
        spoiled = good | dict.fromkeys(heard, value)
        yield repr(value[:60]), spoiled
        if "format" in heard:
            yield f"{value[:60]!r} as a file", spoiled | {"format": "csv"}
    for value in RAW_IN_ADDRESS if heard else ():
        yield f"raw {value}", "&".join(f"{name}={value}" for name in sorted(heard))
    for cursor in SOME_CURSORS if "cursor" in heard else ():
        yield f"cursor {cursor}", good | {"cursor": cursor}
    for name in NAMES:
        yield f"a part called {name[:40]!r}", good | {name: "javascript:bad()"}
    yield (
        "one part many times",
        [*good.items(), *((name, "1") for name in sorted(heard)), *((name, "2") for name in sorted(heard))],
    )
