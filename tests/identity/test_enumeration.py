"""Nobody learns from the time of an answer whether a contact has an account.

How it is measured: `tests/harness/timing.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity import passwords
from tests.harness.house import form_token
from tests.harness.timing import FAR, Try, addresses, known_contacts, measured
from tests.identity.doorway import open_account


@pytest.fixture
def knock(client: FlaskClient, db_session: Session) -> Callable[[str], Try]:
    """Sends forms as people from everywhere do; every address `known…` has an account."""
    for contact in known_contacts():
        open_account("Awa Ndiaye", email=contact)
    token, places = form_token(client), addresses()

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
