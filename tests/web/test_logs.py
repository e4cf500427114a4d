"""What the portal writes into its log: ids, and nothing that opens a door or names a person."""

from __future__ import annotations

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.web import security

_KEY = "a-key-that-opens-a-door"


@pytest.mark.parametrize("address", ["/password/new/{}", "/confirm/{}", "/g/{}", "/unsubscribe/{}", "/i/{}"])
def test_a_line_names_the_door_and_not_the_key(app: Flask, address: str) -> None:
    with app.test_request_context(address.format(_KEY), query_string={"next": _KEY}):
        app.preprocess_request()
        bound = structlog.contextvars.get_contextvars()

    assert bound["request_id"]
    assert bound["endpoint"] in app.view_functions
    assert _KEY not in str(bound)


def test_the_error_of_a_statement_does_not_carry_what_people_gave(
    client: FlaskClient, db_session: Session
) -> None:
    with pytest.raises(ProgrammingError) as broken:
        db_session.execute(
            text("SELECT nothing FROM nowhere WHERE phone = :phone"), {"phone": "+221771234567"}
        )

    assert "771234567" not in str(broken.value)


def test_whoever_is_turned_away_leaves_a_line_with_door_and_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger keeps the processors of its first use; another portal may have been made since.
    monkeypatch.setattr(security, "log", structlog.get_logger())
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        client.get(f"/files/{new_id()}")
        client.post("/sign-in/with/nobody", content_type="application/json", data="{}")

    told = [(line["endpoint"], line["status"]) for line in lines if line["event"] == "request_refused"]
    assert told == [("web.stored_picture", 404), ("identity.begin_house", 415)]
