"""Background work as operators read it: the schedule, runs, given-up follow-ups, workers, the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.worker import BaseWorker
from sqlalchemy import String, column, func, select, true
from sqlalchemy.dialects.postgresql import array

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.jobs import queue
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from portal.kernel.paging import Page, SortKey, paginate

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A timed job with its last run and its last good one."""

    name: str
    every: timedelta
    last_at: datetime | None
    last_status: JobRunStatus | None
    last_success_at: datetime | None

    @property
    def next_at(self) -> datetime | None:
        """When it should start again."""
        return self.last_at + self.every if self.last_at else None


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker process as the queue knows it."""

    name: str
    state: str
    doing: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that the queue has given up."""

    id: str
    name: str
    ended_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """What Valkey knows; `is_reachable` is False when it does not answer."""

    is_reachable: bool
    waiting: int = 0
    workers: Sequence[WorkerState] = ()
    failed: Sequence[FailedJob] = ()


def scheduled_jobs() -> list[ScheduledJob]:
    """Every timed job, in the order of the schedule, in one statement."""
    every: dict[str, int] = current_app.extensions["schedule"]
    names = func.unnest(array(list(every), type_=String)).table_valued(column("name", String), name="names")
    name = names.c.name
    run = select(JobRun).where(JobRun.job_name == name).order_by(JobRun.started_at.desc()).limit(1)
    last = run.lateral("last")
    good = run.where(JobRun.status == JobRunStatus.SUCCEEDED).lateral("good")
    rows = db.session.execute(
        select(name, last.c.started_at, last.c.status, good.c.started_at)
        .select_from(names)
        .outerjoin(last, true())
        .outerjoin(good, true())
    )
    found = {row[0]: row for row in rows}
    return [
        ScheduledJob(
            job,
            timedelta(seconds=seconds),
            found[job][1],
            JobRunStatus(found[job][2]) if found[job][2] else None,
            found[job][3],
        )
        for job, seconds in every.items()
    ]


def runs(job_name: str | None, status: JobRunStatus | None, cursor: str | None) -> Page[JobRun]:
    """Runs of timed jobs, the newest first."""
    statement = select(JobRun)
    if job_name:
        statement = statement.where(JobRun.job_name == job_name)
    if status is not None:
        statement = statement.where(JobRun.status == status)
    return paginate(statement, [SortKey(JobRun.started_at), SortKey(JobRun.id)], cursor)


def failed_follow_ups(cursor: str | None) -> Page[OutboxEvent]:
    """Follow-ups that were given up and wait for somebody, the newest first."""
    statement = select(OutboxEvent).where(OutboxEvent.failed_at.is_not(None))
    return paginate(statement, [SortKey(OutboxEvent.failed_at), SortKey(OutboxEvent.id)], cursor)


def waiting_follow_ups() -> int:
    """Follow-ups that are still to be done."""
    return db.session.execute(
        select(func.count())
        .select_from(OutboxEvent)
        .where(OutboxEvent.done_at.is_(None), OutboxEvent.failed_at.is_(None))
    ).scalar_one()


def queue_state() -> QueueState:
    """Workers, waiting and failed jobs."""
    try:
        waiting = queue()
        registry = FailedJobRegistry(queue=waiting)
        jobs = Job.fetch_many(
            registry.get_job_ids(0, _SHOWN - 1, desc=True), waiting.connection, waiting.serializer
        )
        return QueueState(
            is_reachable=True,
            waiting=int(waiting.count),
            workers=[_worker(one) for one in Worker.all(connection=waiting.connection)],
            failed=[_failed(job) for job in jobs if job is not None],
        )
    except RedisError:
        return QueueState(is_reachable=False)


def requeue(job_id: str) -> None:
    """Give a failed job of the queue another try. Raises `NotFound` when it is not there (any more)."""
    try:
        FailedJobRegistry(queue=queue()).requeue(job_id)
    except (NoSuchJobError, InvalidJobOperation):
        raise NotFound from None


def forget(job_id: str) -> None:
    """Remove a failed job of the queue. Raises `NotFound` when it is not there (any more)."""
    registry = FailedJobRegistry(queue=queue())
    if job_id not in registry.get_job_ids():
        raise NotFound
    registry.remove(job_id, delete_job=True)


def _worker(worker: BaseWorker) -> WorkerState:
    doing: Any = worker.get_current_job_id()
    return WorkerState(worker.name, str(worker.get_state()), doing or "", worker.last_heartbeat)


def _failed(job: Job) -> FailedJob:
    result = job.latest_result()
    lines = ((result.exc_string if result else None) or "").strip().splitlines()
    return FailedJob(job.id, job.description or job.id, job.ended_at, lines[-1][:300] if lines else "")
