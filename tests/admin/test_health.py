"""The portal looks at itself, keeps what it found, and tells operators once."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.admin import checks
from portal.admin.health import KEPT, Finding, is_stale, keep, newest_results
from portal.admin.jobs import check_health
from portal.audit.jobs import seal_trail
from portal.audit.services import record
from portal.config.models import HealthStatus, SystemHealthCheck
from portal.identity.models import User
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from portal.kernel.money import Money
from portal.kernel.work import perform_run
from portal.notifications.models import Notification
from portal.payouts import outcomes
from portal.payouts.services import order_payout
from portal.pots.models import PotStatus
from tests.harness.house import make_admin, make_person, make_pot
from tests.harness.moments import Clock
from tests.payouts.world import destination, make_payee
from tests.sandbox.running import API_KEY, RunningSandbox

GOOD, SICK = HealthStatus.HEALTHY, HealthStatus.UNHEALTHY


def found(status: HealthStatus, error: str | None = None) -> Finding:
    return Finding("Wave", "answers", status, 12, {"amount": 1}, error)


@pytest.mark.covers("ADM-18")
def test_what_was_found_is_kept_with_its_time(db_session: Session) -> None:
    keep([found(GOOD), Finding("disk", "room", HealthStatus.DEGRADED, 1, {}, "little room is left")])

    wave, disk = newest_results()
    assert (wave.service_name, wave.check_name, wave.status) == ("Wave", "answers", GOOD)
    assert (wave.response_time_ms, wave.check_data, wave.error_message) == (12, {"amount": 1}, None)
    assert (disk.service_name, disk.status) == ("disk", HealthStatus.DEGRADED)


@pytest.mark.covers("ADM-19")
def test_operators_hear_of_a_failure_the_second_time_and_once(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 11, 10, 12)
    make_admin()

    def alerts_after(*findings: Finding) -> int:
        for finding in findings:
            clock.advance(minutes=1)
            keep([finding])
        return db_session.scalar(select(func.count()).select_from(Notification)) or 0

    assert alerts_after(found(GOOD), found(SICK, "no answer")) == 0
    assert alerts_after(found(SICK, "no answer")) == 1
    assert alerts_after(found(SICK), found(SICK), found(SICK)) == 1
    assert alerts_after(found(GOOD), found(SICK), found(SICK)) == 2
    title = db_session.scalars(select(Notification.title)).first()
    assert title == "À vérifier\u00a0: Wave (answers)"


def test_old_results_are_forgotten_and_silence_is_noticed(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 11, 10, 12)
    keep([found(GOOD)])
    assert not is_stale(newest_results())
    clock.advance(minutes=6)
    assert is_stale(newest_results())
    clock.advance(seconds=KEPT.total_seconds())
    keep([found(GOOD)])

    assert db_session.scalar(select(func.count()).select_from(SystemHealthCheck)) == 1
    assert is_stale([])


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> RunningSandbox:
    return RunningSandbox(tmp_path_factory.mktemp("wave"))


def test_the_job_looks_at_everything_and_a_failure_stops_nothing(
    committed_db: Session,
    app: Flask,
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("kernel.sweep", "ledger.self_check"):
        committed_db.add(JobRun(job_name=name, run_key="1", status=JobRunStatus.SUCCEEDED))
    committed_db.commit()
    with sandbox:
        pointed = dataclasses.replace(app.config["SETTINGS"], wave_api_url=sandbox.url, wave_api_key=API_KEY)
        monkeypatch.setitem(app.config, "SETTINGS", pointed)
        counts = check_health()
    # No worker runs in a test.
    assert counts["unhealthy"] == 1
    assert counts["healthy"] + counts.get("degraded", 0) == len(checks.CHECKS) - 1
    check_health()

    db.session.rollback()
    states = {(row.service_name, row.check_name): row for row in newest_results()}
    assert states["Wave", "answers"].status is SICK
    assert "Wave" in (states["Wave", "answers"].error_message or "")
    assert states["PostgreSQL", "answers"].status is GOOD
    assert states["jobs", "workers"].error_message == "no worker"


@pytest.mark.parametrize(("minutes", "status"), [(1, GOOD), (3, SICK)], ids=["just now", "too long ago"])
def test_a_schedule_that_stands_still_is_noticed(
    committed_db: Session, minutes: int, status: HealthStatus
) -> None:
    started = portal_clock.now() - timedelta(minutes=minutes)
    committed_db.add(
        JobRun(job_name="kernel.sweep", run_key="1", status=JobRunStatus.SUCCEEDED, started_at=started)
    )
    committed_db.commit()

    assert checks.schedule()[0] is status


def test_a_ledger_that_is_off_and_work_that_was_given_up_are_noticed(committed_db: Session) -> None:
    assert checks.ledger()[0] is HealthStatus.DEGRADED
    committed_db.add(JobRun(job_name="ledger.self_check", run_key="1", status=JobRunStatus.FAILED, error="5"))
    committed_db.add(OutboxEvent(job="x", dedupe_key="x", failed_at=portal_clock.now()))
    committed_db.commit()

    assert checks.ledger() == (SICK, {}, "5")
    assert checks.follow_ups()[0] is HealthStatus.DEGRADED


@pytest.mark.covers("ADM-15")
def test_a_trail_that_is_broken_or_waits_for_its_seal_is_noticed(committed_db: Session, clock: Clock) -> None:
    assert checks.trail()[0] is HealthStatus.DEGRADED
    record("pot_deleted", ("pots", None), by=SYSTEM)
    committed_db.commit()
    assert checks.seals() == (GOOD, {"count": 0}, None)
    clock.advance(minutes=6)
    assert checks.seals() == (HealthStatus.DEGRADED, {"count": 1}, "rows of the audit log wait")

    seal_trail()
    perform_run("audit.verify", "1")
    assert (checks.seals()[0], checks.trail()[0]) == (GOOD, GOOD)
    lost = JobRun(job_name="audit.verify", run_key="2", status=JobRunStatus.FAILED, error="row 1 was changed")
    committed_db.add(lost)
    lost.started_at = portal_clock.now() + timedelta(minutes=1)
    committed_db.commit()
    assert checks.trail() == (SICK, {}, "row 1 was changed")


def test_money_that_no_provider_answers_for_is_noticed_after_a_day(
    committed_db: Session, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    partner = make_payee()[0]
    payout = order_payout(
        Money(25_000), destination(partner.id), ("tests", new_id()), "Teranga T-1", by=SYSTEM
    )
    outcomes.claim(payout.id)
    db.session.commit()
    assert checks.money_on_its_way()[0] is GOOD

    clock.advance(days=1)

    assert checks.money_on_its_way() == (
        SICK,
        {"count": 1},
        "1 refunds or payouts have no answer since yesterday",
    )


def test_a_closed_pot_that_still_holds_money_is_noticed(committed_db: Session, clock: Clock) -> None:
    clock.travel(2026, 11, 10, 12)
    ended = {"status": PotStatus.CLOSED, "closed_at": clock.now()}
    make_pot(make_person(), holds=0, **ended)
    make_pot(make_person(), holds=9_000, choose_until=clock.now(), **ended)
    make_pot(make_person(), holds=9_000)
    db.session.commit()
    assert checks.money_at_rest()[0] is GOOD

    make_pot(make_person(), holds=5_000, **ended)
    db.session.commit()

    assert checks.money_at_rest() == (SICK, {"count": 1}, "1 closed pots still hold money")


@pytest.mark.covers("ADM-19")
def test_the_page_shows_every_check_and_says_when_nobody_looks(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    assert "empty-state" in client.get("/admin/health").text
    keep([found(SICK, "no answer")])
    db_session.commit()

    page = client.get("/admin/health").text
    assert "no answer" in page
    assert "badge--negative" in page
    clock.advance(minutes=10)
    assert "flash--error" in client.get("/admin/health").text
