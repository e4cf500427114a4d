"""bin/serve from its first start to kill -9, with stand-ins for the portal's own processes."""

from __future__ import annotations

import os
import signal
import socket
import stat
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest

from portal.supervisor.postgres import WEB_ROLE
from tests.supervisor.stand_in import Serve
from tests.supervisor.waiting import eventually, is_gone


def users(database_url: str) -> int:
    """How many users the stand-in's database has."""
    with psycopg.connect(database_url) as connection:
        return connection.execute("SELECT FROM users").rowcount


def health(runtime: dict[str, Any]) -> str:
    """What the web server of a stand-in says about itself: its address."""
    with urlopen(f"{runtime['public_url']}/healthz", timeout=20) as answer:
        said: bytes = answer.read()
    return said.decode()


def test_an_empty_folder_becomes_a_running_portal(checkout: Path, serve: Serve) -> None:
    serving = serve(checkout)
    runtime = serving.runtime
    assert set(runtime["pids"]) == {"postgres", "valkey", "sandbox", "web", "worker-1", "worker-2", "cron"}
    assert health(runtime) == runtime["public_url"]
    assert users(runtime["environ"]["DATABASE_URL"]) == 1
    assert any(runtime["public_url"] in line for line in serving.lines)


def test_secrets_in_the_data_folder_are_for_their_owner_only(checkout: Path, serve: Serve) -> None:
    serve(checkout)
    for name in ("runtime.json", "postgres.password", "supervisor.lock"):
        assert stat.S_IMODE((checkout / "instance" / name).stat().st_mode) == 0o600
    for name in ("postgres", "valkey", "run/postgres"):
        assert stat.S_IMODE((checkout / "instance" / name).stat().st_mode) == 0o700


def test_the_database_asks_for_its_password(checkout: Path, serve: Serve) -> None:
    address = serve(checkout).runtime["environ"]["DATABASE_URL"]
    scheme, rest = address.split(f"://{WEB_ROLE}:")
    for role in (WEB_ROLE, "portal"):
        wrong = f"{scheme}://{role}:wrong@{rest.split('@', 1)[1]}"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_what_serves_works_as_a_role_that_owns_nothing(checkout: Path, serve: Serve) -> None:
    environ = serve(checkout).runtime["environ"]

    assert "DATABASE_OWNER_URL" not in environ
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        rights = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(rights).fetchall() == [(False, False, False)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DROP TABLE users")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_peace(checkout: Path, serve: Serve, number: signal.Signals) -> None:
    serving = serve(checkout)
    pids = serving.runtime["pids"]
    assert serving.end(number) == 0
    assert serving.lines[-1] == "Stopped."
    assert all(is_gone(pid) for pid in pids.values())
    assert not (checkout / "instance" / "runtime.json").exists()
    assert "database system is shut down" in (checkout / "instance" / "logs" / "postgres.log").read_text()


def test_a_second_start_of_the_same_checkout_names_the_address(checkout: Path, serve: Serve) -> None:
    first = serve(checkout)
    second = serve(checkout, ready=False)
    assert second.wait() == 1
    assert second.lines == [
        f"The portal already runs from this checkout at {first.runtime['public_url']}; "
        "stop it where it was started."
    ]


def test_two_checkouts_start_at_once_and_run_side_by_side(
    checkout: Path, other_checkout: Path, serve: Serve
) -> None:
    starting = [serve(folder, ready=False) for folder in (checkout, other_checkout)]
    for serving in starting:
        serving.read_until("Ctrl-C stops everything")
    first, second = (serving.runtime for serving in starting)
    assert first["public_url"] != second["public_url"]
    for runtime in (first, second):
        assert health(runtime) == runtime["public_url"]
    assert first["environ"]["DATABASE_URL"] != second["environ"]["DATABASE_URL"]


def test_nothing_is_left_after_kill_9_and_the_next_start_keeps_the_data(checkout: Path, serve: Serve) -> None:
    first = serve(checkout)
    runtime = first.runtime
    with psycopg.connect(runtime["environ"]["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO users VALUES (2)")
    first.end(signal.SIGKILL)
    again = serve(checkout)
    assert all(is_gone(pid) for pid in runtime["pids"].values())
    assert users(again.runtime["environ"]["DATABASE_URL"]) == 2


def test_a_worker_that_dies_is_started_again(checkout: Path, serve: Serve) -> None:
    serving = serve(checkout)
    dead = serving.runtime["pids"]["worker-1"]
    os.kill(dead, signal.SIGKILL)
    serving.read_until("worker-1 stopped; it starts again in 0.5 s")
    eventually(lambda: serving.runtime["pids"]["worker-1"] != dead)
    eventually(lambda: not is_gone(serving.runtime["pids"]["worker-1"]))


def test_a_taken_port_is_refused_when_the_operator_chose_it(checkout: Path, serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = serve(checkout, {"PORT": str(port)}, ready=False)
        assert serving.wait() == 1
    assert serving.lines == [f"Port {port} is in use; set PORT to another one, or leave it out."]


def test_a_broken_setting_is_one_sentence_and_starts_nothing(checkout: Path, serve: Serve) -> None:
    serving = serve(checkout, {"PORTAL_ENV": "prod"}, ready=False)
    assert serving.wait() == 1
    assert serving.lines == ["PORTAL_ENV is “prod”; it must be one of development, test, production."]
    assert not (checkout / "instance" / "postgres").exists()


def test_production_brings_its_own_servers(checkout: Path, serve: Serve) -> None:
    serving = serve(checkout, {"PORTAL_ENV": "production"}, ready=False)
    assert serving.wait() == 1
    assert serving.lines == ["DATABASE_URL is not set. Production brings its own servers."]


def test_servers_of_the_operator_are_used_and_not_embedded(
    checkout: Path, other_checkout: Path, serve: Serve
) -> None:
    lent = serve(other_checkout).runtime["environ"]
    wave = {
        "WAVE_API_URL": "http://127.0.0.1:9",
        "SMS_API_URL": "http://127.0.0.1:9",
        "SMTP_HOST": "127.0.0.1",
    }
    servers = {"DATABASE_URL": lent["DATABASE_URL"], "REDIS_URL": lent["REDIS_URL"]}
    runtime = serve(checkout, servers | wave).runtime
    assert set(runtime["pids"]) == {"web", "worker-1", "worker-2", "cron"}
    assert runtime["sandbox_url"] is None


def test_a_process_that_cannot_start_is_named_with_its_last_words(checkout: Path, serve: Serve) -> None:
    (checkout / "portal" / "sandbox.py").write_text('raise SystemExit("no sand today")')
    serving = serve(checkout, ready=False)
    assert serving.wait() == 1
    assert serving.lines[-1].startswith("sandbox stopped while starting. Its last words: no sand today")


def test_a_migration_that_fails_stops_the_start_with_its_reason(checkout: Path, serve: Serve) -> None:
    wsgi = checkout / "wsgi.py"
    wsgi.write_text(wsgi.read_text().replace("CREATE TABLE", "CREATE TABEL"))
    serving = serve(checkout, ready=False)
    assert serving.wait() == 1
    assert serving.lines[-1].startswith("The database could not be migrated.")
    assert "logs/setup.log" in serving.lines[-1]


def test_a_second_start_neither_migrates_nor_fills_again(checkout: Path, serve: Serve) -> None:
    first = serve(checkout)
    first.end()
    again = serve(checkout)
    assert [line for line in first.lines if line.startswith(("migrations", "demo world"))]
    assert not [line for line in again.lines if line.startswith(("migrations", "demo world"))]
    assert users(again.runtime["environ"]["DATABASE_URL"]) == 1


def test_a_crowd_is_asked_for_at_the_start_and_fills_only_an_empty_portal(
    checkout: Path, serve: Serve
) -> None:
    first = serve(checkout, arguments=["--scale", "3"])
    assert users(first.runtime["environ"]["DATABASE_URL"]) == 3
    first.end()
    again = serve(checkout, arguments=["--scale", "3"])
    assert any("--scale brings nothing" in line for line in again.lines)
    assert users(again.runtime["environ"]["DATABASE_URL"]) == 3


def test_a_new_migration_runs_at_the_next_start(checkout: Path, serve: Serve) -> None:
    serve(checkout).end()
    versions = checkout / "migrations" / "versions"
    (versions / "0002.py").write_text('revision, down_revision = "0002", "0001"')
    wsgi = checkout / "wsgi.py"
    wsgi.write_text(
        wsgi.read_text().replace("def upgrade():", "def upgrade():\n    return print('a new one')")
    )
    serve(checkout)
    assert "a new one" in (checkout / "instance" / "logs" / "setup.log").read_text()
