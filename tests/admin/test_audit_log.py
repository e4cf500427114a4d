"""The trail, searched."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.services import record
from portal.identity.models import User
from portal.kernel.ids import new_id
from tests.harness.house import acting
from tests.harness.moments import Clock


@pytest.mark.covers("ADM-12", "ADM-13", "ADM-17")
def test_the_trail_is_searched_by_who_what_and_when(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    thing = new_id()
    record(
        "refund_processed",
        ("donations", thing),
        by=acting(operator),
        old={"status": "succeeded"},
        new={"status": "refunded"},
        reason="Demande de la donatrice",
    )
    db_session.flush()
    clock.advance(days=2)
    record("pot_deleted", ("pots", new_id()), by=acting(operator))
    db_session.commit()

    def shown(query: str) -> tuple[bool, bool]:
        page = client.get(f"/admin/audit{query}").text
        return "refund_processed</td>" in page, "pot_deleted</td>" in page

    assert shown("") == (True, True)
    assert shown("?action=refund_processed") == (True, False)
    assert shown("?resource=pots") == (False, True)
    assert shown(f"?resource=donations&resource_id={thing}") == (True, False)
    assert shown(f"?actor={operator.id}") == (True, True)
    assert shown(f"?actor={new_id()}") == (False, False)
    assert shown("?from=2026-11-11") == (False, True)
    assert shown("?from=2026-11-10&to=2026-11-10") == (True, False)
    assert shown("?from=yesterday&actor=x") == (True, True)
    page = client.get("/admin/audit?action=refund_processed").text
    assert "State: Succeeded → Refunded" in page
    assert "Ousmane Fall" in page
    assert shown("?q=la donatrice") == (True, False)
    assert shown("?q=REFUNDED") == (True, False)
    assert shown("?q=%25") == (False, False)
    file = client.get("/admin/audit?format=csv").text
    assert "Demande de la donatrice" in file
    assert len(file.splitlines()) == 3


@pytest.mark.covers("ADM-17")
@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (None, {"amount_minor": 1200}, "Amount: 1\u202f200\xa0F\xa0CFA"),
        (None, {"reason": "user_request"}, "Reason: The payer asked for it"),
        (
            {"revenue_split_percentage": "80.00"},
            {"revenue_split_percentage": "77.50"},
            "The partner's share (%): 80\u202f% → 77,5\u202f%",
        ),
        ({"payment_terms": "weekly"}, {"payment_terms": "monthly"}, "Settled: Every week → Every month"),
        ({"roles": ["user"]}, {"roles": ["user", "admin"]}, "Rights: User → User, Administrator"),
        (
            {"guardian_user_id": None},
            {"guardian_user_id": "01a21aad-03c7-7712-9258-a81f91a9ba97"},
            "Guardian: nothing → 01a21aad…",
        ),
        ({"status": "pending"}, {"status": "active"}, "State: Pending → Active"),
        ({"points.rate": "1.0000"}, {"points.rate": "2.5"}, "Francs for one point: 1,0000 → 2,5"),
        ({}, {"notification_settings": {"redemptions": False}}, "Message for every gift served: No"),
        ({"label": "Wave"}, None, "Payout account: Wave → nothing"),
        (None, {"available_until": "2026-12-01T00:00:00+00:00"}, "On offer until: 1er\xa0déc.\xa02026"),
    ],
)
def test_a_change_reads_in_the_words_of_the_page(
    client: FlaskClient,
    db_session: Session,
    operator: User,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    shown: str,
) -> None:
    record("something_changed", ("pots", new_id()), by=acting(operator), old=old, new=new)
    db_session.commit()

    assert shown in client.get("/admin/audit").text


def test_a_providers_code_reads_as_what_it_means(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    record("refund_failed", ("refunds", None), by=acting(operator), reason="checkout-refund-failed")
    record("job_started", ("job", None), by=acting(operator), details={"job": "pots.open_due"})
    db_session.commit()

    page = client.get("/admin/audit").text
    assert "Wave could not give the money back." in page
    assert "checkout-refund-failed" not in page
    assert "Job: Opens pots" in page


def test_the_trail_pages_by_key(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    start = clock.travel(2026, 11, 10, 12)
    for number in range(30):
        clock.travel(start + timedelta(seconds=number))
        record(f"action_{number:02d}", ("tests", None), by=acting(operator))
        db_session.flush()
    db_session.commit()

    first = client.get("/admin/audit").text
    assert first.count("<tr") == 26
    assert "action_29" in first
    assert "action_04" not in first
    assert 'rel="next"' in first


@pytest.mark.covers("ADM-13", "ADM-17")
def test_the_file_tells_the_request_and_runs_nothing_in_a_spreadsheet(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    by = replace(acting(operator), request_id="req-77")
    record("pot_deleted", ("pots", None), by=by, reason="=HYPERLINK(1)", new={"name": "+1"})
    record("other", ("pots", None), by=acting(operator))
    db_session.commit()

    [line] = csv.DictReader(client.get("/admin/audit?format=csv&q=req-77").text.lstrip("\ufeff").splitlines())
    assert (line["request_id"], line["ip"], line["action"]) == ("req-77", "127.0.0.1", "pot_deleted")
    assert (line["reason"], line["after"]) == ("'=HYPERLINK(1)", '{"name": "+1"}')


@pytest.mark.covers("ADM-15")
def test_the_trail_cannot_be_rewritten(db_session: Session, operator: User) -> None:
    record("pot_deleted", ("pots", None), by=acting(operator))
    db_session.flush()

    with pytest.raises(DBAPIError):
        db_session.execute(text("UPDATE audit_logs SET action = 'nothing'"))


@pytest.mark.covers("ADM-16")
@pytest.mark.parametrize(
    "begins", ["(actor_user_id", "(action", "(occurred_at)", "(resource_type, resource_id)"]
)
def test_the_trail_has_an_index_for_what_is_asked_of_it(db_session: Session, begins: str) -> None:
    indexes = db_session.scalars(text("SELECT indexdef FROM pg_indexes WHERE tablename = 'audit_logs'")).all()

    [found] = [index for index in indexes if f"USING btree {begins}" in index]
    assert ("WHERE (actor_user_id IS NOT NULL)" in found) is (begins == "(actor_user_id")
