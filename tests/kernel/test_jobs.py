"""Follow-ups reach the queue at the real commit, survive a lost queue, and run once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from rq import SimpleWorker
from sqlalchemy import select

from portal.kernel import clock, jobs, work
from portal.kernel.allowances import take
from portal.kernel.db import db, transaction
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent

NAME = "tests.count"


class Killed(BaseException):
    """Ends a worker where it stands, as a signal does: nothing more is written down."""


RAN: list[str] = []


@pytest.fixture(autouse=True)
def counting_job() -> Iterator[None]:
    def count(word: str = "drain") -> dict[str, int]:
        if word == "broken":
            raise ValueError("broken on purpose")
        if word == "deadly":
            raise Killed
        RAN.append(word)
        return {"words": len(RAN)}

    RAN.clear()
    jobs.job(NAME)(count)
    yield
    del jobs.REGISTRY[NAME]


def waiting() -> list[str]:
    return jobs.queue().job_ids


def run_all() -> None:
    """What a worker does with everything that waits."""
    for job_id in waiting():
        held = jobs.SafeJob.fetch(job_id, connection=jobs.valkey(), serializer=jobs.JSONSerializer)
        jobs.queue().remove(job_id)
        held.delete()
        work.perform(**held.kwargs)


def event() -> OutboxEvent:
    db.session.remove()
    return db.session.execute(select(OutboxEvent).where(OutboxEvent.job == NAME)).scalar_one()


def killed() -> None:
    raise Killed


def the_run() -> JobRun:
    db.session.remove()
    return db.session.execute(select(JobRun).where(JobRun.job_name == "tests.lost")).scalar_one()


def test_the_queue_hears_of_a_follow_up_only_at_the_commit(app: Flask, committed_db: object) -> None:
    with transaction() as session:
        with session.begin_nested():
            jobs.follow_up(NAME, dedupe_key="one", payload={"word": "a"})
        assert waiting() == []

    assert len(waiting()) == 1


def test_a_rolled_back_savepoint_keeps_what_was_asked_before(app: Flask, committed_db: object) -> None:
    with transaction() as session:
        jobs.follow_up(NAME, dedupe_key="kept", payload={"word": "kept"})
        with pytest.raises(RuntimeError), session.begin_nested():
            jobs.follow_up(NAME, dedupe_key="lost", payload={"word": "lost"})
            raise RuntimeError

    run_all()

    assert RAN == ["kept"]


def test_a_rolled_back_transaction_asks_for_nothing(app: Flask, committed_db: object) -> None:
    with pytest.raises(RuntimeError), transaction():
        jobs.follow_up(NAME, dedupe_key="never", payload={"word": "never"})
        raise RuntimeError

    assert waiting() == []


def test_the_same_key_is_done_once(app: Flask, committed_db: object) -> None:
    for _time in range(2):
        with transaction():
            jobs.follow_up(NAME, dedupe_key="same", payload={"word": "once"})

    run_all()
    work.perform(NAME, event_id=str(event().id))

    assert RAN == ["once"]
    assert event().done_at is not None


def test_what_an_emptied_queue_lost_is_swept_up(
    app: Flask, committed_db: object, valkey: redis.Redis
) -> None:
    with transaction():
        jobs.follow_up(NAME, dedupe_key="swept", payload={"word": "swept"})
    valkey.flushall()

    with clock.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert work.sweep() == {"due": 1, "queued": 1}
        run_all()

    assert RAN == ["swept"]


def test_a_failing_follow_up_waits_longer_each_time_and_then_shows(app: Flask, committed_db: object) -> None:
    with transaction():
        jobs.follow_up(NAME, dedupe_key="broken", payload={"word": "broken"})
    moment = datetime.now(UTC)
    for _attempt in range(work.MAX_ATTEMPTS):
        with clock.travel(moment):
            work.perform(NAME, event_id=str(event().id))
        moment += timedelta(hours=2)

    assert event().failed_at is not None
    assert "broken on purpose" in (event().last_error or "")
    assert work.retry_failed(event().id) is True


def test_a_follow_up_that_takes_its_worker_down_each_time_is_given_up_and_shown(
    app: Flask, committed_db: object
) -> None:
    with transaction():
        jobs.follow_up(NAME, dedupe_key="deadly", payload={"word": "deadly"})
    moment = datetime.now(UTC)
    for _attempt in range(work.MAX_ATTEMPTS):
        with clock.travel(moment), pytest.raises(Killed):
            work.perform(NAME, event_id=str(event().id))
        moment += timedelta(hours=1)
    assert event().failed_at is None

    with clock.travel(moment):
        assert work.sweep() == {"due": 0, "queued": 0}

    assert event().failed_at == moment
    assert work.retry_failed(event().id) is True


def test_a_run_whose_worker_was_lost_ends_as_failed(app: Flask, committed_db: object) -> None:
    jobs.job("tests.lost")(killed)
    moment = datetime.now(UTC)
    with clock.travel(moment), pytest.raises(Killed):
        work.perform_run("tests.lost", "60s-1")
    del jobs.REGISTRY["tests.lost"]
    assert the_run().status is JobRunStatus.RUNNING

    with clock.travel(moment + timedelta(hours=2)):
        work.sweep()

    assert the_run().status is JobRunStatus.FAILED
    assert the_run().error is not None
    assert the_run().finished_at is not None


def test_finished_work_is_forgotten_after_a_month_and_unfinished_work_never(
    app: Flask, committed_db: object
) -> None:
    with transaction():
        jobs.follow_up(NAME, dedupe_key="done", payload={"word": "done"})
    run_all()
    work.perform_run(NAME, "60s-1")
    with transaction():
        jobs.follow_up(NAME, dedupe_key="waiting", payload={"word": "waiting"})
        take("x", ["SN"], most=1, most_of={})
    a_month_later = datetime.now(UTC) + timedelta(days=31)

    assert work.forget_old_work() == {"follow_ups": 0, "runs": 0, "counts": 0}
    with clock.travel(a_month_later):
        assert work.forget_old_work() == {"follow_ups": 1, "runs": 1, "counts": 2}
        assert work.forget_old_work() == {"follow_ups": 0, "runs": 0, "counts": 0}

    assert event().dedupe_key == "waiting"


def test_a_queue_that_breaks_after_the_commit_fails_nobody(
    app: Flask, committed_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking() -> None:
        raise RuntimeError("something new in the queue")

    monkeypatch.setattr(jobs, "queue", breaking)
    with transaction():
        jobs.follow_up(NAME, dedupe_key="kept", payload={"word": "a"})
        jobs.wake(NAME)

    assert event().dedupe_key == "kept"


def test_a_job_that_ends_while_its_name_is_asked_for_makes_room(
    app: Flask, committed_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = jobs.SafeJob.fetch

    def fetched_at_its_end(job_id: str, **told: Any) -> Any:
        held = fetch(job_id, **told)
        # A worker is done with it in this very moment and removes it.
        jobs.queue().remove(job_id)
        jobs.valkey().delete(held.key)
        return held

    jobs.enqueue(NAME, job_id="wake-tests")
    monkeypatch.setattr(jobs.SafeJob, "fetch", fetched_at_its_end)

    assert jobs.enqueue(NAME, job_id="wake-tests")
    assert waiting() == ["wake-tests"]


def test_a_stranger_s_function_is_never_run(app: Flask, committed_db: object) -> None:
    job = jobs.SafeJob.create(
        "os.system", args=("true",), connection=jobs.valkey(), serializer=jobs.JSONSerializer
    )

    with pytest.raises(PermissionError):
        _ = job.func


def test_nothing_that_a_stranger_names_for_the_end_of_a_job_is_run(app: Flask, committed_db: object) -> None:
    """RQ imports and calls a job's callbacks, and posts its result to the addresses it names."""
    jobs.enqueue(NAME, job_id="a-job")
    valkey = jobs.valkey()
    names = dict.fromkeys(
        ("success_callback_name", "failure_callback_name", "stopped_callback_name"),
        "tests.kernel.test_jobs.killed",
    )
    webhook = {"url": "http://127.0.0.1:9/steal", "job_status": "finished"}
    valkey.hset("rq:job:a-job", mapping=names | {"webhooks": json.dumps([webhook])})
    worker = SimpleWorker(
        [jobs.queue()], connection=valkey, serializer=jobs.JSONSerializer, job_class=jobs.SafeJob
    )

    held = jobs.SafeJob.fetch("a-job", connection=valkey, serializer=jobs.JSONSerializer)
    worker.work(burst=True)

    assert RAN == ["drain"]
    assert (held.success_callback, held.failure_callback, held.stopped_callback) == (None, None, None)
    assert held.webhooks == []


def test_a_timed_slot_runs_once_however_many_schedulers(app: Flask, committed_db: object) -> None:
    assert work.perform_run(NAME, "slot-1") is True
    assert work.perform_run(NAME, "slot-1") is False

    run = db.session.execute(select(JobRun).where(JobRun.job_name == NAME)).scalar_one()
    assert (run.status, run.counts, RAN) == (JobRunStatus.SUCCEEDED, {"words": 1}, ["drain"])


@pytest.mark.parametrize("before", JobRunStatus)
def test_a_run_is_taken_up_again_along_the_declared_steps_only(
    app: Flask, committed_db: object, before: JobRunStatus
) -> None:
    with transaction() as session:
        session.add(JobRun(job_name=NAME, run_key="slot-1", status=before, counts={}))

    took_it = work.perform_run(NAME, "slot-1")

    assert took_it is work.RUN_STEPS.allows(before, JobRunStatus.RUNNING)
    assert len(RAN) == took_it
    run = db.session.execute(select(JobRun).where(JobRun.job_name == NAME)).scalar_one()
    assert run.status is (JobRunStatus.SUCCEEDED if took_it else before)


@pytest.mark.parametrize("ending", ["well", "badly"])
def test_a_worker_that_was_given_up_writes_nothing_over_the_run_of_another(
    app: Flask, committed_db: object, ending: str
) -> None:
    moment = datetime.now(UTC)

    def outlived() -> dict[str, int]:
        """The slot is given to another worker, who is done, before this one is."""
        jobs.REGISTRY["tests.lost"] = jobs.REGISTRY[NAME]
        with clock.travel(moment + timedelta(hours=1)):
            assert work.perform_run("tests.lost", "slot-1")
        if ending == "badly":
            raise ValueError("too late")
        return {"words": 99}

    jobs.job("tests.lost")(outlived)
    with clock.travel(moment):
        try:
            work.perform_run("tests.lost", "slot-1")
        except ValueError:
            assert ending == "badly"
    del jobs.REGISTRY["tests.lost"]

    assert (the_run().status, the_run().counts) == (JobRunStatus.SUCCEEDED, {"words": 1})


def test_a_wake_up_while_one_drain_waits_adds_none(app: Flask, committed_db: object) -> None:
    for _time in range(4):
        with transaction():
            jobs.wake(NAME)

    assert len(waiting()) == 2


@pytest.mark.covers("NTF-39")
def test_what_a_person_waits_for_goes_before_the_follow_ups_that_are_in_line(
    app: Flask, committed_db: object
) -> None:
    """Somebody waits for a code while a thousand gifts are told to their owners."""
    with transaction():
        for number in range(3):
            jobs.follow_up(NAME, dedupe_key=f"gift-{number}")
    for _time in range(2):
        with app.test_request_context(), transaction():
            jobs.wake(NAME)

    assert waiting()[0] == "wake-tests-count-now"
    assert waiting()[4:] == ["wake-tests-count"]


@pytest.mark.covers("NTF-39")
def test_what_a_worker_has_to_say_waits_until_there_is_more_of_it(app: Flask, committed_db: object) -> None:
    """A drain for each follow-up would take longer than the follow-ups."""
    with transaction():
        jobs.follow_up(NAME, dedupe_key="gift")
    with transaction():
        jobs.wake(NAME)

    assert waiting()[1:] == ["wake-tests-count"]
