"""Every door, asked in ways that nobody thought of: an answer in plain words, and nothing changed by a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.badinput.doors import Door
from tests.badinput.fuzz.effort import effort
from tests.badinput.fuzz.found import FOUND
from tests.badinput.fuzz.judging import judge
from tests.badinput.fuzz.making import listen_to, requests
from tests.badinput.fuzz.sent import Sent
from tests.badinput.shelf import Shelf
from tests.badinput.table import DOORS
from tests.badinput.trying import Trial

# Werkzeug leaves the file of a body that turns out to be none to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_whatever_is_sent_there_is_an_answer_and_a_refusal_changes_nothing(
    trial: Trial, shelf: Shelf, door: Door
) -> None:
    known = listen_to(trial, door)
    shelf.take_new()

    @effort(4, of=str(door))
    @given(sent=requests(known))
    def every(sent: Sent) -> None:
        assert judge(trial, sent, shelf) == []

    every()


@pytest.mark.parametrize("sent", FOUND, ids=lambda sent: f"{sent.method} {sent.endpoint}")
def test_what_once_broke_something_does_no_more(trial: Trial, shelf: Shelf, sent: Sent) -> None:
    assert judge(trial, sent, shelf) == []
