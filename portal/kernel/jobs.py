"""Background work: the registry of jobs and the one way to queue one (`work.py` holds what a worker does).

The story of a follow-up (walls 2 and 4 of the architecture):

1. A service calls `follow_up(...)` inside its transaction: a row in `outbox_events`, unique by its key.
2. The owner of the transaction commits. Only then is the queue told (`_tell_queue`), by id.
3. A worker claims the row for as long as the job may take, runs the function, marks the row done.
4. If the queue was down, lost the job or the worker was killed, the row falls due again, and the sweep
   (on a timer) queues it. Every job is therefore written to be safe when run twice.
5. After `MAX_ATTEMPTS` failures the row is marked failed and shown to admins with a retry button.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import structlog
from flask import current_app, has_request_context
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import OutboxEvent

QUEUE_NAME = "portal"
ENTRY_POINT = "portal.kernel.work.perform"
_KEEP_FAILED = 7 * 24 * 3600

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A registered job: its function takes JSON values by keyword and is safe to run twice."""

    name: str
    function: Callable[..., Any]
    timeout: int


REGISTRY: dict[str, JobSpec] = {}


def job(name: str, *, timeout: int = 180) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the job `name`; `timeout` in seconds."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        if name in REGISTRY:
            raise ValueError(f"two jobs are called {name}")
        REGISTRY[name] = JobSpec(name, function, timeout)
        return function

    return register


class SafeJob(Job):
    """An RQ job that runs nothing but the entry point, whatever a stranger wrote into the queue.

    RQ would also import and call what the job names for its end, and send its result to any address.
    """

    success_callback = failure_callback = stopped_callback = None

    @property
    def func(self) -> Callable[..., Any]:
        if self.func_name != ENTRY_POINT:
            raise PermissionError("a job outside the registry")
        function: Callable[..., Any] = super().func
        return function

    def restore(self, raw_data: Any) -> None:
        """The job as the queue holds it, without the addresses it names."""
        super().restore(raw_data)
        self.webhooks = []


def valkey() -> Redis:
    """The connection to Valkey that queue and caches share."""
    connection: Redis = current_app.extensions["valkey"]
    return connection


def queue() -> Queue:
    """The portal's queue, with JSON payloads only."""
    return Queue(QUEUE_NAME, connection=valkey(), serializer=JSONSerializer, job_class=SafeJob)


def follow_up(
    job_name: str,
    *,
    dedupe_key: str,
    payload: dict[str, Any] | None = None,
    entity: tuple[str, UUID] | None = None,
    delay: timedelta = timedelta(0),
) -> None:
    """Write work to be done after this transaction commits; a second call with the key does nothing."""
    if job_name not in REGISTRY:
        raise ValueError(f"no job is called {job_name}")
    row = {
        "id": new_id(),
        "job": job_name,
        "payload": payload or {},
        "entity_type": entity[0] if entity else None,
        "entity_id": entity[1] if entity else None,
        "dedupe_key": dedupe_key,
        "available_at": clock.now() + delay,
        "created_at": clock.now(),
    }
    statement = insert(OutboxEvent).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"])
    added = db.session.execute(statement.returning(OutboxEvent.id)).scalar()
    if added is not None and not delay:
        tell_after_commit(job_name, added)


def tell_after_commit(job_name: str, event_id: UUID) -> None:
    """Queue a due outbox row once the running transaction has committed."""
    db.session.info.setdefault("follow_ups", []).append((job_name, event_id))


def wake(job_name: str) -> None:
    """After the commit, run a drain job soon; it finds its own work, so losing this call loses nothing."""
    db.session.info.setdefault("wake_ups", set()).add(job_name)


FollowUps = list[tuple[str, UUID]]
_gathered: ContextVar[FollowUps | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[FollowUps]:
    """Gather the follow-ups that commits inside would queue, for a caller who does them (`work.perform`).

    Drains are not gathered: they find their own work.
    """
    asked: FollowUps = []
    token = _gathered.set(asked)
    try:
        yield asked
    finally:
        _gathered.reset(token)


@event.listens_for(Session, "after_commit")
def _tell_queue(session: Session) -> None:
    """Queue what this transaction asked for. A queue that is down is caught up by the sweep."""
    if session.in_nested_transaction():
        # A savepoint ends too with this event; what it asked for counts at the real commit.
        return
    gathered = _gathered.get()
    if gathered is not None:
        gathered += session.info.pop("follow_ups", [])
        session.info.pop("wake_ups", None)
        return
    try:
        _queue_all(session.info.pop("follow_ups", []), session.info.pop("wake_ups", set()))
    except Exception:
        # What is committed has happened: whatever befalls the queue, nobody may be told that it failed.
        log.exception("queue_not_told")


def _queue_all(follow_ups: FollowUps, wake_ups: set[str]) -> None:
    for job_name, event_id in follow_ups:
        enqueue(job_name, job_id=f"outbox-{event_id}-0", event_id=event_id)
    for job_name in sorted(wake_ups):
        _queue_drain(job_name)


def _queue_drain(job_name: str) -> None:
    name = f"wake-{job_name.replace('.', '-')}"
    somebody_waits = has_request_context()
    # A person looks on: a code goes out first, however many follow-ups are in line.
    if somebody_waits and enqueue(job_name, job_id=f"{name}-now", at_front=True):
        return
    # While one drain runs, one more may wait: it sees what the running one has already passed.
    if not enqueue(job_name, job_id=name):
        enqueue(job_name, job_id=f"{name}-next")


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if session.in_nested_transaction():
        # What a savepoint asked for has lost its row and will find nothing to do; the rest still counts.
        return
    session.info.pop("follow_ups", None)
    session.info.pop("wake_ups", None)


def enqueue(
    job_name: str,
    *,
    job_id: str,
    event_id: UUID | None = None,
    run_key: str | None = None,
    at_front: bool = False,
) -> bool:
    """Put one job on the queue unless `job_id` waits or runs there; the only place that queues anything.

    False when it is there already, or when Valkey cannot be reached.
    """
    arguments = {"job_name": job_name, "event_id": str(event_id) if event_id else None, "run_key": run_key}
    try:
        return _enqueue_once(arguments, job_id, REGISTRY[job_name].timeout, at_front)
    except RedisError as error:
        log.warning("queue_unreachable", job=job_name, error=type(error).__name__)
        return False


def _enqueue_once(arguments: dict[str, Any], job_id: str, timeout: int, at_front: bool) -> bool:
    target = queue()
    for _attempt in range(2):
        try:
            target.enqueue(
                ENTRY_POINT,
                kwargs=arguments,
                job_id=job_id,
                unique=True,
                job_timeout=timeout,
                at_front=at_front,
                result_ttl=0,
                failure_ttl=_KEEP_FAILED,
                # A follow-up keeps its own count of attempts in its row.
                retry=None if arguments["event_id"] else Retry(max=3, interval=[10, 60, 300]),
                description=arguments["job_name"],
            )
        except DuplicateJobError:
            if not _forget_ended(target, job_id):
                return False
        else:
            return True
    return False


def _forget_ended(target: Queue, job_id: str) -> bool:
    """Drop an ended job of that id, which would otherwise block its name for as long as it is kept."""
    try:
        held = SafeJob.fetch(job_id, connection=target.connection, serializer=JSONSerializer)
        if held.get_status() in (JobStatus.QUEUED, JobStatus.STARTED, JobStatus.SCHEDULED):
            return False
        held.delete()
    except (NoSuchJobError, InvalidJobOperation):
        # A worker has ended and dropped it meanwhile.
        pass
    return True
