"""Background work as pages: the schedule, what was given up, and giving it another try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.admin import work
from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.kernel import clock as portal_clock
from portal.kernel.ids import new_id
from portal.kernel.jobs import REGISTRY, JobSpec, SafeJob, enqueue, queue
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from tests.harness.house import send
from tests.harness.moments import Clock


def test_the_schedule_shows_last_run_last_success_and_next(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    moment = clock.travel(2026, 11, 10, 12)
    for hours, status in ((2, JobRunStatus.SUCCEEDED), (1, JobRunStatus.FAILED)):
        db_session.add(
            JobRun(
                job_name="ledger.self_check",
                run_key=str(hours),
                status=status,
                started_at=moment - timedelta(hours=hours),
                finished_at=moment,
                counts={"units": {"XOF": 0}, "lines": []},
            )
        )
    db_session.commit()

    jobs = {job.name: job for job in work.scheduled_jobs()}
    checked = jobs["ledger.self_check"]
    assert (checked.last_status, checked.last_at) == (JobRunStatus.FAILED, moment - timedelta(hours=1))
    assert checked.last_success_at == moment - timedelta(hours=2)
    assert checked.next_at == moment
    assert jobs["kernel.sweep"].last_at is None
    assert set(jobs) <= set(REGISTRY)
    assert "ledger.self_check" in client.get("/admin/jobs").text
    runs = client.get("/admin/jobs/runs?job=ledger.self_check&status=failed").text
    assert runs.count("<tr") == 2
    assert "Sums kept: 0 · Units checked: 1" in runs
    assert "3\u202f600,0&nbsp;s" in runs


def test_a_timed_job_is_run_out_of_its_turn(client: FlaskClient, db_session: Session, operator: User) -> None:
    assert send(client, "/admin/jobs/kernel.sweep/run").status_code == 303
    assert queue().job_ids == ["manual-kernel-sweep"]
    assert send(client, "/admin/jobs/os.system/run").status_code == 404


@pytest.mark.covers("ADM-12")
def test_a_follow_up_that_was_given_up_is_tried_again(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    event = OutboxEvent(
        id=new_id(),
        job="kernel.sweep",
        dedupe_key="k",
        attempts=8,
        failed_at=portal_clock.now(),
        last_error="ValueError: no",
    )
    db_session.add(event)
    db_session.commit()
    assert "ValueError: no" in client.get("/admin/jobs/failed").text

    assert send(client, f"/admin/jobs/follow-ups/{event.id}/retry").status_code == 303

    db_session.expire_all()
    again = db_session.get_one(OutboxEvent, event.id)
    assert (again.failed_at, again.attempts) == (None, 0)
    assert db_session.scalars(select(AuditLog)).one().action == "follow_up_retried"
    assert send(client, f"/admin/jobs/follow-ups/{event.id}/retry").status_code == 404


def _fail() -> None:
    raise RuntimeError("broken on purpose")


def _run_queue() -> None:
    worker = SimpleWorker(
        [queue()], connection=queue().connection, serializer=JSONSerializer, job_class=SafeJob
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_failed_job_of_the_queue_is_requeued_or_removed(
    app: Flask,
    client: FlaskClient,
    committed_db: Session,
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(REGISTRY, "tests.fail", JobSpec("tests.fail", _fail, 10))
    # A job with an event id is not tried again by the queue itself.
    monkeypatch.setattr("portal.kernel.work._perform_follow_up", lambda spec, event_id: spec.function())
    for number in range(2):
        enqueue("tests.fail", job_id=f"broken-{number}", event_id=new_id())
    _run_queue()

    page = client.get("/admin/jobs/failed").text
    assert page.count("RuntimeError: broken on purpose") == 2
    assert send(client, "/admin/jobs/queue/broken-0/requeue").status_code == 303
    assert queue().job_ids == ["broken-0"]
    assert send(client, "/admin/jobs/queue/broken-1/remove").status_code == 303
    assert client.get("/admin/jobs/failed").text.count("RuntimeError: broken on purpose") == 0
    for action in ("requeue", "remove"):
        assert send(client, f"/admin/jobs/queue/broken-1/{action}").status_code == 404
    assert send(client, "/admin/jobs/queue/broken-1/explode").status_code == 404
