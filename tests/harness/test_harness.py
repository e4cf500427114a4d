"""The promises of the fixtures: apart from each other, strict at commit, at home on this machine."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
import redis
from flask import Flask, g
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from portal.kernel import clock as portal_clock
from portal.kernel.db import transaction
from portal.kernel.models import OutboxEvent
from tests.harness import covers
from tests.harness.capabilities import Record, capability_ids
from tests.harness.database import Databases
from tests.harness.moments import Clock
from tests.harness.network import OutsideWorld


def _event(key: str) -> OutboxEvent:
    return OutboxEvent(id=UUID(int=hash(key) % 2**64), job="kernel.sweep", payload={}, dedupe_key=key)


def _count(session: scoped_session[Session]) -> int:
    return session.scalar(select(func.count()).select_from(OutboxEvent)) or 0


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_undone(db_session: scoped_session[Session], turn: str) -> None:
    assert _count(db_session) == 0
    with transaction() as session:
        session.add(_event(turn))
    assert _count(db_session) == 1


@pytest.mark.parametrize("turn", ["first", "second"])
def test_real_commits_are_seen_outside_and_replaced_afterwards(
    committed_db: scoped_session[Session], database_url: str, turn: str
) -> None:
    assert _count(committed_db) == 0
    with transaction() as session:
        session.add(_event(turn))
    with psycopg.connect(database_url) as outside:
        assert outside.execute("SELECT FROM outbox_events").rowcount == 1


@pytest.mark.parametrize("turn", ["first", "second"])
@pytest.mark.parametrize(
    ("question", "before", "change"),
    [
        ("SELECT count(*) FROM payment_providers", 1, "DELETE FROM payment_providers"),
        ("SELECT count(*) FROM ledger_accounts WHERE created_at > '2100-01-01'", 0, "UPDATE ledger_accounts SET created_at = '2200-01-01'"),
        ("SELECT nextval('settlement_invoice_numbers')", 1, "SELECT nextval('settlement_invoice_numbers')"),
        ("SELECT to_regclass('left_over')::text", None, "CREATE TABLE left_over ()"),
        ("SELECT relrowsecurity FROM pg_class WHERE relname = 'partner_members'", True, "ALTER TABLE partner_members DISABLE ROW LEVEL SECURITY"),
        ("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'", 0, "ALTER TABLE users DISABLE TRIGGER ALL"),
        ("SELECT attnotnull FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'roles'", True, "ALTER TABLE users ALTER roles DROP NOT NULL"),
        ("SELECT current_setting('portal.left_over', true)", None, "ALTER DATABASE {database} SET portal.left_over = 'x'"),
    ],
    ids=["row gone", "row changed", "number taken", "table", "policies", "rules", "column", "setting"],
)  # fmt: skip
def test_whatever_is_changed_for_good_is_as_before_for_the_next_test(
    committed_db: scoped_session[Session],
    databases: Databases,
    process_database: str,
    question: str,
    before: object,
    change: str,
    turn: str,
) -> None:
    """Rows that migrations wrote, numbers that were given out, tables, columns, rules, settings."""
    with psycopg.connect(databases.owner_url(process_database), autocommit=True) as owner:
        assert owner.execute(question).fetchone() == (before,)
        if turn == "first":
            owner.execute("SET session_replication_role = replica")
            owner.execute(change.format(database=process_database))


def test_a_refused_row_leaves_the_session_usable(db_session: scoped_session[Session]) -> None:
    with transaction() as session:
        session.add(_event("once"))
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(OutboxEvent(id=UUID(int=1), job="kernel.sweep", payload={}, dedupe_key="once"))
    assert _count(db_session) == 1


def test_a_deferred_constraint_speaks_at_commit_although_the_commit_is_undone(
    db_session: scoped_session[Session],
) -> None:
    db_session.execute(text("CREATE TEMP TABLE parents (id int PRIMARY KEY)"))
    db_session.execute(
        text("CREATE TEMP TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
    )
    db_session.execute(text("INSERT INTO children VALUES (1)"))
    with pytest.raises(IntegrityError, match="children_parent_fkey"):
        db_session.commit()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_valkey_is_empty_at_the_start_of_each_test(valkey: redis.Redis, turn: str) -> None:
    assert not valkey.exists("left-over")
    valkey.set("left-over", turn)


def test_a_request_does_not_share_the_context_of_the_test(app: Flask) -> None:
    with app.app_context():
        g.somebody = "the test"
        app.test_client().get("/healthz")
        assert g.somebody == "the test"


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "10.0.0.1"])
def test_another_host_is_out_of_reach(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as wanderer, pytest.raises(OutsideWorld, match=address):
        wanderer.connect((address, 443))


def test_names_of_other_hosts_are_not_looked_up() -> None:
    with pytest.raises(OutsideWorld, match=r"api\.example"):
        socket.getaddrinfo("api.example", 443)


def test_the_clock_stands_where_it_was_set_and_moves_on(clock: Clock) -> None:
    clock.travel(2026, 2, 28, 23, 30)
    assert portal_clock.now() == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    clock.advance(hours=1)
    assert portal_clock.today().isoformat() == "2026-03-01"


def test_the_clock_runs_again_after_a_test() -> None:
    assert abs(portal_clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def _item(*ids: str) -> SimpleNamespace:
    marks = [SimpleNamespace(args=ids)]
    return SimpleNamespace(nodeid="test_x", iter_markers=lambda name: marks, user_properties=[])


def test_a_test_may_cover_only_rows_that_exist() -> None:
    with pytest.raises(pytest.UsageError, match="POT-999"):
        covers.pytest_collection_modifyitems([_item("POT-01", "POT-999")])  # type: ignore[list-item]


def test_the_list_of_capabilities_is_read_whole() -> None:
    assert len(capability_ids()) == 758
    assert {"POT-16", "ID-01", "QR-17"} <= capability_ids()


def _result(*ids: str, passed: bool = True) -> dict[str, object]:
    return {"covers": list(ids), "passed": passed}


def test_a_later_result_of_a_test_replaces_the_earlier_one(tmp_path: Path) -> None:
    record, name = Record(tmp_path / "covers.json"), "tests/harness/test_harness.py::test_x"
    record.add({name: _result("POT-01")}, whole=True)
    record.add({name: _result("POT-01", passed=False)}, whole=False)
    assert record.proofs(passed=True)["POT-01"] == 0
    assert record.proofs(passed=False)["POT-01"] == 1


def test_tests_that_are_gone_prove_nothing(tmp_path: Path) -> None:
    record = Record(tmp_path / "covers.json")
    record.add({"tests/long_gone.py::test_x": _result("POT-01")}, whole=True)
    record.add({"tests/harness/test_harness.py::test_y": _result("POT-02")}, whole=False)
    assert dict(record.proofs(passed=True)) == {"POT-02": 1}
