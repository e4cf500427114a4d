"""What people who steer see of money, and what they can do about it."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from werkzeug.test import TestResponse

from portal.audit.models import AuditLog
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.payments.models import Refund
from portal.web.filters import money
from tests.harness.house import acting, make_admin, make_person, send, sign_in
from tests.harness.statements import CountStatements
from tests.payments.world import World, keep, message, payment, refund_of, run_follow_ups

COMPLETED = "checkout.session.completed"
BUDGET = 8


@pytest.fixture
def steering(client: FlaskClient) -> FlaskClient:
    """A browser of somebody who steers the portal."""
    admin = make_admin()
    sign_in(client, admin)
    return client


def body(answer: TestResponse) -> str:
    """The page's text."""
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def mismatched(world: World) -> UUID:
    """A payment that waits for a check."""
    payment_id = world.at_wave(2500)
    with transaction():
        payment(payment_id).amount_minor = 2600
    world.pay(payment_id)
    world.announce(payment_id)
    return payment_id


@pytest.mark.covers("PAY-24", "DON-24", "DON-29")
@pytest.mark.parametrize(
    "path", ["/admin/payments", "/admin/refunds", "/admin/webhooks", f"/admin/payments/{new_id()}"]
)
def test_nobody_but_those_who_steer_sees_money(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 303
    sign_in(client, make_person())
    assert client.get(path).status_code == 404


@pytest.mark.covers("PAY-24")
@pytest.mark.parametrize("path", ["/admin/payments", "/admin/refunds", "/admin/webhooks"])
def test_empty_lists_say_what_will_stand_there(steering: FlaskClient, path: str) -> None:
    assert "empty-state" in body(steering.get(path))


@pytest.mark.covers("PAY-24")
def test_a_payment_is_found_by_reference_session_id_source_and_amount(
    steering: FlaskClient, world: World
) -> None:
    wanted, other = world.paid(2500), world.at_wave(7000)
    row = payment(wanted)
    found, hidden = f"/admin/payments/{wanted}", f"/admin/payments/{other}"
    for words in (row.provider_reference, row.provider_session_id, str(row.id), str(row.source_id), "2 500"):
        page = body(steering.get("/admin/payments", query_string={"q": words}))
        assert found in page
        assert hidden not in page
    page = body(steering.get("/admin/payments", query_string={"status": "processing", "kind": "donation"}))
    assert hidden in page
    assert found not in page


@pytest.mark.parametrize(
    "query", ["q=%00", "q='%3B--", "status=nonsense", "cursor=zzz", "q=9999999999999999999"]
)
def test_a_strange_question_is_answered_with_a_list(steering: FlaskClient, query: str) -> None:
    assert steering.get(f"/admin/payments?{query}").status_code == 200
    assert steering.get(f"/admin/webhooks?{query}").status_code == 200


@pytest.mark.covers("PAY-24")
def test_the_pages_ask_few_questions_however_much_there_is(
    steering: FlaskClient, world: World, count_statements: CountStatements
) -> None:
    payment_id = world.paid()
    event_id = world.announce(payment_id)
    for _number in range(3):
        world.paid()
    for path in (
        "/admin/payments",
        f"/admin/payments/{payment_id}",
        f"/admin/payments/{payment_id}/refund",
        "/admin/refunds",
        "/admin/webhooks",
        f"/admin/webhooks/{event_id}",
    ):
        with count_statements() as asked:
            body(steering.get(path))
        assert len(asked) <= BUDGET, (path, asked)


@pytest.mark.covers("PAY-24", "DON-24")
def test_a_payment_shows_its_story_its_messages_and_what_can_be_done(
    steering: FlaskClient, world: World
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    event_id = world.announce(payment_id)

    page = body(steering.get(f"/admin/payments/{payment_id}"))

    assert payment(payment_id).provider_reference in page
    assert f"/admin/webhooks/{event_id}" in page
    assert f"/admin/payments/{payment_id}/refund" in page


@pytest.mark.covers("DON-25", "DON-26", "DON-29", "PAY-23")
def test_a_refund_is_asked_for_with_a_reason_and_leaves_evidence(steering: FlaskClient, world: World) -> None:
    payment_id = world.paid()
    told = {"reason": "fraud", "description": "Signalé par la banque", "amount": ""}

    answer = send(steering, f"/admin/payments/{payment_id}/refund", told)

    assert answer.status_code == 303
    run_follow_ups()
    done = refund_of(payment_id)
    assert (done.status, done.reason, done.reason_description) == (
        "completed",
        "fraud",
        "Signalé par la banque",
    )
    assert done.refunded_by is not None
    proof = db.session.execute(
        select(AuditLog).where(AuditLog.action == "refund_requested", AuditLog.resource_id == done.id)
    ).scalar_one()
    assert proof.actor_user_id == done.refunded_by
    page = body(steering.get(f"/admin/payments/{payment_id}"))
    assert "Signalé par la banque" in page
    assert f"/admin/payments/{payment_id}/refund" not in page
    assert str(payment_id) in body(steering.get("/admin/refunds?status=completed"))


@pytest.mark.covers("DON-27", "DON-29")
@pytest.mark.parametrize(
    "told",
    [
        {"reason": "fraud", "description": "", "amount": ""},
        {"reason": "whim", "description": "x", "amount": ""},
        {"reason": "fraud", "description": "x", "amount": "2501"},
        {"reason": "fraud", "description": "x", "amount": "0"},
        {"reason": "fraud", "description": "x", "amount": "lots"},
        {"reason": "fraud", "description": "x", "amount": "1000"},
        {"reason": "fraud", "description": "x" * 1001, "amount": ""},
    ],
    ids=["no words", "no such reason", "too much", "nothing", "no number", "a part to nobody", "too long"],
)
def test_a_refund_that_cannot_be_is_refused_on_its_form(
    steering: FlaskClient, world: World, told: dict[str, str]
) -> None:
    payment_id = world.paid(2500)

    answer = send(steering, f"/admin/payments/{payment_id}/refund", told)

    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)
    assert db.session.execute(select(Refund)).first() is None


@pytest.mark.covers("DON-29")
def test_a_failed_refund_is_asked_for_again_from_its_page(steering: FlaskClient, world: World) -> None:
    payment_id = world.paid()
    world.sandbox.control("POST", "/wallet", balance=0)
    send(steering, f"/admin/payments/{payment_id}/refund", {"reason": "fraud", "description": "x"})
    run_follow_ups()
    refund_id = refund_of(payment_id).id
    assert f"/admin/refunds/{refund_id}/retry" in body(steering.get("/admin/refunds"))

    world.sandbox.control("POST", "/wallet", balance=100_000)
    assert send(steering, f"/admin/refunds/{refund_id}/retry").status_code == 303
    run_follow_ups()

    assert refund_of(payment_id).status == "completed"
    assert send(steering, f"/admin/refunds/{refund_id}/retry").status_code == 409
    assert send(steering, f"/admin/refunds/{new_id()}/retry").status_code == 404


def test_a_check_is_closed_with_a_note(steering: FlaskClient, world: World) -> None:
    payment_id = mismatched(world)
    assert str(payment_id) in body(steering.get("/admin/payments?review=yes"))

    assert send(steering, f"/admin/payments/{payment_id}/review", {"note": ""}).status_code == 422
    assert send(steering, f"/admin/payments/{payment_id}/review", {"note": "rendu"}).status_code == 303

    assert payment(payment_id).needs_review is False
    assert send(steering, f"/admin/payments/{payment_id}/review", {"note": "again"}).status_code == 422


@pytest.mark.covers("DON-24")
def test_messages_are_listed_shown_as_they_came_and_processed_again(
    steering: FlaskClient, world: World
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)
    event_id = keep(COMPLETED, world.shown(session.id))
    world.sandbox.arm("checkout.get", "error", status=404, code="checkout-session-not-found")
    run_follow_ups()
    assert message(event_id).status == "failed"

    listed = body(steering.get("/admin/webhooks?status=failed"))
    assert f"/admin/webhooks/{event_id}" in listed
    assert "does not know session" in listed
    shown = body(steering.get(f"/admin/webhooks/{event_id}"))
    assert session.id in shown
    assert f"/admin/webhooks/{event_id}/retry" in shown

    assert send(steering, f"/admin/webhooks/{event_id}/retry").status_code == 303
    run_follow_ups()
    assert message(event_id).status == "processed"
    assert payment(payment_id).status == "succeeded"
    assert send(steering, f"/admin/webhooks/{event_id}/retry").status_code == 409
    assert send(steering, f"/admin/webhooks/{new_id()}/retry").status_code == 404


@pytest.mark.covers("DON-24")
def test_a_message_that_was_settled_otherwise_is_set_aside(steering: FlaskClient, world: World) -> None:
    event_id = keep(COMPLETED, {"id": "unreadable"})
    run_follow_ups()

    assert send(steering, f"/admin/webhooks/{event_id}/dismissal", {"note": ""}).status_code == 422
    assert send(steering, f"/admin/webhooks/{event_id}/dismissal", {"note": "réglé"}).status_code == 303

    assert message(event_id).status == "ignored"
    assert "réglé" in body(steering.get(f"/admin/webhooks/{event_id}"))


@pytest.mark.covers("PAY-24")
def test_each_list_can_be_taken_along_as_a_file(steering: FlaskClient, world: World) -> None:
    payment_id = world.paid()
    send(steering, f"/admin/payments/{payment_id}/refund", {"reason": "fraud", "description": "=1+1"})
    for path, word in (
        ("/admin/payments", str(payment_id)),
        ("/admin/refunds", "'=1+1"),
        ("/admin/webhooks", COMPLETED),
    ):
        answer = steering.get(f"{path}?format=csv")
        assert answer.mimetype == "text/csv"
        assert word in answer.get_data(as_text=True)


@pytest.mark.covers("PAY-24")
def test_a_long_list_is_read_page_by_page(steering: FlaskClient, world: World) -> None:
    with transaction():
        from_here = [world.start() for _number in range(27)]

    first = body(steering.get("/admin/payments"))
    assert first.count('href="/admin/payments/') == 25
    assert "cursor=" in first
    assert len(from_here) == 27


def test_a_mismatch_shows_both_sums(steering: FlaskClient, world: World) -> None:
    payment_id = mismatched(world)

    page = body(steering.get(f"/admin/payments/{payment_id}"))

    assert money(2600) in page
    assert money(2500) in page


def test_who_asked_is_kept_with_the_row(db_session: DbSession, world: World) -> None:
    with transaction():
        person = acting(make_person())
    payment_id = world.start(by=person)

    assert payment(payment_id).created_by == person.user_id
