"""What the portal writes into its log: ids, and nothing that opens a door or names a person."""

from __future__ import annotations

import traceback

import psycopg
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.web import security
from tests.harness.house import make_person

_KEY = "a-key-that-opens-a-door"


@pytest.mark.parametrize("address", ["/password/new/{}", "/confirm/{}", "/g/{}", "/unsubscribe/{}", "/i/{}"])
def test_a_line_names_the_door_and_not_the_key(app: Flask, address: str) -> None:
    with app.test_request_context(address.format(_KEY), query_string={"next": _KEY}):
        app.preprocess_request()
        bound = structlog.contextvars.get_contextvars()

    assert bound["request_id"]
    assert bound["endpoint"] in app.view_functions
    assert _KEY not in str(bound)


def test_a_made_up_method_does_not_fill_the_log(app: Flask) -> None:
    with app.test_request_context("/", method="P" * 50_000):
        app.preprocess_request()
        bound = structlog.contextvars.get_contextvars()

    assert bound["method"] == "P" * 20


def test_the_error_of_a_statement_does_not_carry_what_people_gave(
    client: FlaskClient, db_session: Session
) -> None:
    with pytest.raises(ProgrammingError) as broken:
        db_session.execute(
            text("SELECT nothing FROM nowhere WHERE phone = :phone"), {"phone": "+221771234567"}
        )

    assert "771234567" not in str(broken.value)


@pytest.mark.covers("PRV-02")
@pytest.mark.parametrize("change", ["email = :taken", "status = 'nothing'", "referral_code = NULL"])
def test_the_error_of_a_row_does_not_quote_the_row(db_session: Session, change: str) -> None:
    """PostgreSQL quotes the key that is taken, and the whole row that it refuses."""
    make_person(email="awa@logs.example")
    person = make_person(phone="+221771234567")
    values = {"who": person.id, "taken": "awa@logs.example"}

    with pytest.raises(IntegrityError) as refused:
        db_session.execute(text(f"UPDATE users SET {change} WHERE id = :who OR :taken = ''"), values)

    assert isinstance(refused.value.orig, psycopg.Error)
    quoted = refused.value.orig.diag.message_detail
    assert quoted is not None, "otherwise this proves nothing"
    told = "".join(traceback.format_exception(refused.value, chain=True))
    assert quoted not in told
    assert person.phone is not None
    assert person.phone not in told
    assert "UPDATE users" in told


def test_whoever_is_turned_away_leaves_a_line_with_door_and_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger keeps the processors of its first use; another portal may have been made since.
    monkeypatch.setattr(security, "log", structlog.get_logger())
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        client.get(f"/files/{new_id()}")
        client.post("/sign-in/with/nobody", content_type="application/json", data="{}")

    told = [(line["endpoint"], line["status"]) for line in lines if line["event"] == "request_refused"]
    assert told == [("web.stored_picture", 404), ("identity.begin_provider", 415)]
