"""Nobody learns from the time of an answer whether a contact has an account.

Known and unknown contacts are tried in turns, in one run and in an order of chance, so that whatever slows the
machine slows both. What is compared is how often a known one takes longer: half of the time when nothing tells.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity import passwords
from tests.harness.house import form_token
from tests.identity.doorway import open_account

ROUNDS = 60
# Below the tries that lock an address.
TRIES = 4
# Chance alone leads this far from a half in one of a million runs.
FAR = 0.26

Try = Callable[[str], object]


def share_of_slower(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How likely a try of a known contact takes longer than one of an unknown contact."""
    wins = sum((one > other) + (one == other) / 2 for one, other in product(known, unknown))
    return wins / (len(known) * len(unknown))


def measured(try_it: Try, rounds: int = ROUNDS) -> float:
    """Try contacts of both kinds in turns; the share of known ones that took longer."""
    chance = random.Random(7)
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds + 3):
        for is_known in chance.sample([True, False], 2):
            contact = f"{'known' if is_known else 'nobody'}{number // TRIES}@example.org"
            began = time.perf_counter()
            try_it(contact)
            took = time.perf_counter() - began
            if number >= 3:
                times[is_known].append(took)
    return share_of_slower(times[True], times[False])


@pytest.fixture
def knock(client: FlaskClient, db_session: Session) -> Callable[[str], Try]:
    """Sends forms as people from everywhere do; every address `known…` has an account."""
    for number in range(ROUNDS // TRIES + 2):
        open_account("Awa Ndiaye", email=f"known{number}@example.org")
    token = form_token(client)
    places = iter(f"198.51.{high}.{low}" for high, low in product(range(100), range(1, 255)))

    def at(path: str) -> Try:
        def send(contact: str) -> object:
            form = {"csrf_token": token, "email": contact, "password": "three wrong words"}
            return client.post(path, data=form, environ_base={"REMOTE_ADDR": next(places)})

        return send

    return at


@pytest.mark.covers("ID-48", "ID-55")
@pytest.mark.parametrize("path", ["/sign-in", "/password/forgotten", "/sign-up"])
def test_the_time_of_an_answer_tells_nothing(knock: Callable[[str], Try], path: str) -> None:
    assert measured(knock(path)) == pytest.approx(0.5, abs=FAR)


@pytest.fixture
def dear_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes cost what they cost outside of tests."""
    monkeypatch.setattr(passwords, "_cost", lambda: False)


def test_the_measure_notices_a_door_that_saves_itself_the_hash(
    dear_hashes: None, knock: Callable[[str], Try], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a door would do that looks first whether there is a hash to compare with."""
    honest = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda typed, kept: kept is not None and honest(typed, kept))

    assert measured(knock("/sign-in"), rounds=16) > 0.5 + FAR
