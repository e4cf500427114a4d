"""The stack as a library: what the kill tests of the whole portal lean on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from portal.supervisor.errors import SupervisorError
from portal.supervisor.runtime import read_runtime
from portal.supervisor.stack import Stack
from tests.supervisor.waiting import eventually, is_gone


@pytest.fixture
def stack(checkout: Path) -> Iterator[Stack]:
    """A stand-in portal that runs."""
    with Stack(
        checkout / "data", root=checkout, environ=dict(os.environ), durable=False, workers=1
    ) as running:
        yield running


def test_what_is_killed_stays_dead_until_it_is_started(stack: Stack) -> None:
    dead = stack.pid("worker-1")
    stack.kill("worker-1", signal.SIGKILL)
    assert stack.pid("worker-1") is None
    stack.start("worker-1")
    assert stack.pid("worker-1") not in (None, dead)


def test_a_restart_takes_the_new_settings(stack: Stack) -> None:
    stack.env["PUBLIC_URL"] = "http://elsewhere.example"
    stack.restart("web")
    pid = stack.pid("web")
    assert b"PUBLIC_URL=http://elsewhere.example" in Path(f"/proc/{pid}/environ").read_bytes()


def test_what_was_stopped_is_not_started_by_the_supervisor(stack: Stack) -> None:
    stack.stop("valkey")
    stack.supervise()
    assert stack.pid("valkey") is None
    with redis.Redis.from_url(stack.env["REDIS_URL"]) as client:
        with pytest.raises(redis.ConnectionError):
            client.ping()
        stack.start("valkey")
        assert client.ping()


def test_other_commands_find_the_processes(stack: Stack, checkout: Path) -> None:
    stack.restart("cron")
    runtime = read_runtime(checkout / "data")
    assert runtime is not None
    assert runtime["pids"]["cron"] == stack.pid("cron")
    assert runtime["environ"]["DATABASE_URL"] == stack.env["DATABASE_URL"]
    # Commands may reach the database as its owner; what serves is told nothing of it.
    assert runtime["owner_url"] == stack.owner_url != stack.env["DATABASE_URL"]
    assert b"DATABASE_OWNER_URL" not in Path(f"/proc/{stack.pid('web')}/environ").read_bytes()


def test_a_command_run_beside_the_portal_may_reach_the_database_as_its_owner(
    stack: Stack, checkout: Path
) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "portal.supervisor.attach", "printenv", "DATABASE_OWNER_URL"],
        cwd=checkout,
        env={**os.environ, "PORTAL_DATA_DIR": str(checkout / "data")},
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == stack.owner_url


def test_metrics_of_the_last_run_are_forgotten(checkout: Path) -> None:
    old = checkout / "data" / "metrics" / "counter_1.db"
    old.parent.mkdir(parents=True)
    old.touch()
    with Stack(checkout / "data", root=checkout, environ=dict(os.environ), durable=False) as stack:
        assert stack.env["PROMETHEUS_MULTIPROC_DIR"] == str(old.parent)
        assert not old.exists()


def test_a_start_that_fails_half_way_stops_what_it_had_started(checkout: Path) -> None:
    (checkout / "portal" / "sandbox.py").write_text("raise SystemExit(1)")
    stack = Stack(checkout / "data", root=checkout, environ=dict(os.environ), durable=False)
    with pytest.raises(SupervisorError, match="sandbox stopped while starting"):
        stack.__enter__()
    assert stack.pid("postgres") is None
    assert stack.pid("valkey") is None


def test_the_data_outlives_a_durable_stack(checkout: Path) -> None:
    def run() -> tuple[int, bytes | None]:
        with Stack(checkout / "data", root=checkout, environ=dict(os.environ), workers=0) as stack:
            with psycopg.connect(stack.owner_url) as connection:
                users = connection.execute("SELECT FROM users").rowcount
                connection.execute("INSERT INTO users VALUES (2)")
            with redis.Redis.from_url(stack.env["REDIS_URL"]) as client:
                kept = client.set("kept", "yes", get=True)
            stack.kill("valkey", signal.SIGTERM)
            return users, kept

    first_users, first_kept = run()
    assert first_kept is None
    assert run() == (first_users + 1, b"yes")


def test_a_killed_member_takes_its_own_children_along(stack: Stack, checkout: Path) -> None:
    # A worker's job runs in a process group of its own, which a signal to the worker's group would miss.
    pid_file = checkout / "horse.pid"
    (checkout / "portal" / "worker.py").write_text(
        "import os, pathlib, signal\n"
        "horse = os.fork()\n"
        "if horse == 0:\n"
        "    os.setpgrp()\n"
        f"    pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
        "signal.pause()\n"
    )
    stack.restart("worker-1")
    eventually(lambda: pid_file.exists() and bool(pid_file.read_text()))
    stack.kill("worker-1", signal.SIGKILL)
    eventually(lambda: is_gone(int(pid_file.read_text())))


def test_processes_share_heaps_unless_the_operator_says_otherwise(tmp_path: Path) -> None:
    assert Stack(tmp_path, environ={}).env["MALLOC_ARENA_MAX"] == "2"
    assert Stack(tmp_path, environ={"MALLOC_ARENA_MAX": "8"}).env["MALLOC_ARENA_MAX"] == "8"
