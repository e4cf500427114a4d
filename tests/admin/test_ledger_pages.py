"""The ledger as pages: accounts, statements, movements and the proof."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.jobs import queue
from portal.kernel.models import JobRun, JobRunStatus
from portal.kernel.work import perform_run
from portal.ledger import services as ledger
from portal.ledger.accounts import house_money, pot_funds, user_wallet
from portal.ledger.models import Transfer
from portal.ledger.queries import counted_balance
from portal.ledger.services import Cause
from portal.payments.wallet import COMPARE_JOB
from portal.web.filters import money
from tests.harness.house import make_person, make_pot, send
from tests.harness.moments import Clock


@pytest.mark.covers("PAY-01")
def test_accounts_are_browsed_by_owner_and_purpose(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    pot = make_pot(make_person("Fatou Diop"), holds=7_000, title="Les 20 ans de Fatou")
    db_session.commit()

    shown = client.get("/admin/ledger?owner=pot&purpose=funds").text

    assert "Les 20 ans de Fatou" in shown
    assert "7\u202f000" in shown
    assert "Les 20 ans de Fatou" not in client.get("/admin/ledger?owner=partner").text
    assert "Les 20 ans de Fatou" in client.get(f"/admin/ledger?q={pot.id}").text
    assert client.get("/admin/ledger?owner=x&purpose=y&q=z").status_code == 200


def last_comparison(**found: int) -> None:
    """What the newest comparison with the wallet found."""
    counts = {"wave": 0, "books": 0, "held": 0, "on_its_way": 0, "promised": 0, "difference": 0} | found
    db.session.add(
        JobRun(
            id=new_id(),
            job_name=COMPARE_JOB,
            run_key=new_id().hex,
            status=JobRunStatus.SUCCEEDED,
            started_at=portal_clock.now(),
            counts=counts,
        )
    )
    db.session.commit()


@pytest.mark.covers("PAY-04")
def test_operators_read_what_wave_says_what_the_books_say_and_the_difference(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    assert "has not been compared" in client.get("/admin/ledger").text
    last_comparison(wave=123_456, books=120_000, held=3_000, on_its_way=456)
    same = client.get("/admin/ledger").text
    last_comparison(wave=99_000, books=100_000, difference=-1_000)

    off = client.get("/admin/ledger").text

    assert same.count(money(123_456)) == 2
    assert "Nothing is unexplained" in same
    assert all(money(amount) in off for amount in (99_000, 100_000, -1_000))
    assert "Nothing is unexplained" not in off


@pytest.mark.covers("PAY-04")
def test_the_wallet_is_compared_on_demand_and_never_within_the_request(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    assert send(client, "/admin/ledger/comparison").status_code == 303

    assert [job.description for job in queue().get_jobs()] == [COMPARE_JOB]


@pytest.mark.covers("PAY-01", "ADM-17")
def test_an_operator_notes_money_of_the_house_once(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    page = client.get("/admin/ledger/house-money").text
    once = page.split('name="once"')[1].split('value="')[1].split('"')[0]
    form = {"amount": "-250 000", "reason": "Taken to the bank", "once": once}

    for _twice in range(2):
        assert send(client, "/admin/ledger/house-money", form).status_code == 303

    assert counted_balance(house_money()).posted == -250_000
    trail = db_session.scalars(select(AuditLog).where(AuditLog.action == "house_money_booked")).all()
    assert [(row.new_values, row.reason) for row in trail] == [({"amount_minor": -250_000}, form["reason"])]
    for bad in ({"amount": "0"}, {"amount": ""}, {"reason": ""}, {"amount": "10000000000"}):
        assert send(client, "/admin/ledger/house-money", form | bad).status_code == 422


@pytest.mark.covers("PAY-01")
def test_a_statement_leads_to_the_movement_and_back(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    owner = make_person("Fatou Diop")
    pot = make_pot(owner, holds=7_000)
    moved = ledger.move(
        pot_funds(pot.id), user_wallet(owner.id), 2_500, Cause("leftover", "pots", pot.id, "k"), by=SYSTEM
    )
    undone = ledger.reverse(moved.transfer_id, Cause("leftover_undone", "pots", pot.id, "k2"), by=SYSTEM)
    db_session.commit()

    statement = client.get(f"/admin/ledger/accounts/{pot_funds(pot.id).id}").text
    assert "−2\u202f500" in statement
    assert f"/admin/ledger/transfers/{moved.transfer_id}" in statement
    movement = client.get(f"/admin/ledger/transfers/{moved.transfer_id}").text
    assert "Fatou Diop" in movement
    assert str(undone.transfer_id) in movement
    file = client.get(f"/admin/ledger/accounts/{pot_funds(pot.id).id}?format=csv").text
    assert file.splitlines()[0].endswith("at,kind,status,amount_minor,unit")
    assert len(file.splitlines()) == 4
    for path in ("accounts", "transfers"):
        assert client.get(f"/admin/ledger/{path}/{new_id()}").status_code == 404


def test_a_house_account_is_shown_without_a_balance(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    make_pot(make_person(), holds=100)
    db_session.commit()

    assert client.get("/admin/ledger?owner=platform").status_code == 200
    assert client.get("/admin/ledger?owner=provider").status_code == 200
    transfer = db_session.scalars(select(Transfer)).first()
    assert transfer is not None
    assert client.get(f"/admin/ledger/transfers/{transfer.id}").status_code == 200


@pytest.mark.covers("PAY-04")
def test_the_proof_is_that_of_the_newest_successful_check(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    assert "has not been checked yet" in client.get("/admin/ledger").text
    proof = {"units": {"XOF": 0}, "lines": [["pot", "funds", "XOF", 7000, 0, 1]]}
    first = JobRun(job_name="ledger.self_check", run_key="1", status=JobRunStatus.SUCCEEDED, counts=proof)
    db_session.add(first)
    db_session.commit()

    good = client.get("/admin/ledger").text
    assert "Every unit sums to zero: XOF." in good
    assert "card--positive" in good

    clock.advance(hours=1)
    db_session.add(
        JobRun(
            job_name="ledger.self_check",
            run_key="2",
            status=JobRunStatus.FAILED,
            error="LedgerOutOfBalance: units {'XOF': 5}",
        )
    )
    db_session.commit()
    bad = client.get("/admin/ledger").text
    assert "LedgerOutOfBalance" in bad
    assert "Every unit sums to zero: XOF." in bad


def test_the_check_is_queued_once_and_proves_the_ledger(
    client: FlaskClient, committed_db: Session, operator: User
) -> None:
    make_pot(make_person(), holds=100)
    committed_db.commit()

    assert send(client, "/admin/ledger/check").status_code == 303
    (job_id,) = queue().job_ids
    assert job_id == "manual-ledger-self_check"
    assert send(client, "/admin/ledger/check").status_code == 303
    assert len(queue().job_ids) == 1
    assert perform_run("ledger.self_check", f"manual-{int(portal_clock.now().timestamp())}")

    shown = client.get("/admin/ledger").text
    assert "Every unit sums to zero" in shown
    committed_db.rollback()
    assert [row.action for row in committed_db.scalars(select(AuditLog))] == ["job_started"]
