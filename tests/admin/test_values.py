"""Operators change the numbers of the business, inside their bounds, and leave a trace."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.models import DataType, SystemConfig
from portal.config.services import set_value
from portal.config.values import DONATION_MIN, HIDDEN, POINTS_RATE, REGISTRY, Setting, value_of
from portal.identity.models import User
from portal.kernel.errors import NotFound
from tests.harness.house import acting, make_admin, send


@pytest.mark.covers("ADM-07", "ADM-08", "ADM-11")
def test_a_changed_value_counts_at_once_and_is_kept_in_the_trail(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    answer = send(client, "/admin/values/points.rate", {"value": "2.5", "reason": "Fêtes"})

    assert (answer.status_code, answer.location) == (303, "/admin/values")
    db_session.expire_all()
    db_session.info.clear()
    assert value_of(POINTS_RATE) == Decimal("2.5")
    row = db_session.scalars(select(SystemConfig)).one()
    assert (row.config_key, row.config_value, row.data_type) == ("points.rate", "2.5", DataType.STRING)
    assert (row.last_modified_by, row.validation_rules) == (operator.id, {"low": "0.0001", "high": "1000"})
    trail = db_session.scalars(select(AuditLog)).one()
    assert (trail.action, trail.old_values, trail.new_values, trail.reason) == (
        "operator_value_changed",
        {"points.rate": "1.0000"},
        {"points.rate": "2.5"},
        "Fêtes",
    )
    page = client.get("/admin/values").text
    assert "2,5" in page
    assert 'value="2,5"' in client.get("/admin/values/points.rate").text


@pytest.mark.covers("ADM-07")
@pytest.mark.parametrize("typed", ["2,5", "2.5", " 2,50 "])
def test_both_decimal_marks_are_read(
    client: FlaskClient, db_session: Session, operator: User, typed: str
) -> None:
    answer = send(client, "/admin/values/points.rate", {"value": typed, "reason": "Fêtes"})

    assert answer.status_code == 303
    db_session.expire_all()
    db_session.info.clear()
    assert value_of(POINTS_RATE) == Decimal("2.5")


@pytest.mark.covers("ADM-10")
@pytest.mark.parametrize("typed", ["99", "10000001", "many", "", "12.5", "1e400", "\x00"])
def test_a_value_outside_its_bounds_is_refused(
    client: FlaskClient, db_session: Session, operator: User, typed: str
) -> None:
    answer = send(client, f"/admin/values/{DONATION_MAX}", {"value": typed, "reason": "x"})

    assert answer.status_code == 422
    assert "field__error" in answer.text
    assert db_session.scalars(select(SystemConfig)).all() == []


DONATION_MAX = "donations.max"


def test_a_change_needs_a_reason_and_a_known_value(client: FlaskClient, operator: User) -> None:
    assert send(client, "/admin/values/points.rate", {"value": "2", "reason": ""}).status_code == 422
    assert client.get("/admin/values/points.unknown").status_code == 404


def test_the_default_leaves_no_row_and_no_change_no_trace(db_session: Session) -> None:
    admin = acting(make_admin())

    assert set_value(DONATION_MIN.key, "500", by=admin) == (DONATION_MIN.default, 500)
    assert set_value(DONATION_MIN.key, 600, by=admin) == (500, 600)
    assert value_of(DONATION_MIN) == 600
    assert set_value(DONATION_MIN.key, str(DONATION_MIN.default), by=admin) == (600, DONATION_MIN.default)
    assert db_session.scalars(select(SystemConfig)).all() == []
    with pytest.raises(NotFound):
        set_value("nothing", 1, by=admin)


def test_a_choice_is_one_of_those_on_offer(
    client: FlaskClient, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting("tests.colour", "indigo", "Colour", "T-1", choices=("indigo", "marigold"))
    monkeypatch.setitem(REGISTRY, setting.key, setting)

    wrong = send(client, "/admin/values/tests.colour", {"value": "pink", "reason": "x"})
    assert wrong.status_code == 422
    right = send(client, "/admin/values/tests.colour", {"value": "marigold", "reason": "x"})
    assert right.status_code == 303
    assert "indigo, marigold" in client.get("/admin/values").text


def test_every_value_is_on_the_page_with_its_bounds(client: FlaskClient, operator: User) -> None:
    page = client.get("/admin/values").text

    assert all(f"/admin/values/{key}" in page for key in REGISTRY)


@pytest.mark.covers("ADM-09")
def test_a_sensitive_value_is_kept_encrypted_and_told_to_nobody(
    client: FlaskClient, db_session: Session, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting("tests.word", "nothing", "Word", "T-1", is_sensitive=True)
    monkeypatch.setitem(REGISTRY, setting.key, setting)

    for word in ("sesame", "open sesame"):
        sent = send(client, "/admin/values/tests.word", {"value": word, "reason": "Tests"})
        assert sent.status_code == 303
    db_session.expire_all()
    db_session.info.clear()
    assert value_of(setting) == "open sesame"
    row = db_session.scalars(select(SystemConfig)).one()
    assert row.is_sensitive
    assert "sesame" not in row.config_value
    trail = db_session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [one.new_values for one in trail] == [{"tests.word": HIDDEN}] * 2
    pages = [client.get(f"/admin/{name}").text for name in ("values", "values/tests.word", "audit")]
    assert all(HIDDEN in page and "sesame" not in page for page in pages)
