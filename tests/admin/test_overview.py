"""The tiles of the first page count what there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy.orm import Session

from portal.admin.overview import overview
from portal.config.models import HealthStatus, SystemHealthCheck
from portal.identity.models import User
from portal.kernel import clock as portal_clock
from portal.kernel.ids import new_id
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from portal.pots.models import Donation, DonationStatus, Pot, PotStatus
from tests.harness.house import make_person, make_pot
from tests.harness.moments import Clock


def gift(pot: Pot, amount: int, **facts: object) -> Donation:
    values: dict[str, object] = {
        "receipt_token": str(new_id()),
        "submission_key": str(new_id()),
        "status": DonationStatus.SUCCEEDED,
        "confirmed_at": portal_clock.now(),
    }
    return Donation(pot_id=pot.id, amount_minor=amount, **(values | facts))


def test_the_tiles_say_what_there_is_and_what_waits(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    first, second = make_pot(make_person(), holds=20_000), make_pot(make_person(), holds=5_000)
    second.status = PotStatus.OPEN
    moment = portal_clock.now()
    db_session.add_all(
        [
            gift(first, 3_000),
            gift(first, 2_000, is_held=True),
            gift(first, 700, confirmed_at=moment - timedelta(days=2)),
            gift(first, 900, status=DonationStatus.PENDING, confirmed_at=None),
            OutboxEvent(job="kernel.sweep", dedupe_key="x", failed_at=moment),
            JobRun(
                job_name="ledger.self_check",
                run_key="1",
                status=JobRunStatus.SUCCEEDED,
                started_at=moment,
                finished_at=moment,
            ),
            SystemHealthCheck(service_name="Wave", check_name="answers", status=HealthStatus.UNHEALTHY),
        ]
    )
    db_session.commit()

    now = overview()

    assert (now.pots[PotStatus.FUNDED], now.pots[PotStatus.OPEN], now.pots[PotStatus.CLOSED]) == (1, 1, 0)
    assert now.in_pots_minor == 25_000
    assert (now.gifts_today, now.given_today_minor, now.gifts_held) == (2, 5_000, 1)
    assert (now.failed_follow_ups, now.dead_deliveries, now.alerts) == (1, 0, 1)
    assert now.ledger_is_proved
    assert now.queue_length == 0
    page = client.get("/admin").text
    assert "25\u202f000\u00a0F\u00a0CFA" in page


def test_a_queue_that_is_away_is_said_and_not_an_error(
    client: FlaskClient, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1)
    monkeypatch.setattr("portal.kernel.jobs.valkey", lambda: nobody)

    assert client.get("/admin").status_code == 200
    assert client.get("/admin/jobs").status_code == 200
    assert client.get("/admin/jobs/failed").status_code == 200


def test_what_is_counted_over_all_pots_is_counted_once_a_minute(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    make_pot(make_person(), holds=20_000)
    db_session.commit()
    before = overview()
    make_pot(make_person(), holds=5_000)
    db_session.commit()

    meanwhile = overview()
    clock.advance(seconds=61)
    after = overview()

    assert before.in_pots_minor == meanwhile.in_pots_minor == 20_000
    assert meanwhile.pots_counted_at == before.pots_counted_at
    assert (after.in_pots_minor, after.pots[PotStatus.FUNDED]) == (25_000, 2)
