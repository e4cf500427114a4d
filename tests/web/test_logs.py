"""What the portal writes into its log: ids, and nothing that opens a door or names a person."""

from __future__ import annotations

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

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
