"""What a worker does with a queued job, and the sweep that finds what the queue lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.kernel.jobs import REGISTRY, JobSpec, enqueue, job, tell_after_commit
from portal.kernel.models import DayCount, JobRun, JobRunStatus, OutboxEvent
from portal.kernel.states import Machine

MAX_ATTEMPTS = 8
_LOST_AFTER = timedelta(seconds=30)
# Longer than any timed job may take.
_RUN_LOST_AFTER = timedelta(hours=1)
_LOST = "the worker was lost before the end"
# A failed run may be taken up again under its key; one that was lost while it ran is, as far as anybody can see, the
# same run, and starts over without a step. Every statement on `job_runs` takes its steps from here.
RUN_STEPS = Machine(
    "job_runs",
    {
        JobRunStatus.RUNNING: {JobRunStatus.SUCCEEDED, JobRunStatus.FAILED},
        JobRunStatus.FAILED: {JobRunStatus.RUNNING},
        JobRunStatus.SUCCEEDED: set(),
    },
)
_KEEP_RUNS = timedelta(days=30)
_KEEP_DONE = timedelta(days=30)
_KEEP_COUNTS = timedelta(days=30)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of a timed job as one worker has begun it."""

    id: UUID
    started_at: datetime


def perform(job_name: str, event_id: str | None = None, run_key: str | None = None) -> None:
    """Run one registered job: a follow-up with its outbox row, a timed job with its run, or a plain drain."""
    spec = REGISTRY[job_name]
    try:
        if event_id is not None:
            _perform_follow_up(spec, UUID(event_id))
        elif run_key is not None:
            perform_run(spec.name, run_key)
        else:
            spec.function()
    finally:
        db.session.remove()


def _perform_follow_up(spec: JobSpec, event_id: UUID) -> None:
    payload = _claim(spec, event_id)
    if payload is None:
        return
    try:
        spec.function(**payload)
    except Exception as error:
        log.exception("job_failed", job=spec.name, event_id=str(event_id))
        db.session.remove()
        _record_failure(event_id, error)
        return
    with transaction() as session:
        session.execute(
            update(OutboxEvent)
            .where(OutboxEvent.id == event_id)
            .values(done_at=clock.now(), failed_at=None, last_error=None)
        )


def _claim(spec: JobSpec, event_id: UUID) -> dict[str, Any] | None:
    """Take the row until the job's time is over, so that a second copy of the job finds nothing to do."""
    moment = clock.now()
    statement = (
        update(OutboxEvent)
        .where(
            OutboxEvent.id == event_id,
            OutboxEvent.done_at.is_(None),
            OutboxEvent.failed_at.is_(None),
            OutboxEvent.available_at <= moment,
        )
        .values(
            attempts=OutboxEvent.attempts + 1,
            available_at=moment + timedelta(seconds=spec.timeout),
        )
        .returning(OutboxEvent.payload)
    )
    with transaction() as session:
        return session.execute(statement).scalar_one_or_none()


def _record_failure(event_id: UUID, error: Exception) -> None:
    with transaction() as session:
        row = session.get(OutboxEvent, event_id, with_for_update=True)
        if row is None:
            return
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        row.available_at = clock.now() + backoff(row.attempts)
        if row.attempts >= MAX_ATTEMPTS:
            row.failed_at = clock.now()


def backoff(attempts: int) -> timedelta:
    """How long to wait after the given number of failures: 10 s, 40 s, … at most an hour."""
    return timedelta(seconds=min(10 * 4 ** max(attempts - 1, 0), 3600))


def retry_failed(event_id: UUID) -> bool:
    """Give a failed follow-up a fresh set of attempts; False when it is not failed (any more)."""
    statement = (
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.failed_at.is_not(None))
        .values(failed_at=None, attempts=0, available_at=clock.now())
        .returning(OutboxEvent.job)
    )
    job_name = db.session.execute(statement).scalar_one_or_none()
    if job_name is None:
        return False
    tell_after_commit(job_name, event_id)
    return True


def perform_run(job_name: str, run_key: str) -> bool:
    """Run a timed job once per `run_key` and keep what it counted; False when that run already was.

    Two schedulers, or a scheduler that comes back after days, meet at the unique key (R-71).
    """
    run = _open_run(job_name, run_key)
    if run is None:
        return False
    try:
        counts = REGISTRY[job_name].function()
    except Exception as error:
        db.session.remove()
        _close_run(run, JobRunStatus.FAILED, {}, f"{type(error).__name__}: {error}"[:2000])
        raise
    _close_run(run, JobRunStatus.SUCCEEDED, counts if isinstance(counts, dict) else {}, None)
    return True


def _open_run(job_name: str, run_key: str) -> _Run | None:
    """This run as this worker has begun it, None when the run is done or another worker holds it."""
    moment = clock.now()
    stale = moment - timedelta(seconds=REGISTRY[job_name].timeout)
    statement = (
        insert(JobRun)
        .values(
            id=new_id(), job_name=job_name, run_key=run_key, status=JobRunStatus.RUNNING, started_at=moment
        )
        .on_conflict_do_update(
            index_elements=["job_name", "run_key"],
            set_={"status": JobRunStatus.RUNNING, "started_at": moment, "finished_at": None, "error": None},
            where=JobRun.status.in_(RUN_STEPS.leading_to(JobRunStatus.RUNNING))
            | ((JobRun.status == JobRunStatus.RUNNING) & (JobRun.started_at < stale)),
        )
        .returning(JobRun.id)
    )
    with transaction() as session:
        run_id = session.execute(statement).scalar_one_or_none()
    return _Run(run_id, moment) if run_id is not None else None


def _close_run(run: _Run, status: JobRunStatus, counts: dict[str, Any], error: str | None) -> None:
    """Write down how the run ended; a worker that was given up meanwhile writes nothing over what others did."""
    with transaction() as session:
        session.execute(
            update(JobRun)
            .where(
                JobRun.id == run.id,
                JobRun.started_at == run.started_at,
                JobRun.status.in_(RUN_STEPS.leading_to(status)),
            )
            .values(status=status, counts=counts, error=error, finished_at=clock.now())
        )


@job("kernel.sweep")
def sweep(limit: int = 1000) -> dict[str, int]:
    """Queue every follow-up that is due and that the queue may have lost (wall 2)."""
    moment = clock.now()
    with transaction():
        _end_what_was_lost(moment)
    statement = (
        select(OutboxEvent.job, OutboxEvent.id, OutboxEvent.attempts)
        .where(
            OutboxEvent.done_at.is_(None),
            OutboxEvent.failed_at.is_(None),
            OutboxEvent.available_at <= moment,
            (OutboxEvent.attempts > 0) | (OutboxEvent.available_at <= moment - _LOST_AFTER),
        )
        .order_by(OutboxEvent.available_at)
        .limit(limit)
    )
    with transaction() as session:
        due = session.execute(statement).all()
    queued = [
        enqueue(job_name, job_id=f"outbox-{event_id}-{attempts}", event_id=event_id)
        for job_name, event_id, attempts in due
    ]
    return {"due": len(due), "queued": sum(queued)}


def _end_what_was_lost(moment: datetime) -> None:
    """Show what takes its worker down each time it is tried, and runs that nobody will end any more."""
    event, run = OutboxEvent, JobRun
    db.session.execute(
        update(event)
        .where(
            event.done_at.is_(None),
            event.failed_at.is_(None),
            event.available_at <= moment,
            event.attempts >= MAX_ATTEMPTS,
        )
        .values(failed_at=moment, last_error=_LOST)
    )
    db.session.execute(
        update(run)
        .where(
            run.status.in_(RUN_STEPS.leading_to(JobRunStatus.FAILED)),
            run.started_at <= moment - _RUN_LOST_AFTER,
        )
        .values(status=JobRunStatus.FAILED, error=_LOST, finished_at=moment)
    )


@job("kernel.forget")
def forget_old_work() -> dict[str, int]:
    """Remove finished follow-ups, runs and counts of days that nobody will ask about any more."""
    return {
        "follow_ups": _delete_before(OutboxEvent, OutboxEvent.done_at, clock.now() - _KEEP_DONE),
        "runs": _delete_before(JobRun, JobRun.finished_at, clock.now() - _KEEP_RUNS),
        "counts": _delete_before(DayCount, DayCount.day, clock.local_date(clock.now() - _KEEP_COUNTS)),
    }


def _delete_before(model: type[OutboxEvent] | type[JobRun] | type[DayCount], column: Any, limit: date) -> int:
    with transaction() as session:
        gone = session.execute(delete(model).where(column < limit).returning(model.id)).all()
    return len(gone)
