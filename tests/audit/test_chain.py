"""Whoever changes, deletes or inserts a row of the trail is found out, and the row is named."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.audit.chain import GENESIS, Break, Harm, Head, seal, verify
from portal.audit.jobs import TrailBroken, seal_trail, verify_trail
from portal.audit.models import AuditLog
from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor, ActorKind
from portal.kernel.db import transaction
from portal.kernel.ids import new_id
from portal.kernel.work import perform_run
from tests.harness.database import become_owner
from tests.harness.together import at_once

ADMIN = Actor(ActorKind.USER, user_id=new_id(), ip="192.0.2.7", user_agent="Firefox", request_id="req-1")
ROWS = 6


def act(number: int) -> None:
    """Something that leaves a row."""
    record(
        f"action_{number}",
        ("pots", new_id()),
        by=ADMIN,
        old={"amount": number, "ratio": 0.1},
        new={"amount": number + 1, "words": "où ça ?"},
        reason="Parce que",
        details={"list": [1, None, {"b": 1, "a": 2}]},
    )


@pytest.fixture
def trail(db_session: Session) -> Session:
    """A sealed trail of some rows."""
    for number in range(ROWS):
        act(number)
    db_session.commit()
    assert seal() == ROWS
    return db_session


@pytest.fixture
def forger(trail: Session) -> Session:
    """Somebody whom no trigger stops, as one who owns the database."""
    become_owner(trail)
    trail.execute(text("SET LOCAL session_replication_role = replica"))
    return trail


def forge(session: Session, statement: str, **values: object) -> None:
    session.execute(text(statement), values)
    session.commit()


def row_at(session: Session, position: int) -> AuditLog:
    session.expire_all()
    return session.scalars(select(AuditLog).where(AuditLog.position == position)).one()


@pytest.mark.covers("ADM-15", "SEC-12")
def test_each_row_follows_the_one_before_it(trail: Session) -> None:
    rows = trail.scalars(select(AuditLog).order_by(AuditLog.position)).all()

    assert [row.position for row in rows] == list(range(1, ROWS + 1))
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.row_hash for row in rows[:-1])]
    assert [row.action for row in rows] == [f"action_{number}" for number in range(ROWS)]
    last = str(rows[-1].row_hash)
    assert verify() == Head(ROWS, last)
    assert seal() == 0


def test_what_comes_later_goes_on_where_the_chain_ended(trail: Session) -> None:
    head = verify()
    act(7)
    trail.commit()
    assert verify() == head
    assert seal() == 1
    after = verify()
    assert isinstance(after, Head)
    assert after.position == ROWS + 1
    assert isinstance(head, Head)
    assert verify(head) == after


@pytest.mark.covers("ADM-15")
@pytest.mark.parametrize(
    "change",
    [
        "action = 'nothing'",
        "actor_user_id = NULL",
        "actor_type = 'system'",
        "actor_ip = '192.0.2.8'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "resource_type = 'users'",
        "resource_id = gen_random_uuid()",
        "old_values = NULL",
        "new_values = jsonb_set(new_values, '{amount}', '100')",
        "reason = reason || ' '",
        "metadata = '{}'",
        "request_id = NULL",
        "user_agent = ''",
    ],
)
def test_a_changed_row_is_named(forger: Session, change: str) -> None:
    changed = row_at(forger, 3).id
    forge(forger, f"UPDATE audit_logs SET {change} WHERE position = 3")

    assert verify() == Break(Harm.CHANGED, 3, changed)


@pytest.mark.covers("ADM-15")
@pytest.mark.parametrize("position", [1, 3])
def test_a_deleted_row_is_named(forger: Session, position: int) -> None:
    forge(forger, "DELETE FROM audit_logs WHERE position = :gone", gone=position)

    assert verify() == Break(Harm.DELETED, position)


def test_an_end_cut_off_is_seen_by_whoever_knows_how_far_it_went(forger: Session) -> None:
    known = verify()
    assert isinstance(known, Head)
    forge(forger, "DELETE FROM audit_logs WHERE position >= 5")

    assert isinstance(verify(), Head)
    assert verify(known) == Break(Harm.DELETED, 5)


@pytest.mark.covers("ADM-15")
def test_an_inserted_row_is_named(forger: Session) -> None:
    forged = new_id()
    forge(
        forger,
        "INSERT INTO audit_logs (id, occurred_at, actor_type, action, resource_type, position, previous_hash, row_hash)"
        " SELECT :id, occurred_at, 'system', 'forged', 'pots', position, previous_hash, row_hash"
        " FROM audit_logs WHERE position = 3",
        id=forged,
    )

    found = verify()
    assert isinstance(found, Break)
    # Whichever of the two comes first: the forged one has no hash of its own, and the true one has company.
    assert found in (Break(Harm.CHANGED, 3, forged), Break(Harm.INSERTED, 3, forged))


def test_a_chain_made_anew_from_a_changed_row_on_is_another_chain(forger: Session) -> None:
    known = verify()
    assert isinstance(known, Head)
    forge(forger, "UPDATE audit_logs SET action = 'nothing' WHERE position = 3")
    forge(
        forger,
        "UPDATE audit_logs SET position = NULL, previous_hash = NULL, row_hash = NULL WHERE position >= 3",
    )
    assert seal() == ROWS - 2

    assert isinstance(verify(), Head)
    assert verify(known) == Break(Harm.CHANGED, ROWS, row_at(forger, ROWS).id)


def test_a_row_rewritten_with_its_own_hash_does_not_fit_the_next(forger: Session) -> None:
    """The forger knows how hashes are made, and makes one for a single row."""
    forge(forger, "CREATE TEMP TABLE others ON COMMIT DROP AS SELECT * FROM audit_logs WHERE position > 3")
    forge(forger, "DELETE FROM audit_logs WHERE position > 3")
    forge(
        forger,
        "UPDATE audit_logs SET action = 'x', position = NULL, previous_hash = NULL, row_hash = NULL WHERE position = 3",
    )
    assert seal() == 1
    forge(forger, "INSERT INTO audit_logs SELECT * FROM others")

    assert verify() == Break(Harm.CHANGED, 3)


@pytest.mark.covers("ADM-15")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logs SET action = 'nothing'",
        "UPDATE audit_logs SET row_hash = repeat('0', 64) WHERE position = 1",
        "UPDATE audit_logs SET position = NULL, previous_hash = NULL, row_hash = NULL",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs",
        "TRUNCATE audit_logs_default",
        "INSERT INTO audit_logs (id, occurred_at, actor_type, action, resource_type, position)"
        " VALUES (gen_random_uuid(), now(), 'system', 'forged', 'pots', 2)",
    ],
)
def test_the_database_refuses_every_other_hand(trail: Session, statement: str) -> None:
    # The role that the portal works as has no right to, and a trigger stops its owner.
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"), trail.begin_nested():
        trail.execute(text(statement))
    become_owner(trail)
    with pytest.raises(IntegrityError, match="append-only"):
        trail.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logs SET position = 7, previous_hash = 'x', row_hash = 'y', action = 'z' WHERE position IS NULL",
        "UPDATE audit_logs SET position = 7 WHERE position IS NULL",
    ],
)
def test_whoever_seals_changes_nothing_else(trail: Session, statement: str) -> None:
    act(7)
    trail.flush()
    become_owner(trail)
    with pytest.raises(IntegrityError, match="append-only"):
        trail.execute(text(statement))


@pytest.mark.parametrize("month", ["2026_01", "2027_12", "default"])
def test_no_month_of_the_trail_can_be_emptied(db_session: Session, month: str) -> None:
    become_owner(db_session)
    with pytest.raises(IntegrityError, match="append-only"):
        db_session.execute(text(f"TRUNCATE audit_logs_{month}"))


@pytest.mark.covers("SEC-12")
def test_many_hands_at_once_make_one_chain(app: Flask, committed_db: Session) -> None:
    """Nobody who acts waits for another's end, and two who seal do not give a place twice."""

    def work(number: int) -> None:
        for step in range(5):
            with transaction():
                act(10 * number + step)
            seal()

    at_once(app, [partial(work, number) for number in range(4)])
    seal_trail()

    head = verify()
    assert isinstance(head, Head)
    assert head.position == 20


def test_a_row_that_is_committed_late_comes_last(app: Flask, committed_db: Session) -> None:
    act(1)
    committed_db.flush()
    long_ago = clock.now()

    def other() -> None:
        with transaction():
            act(2)
        assert seal() == 1

    at_once(app, [other])
    committed_db.commit()
    assert seal() == 1

    committed_db.expire_all()
    rows = committed_db.scalars(select(AuditLog).order_by(AuditLog.position)).all()
    assert [row.action for row in rows] == ["action_2", "action_1"]
    assert rows[1].occurred_at <= long_ago
    assert isinstance(verify(), Head)


@pytest.mark.covers("ADM-15")
def test_the_timer_proves_the_trail_from_what_it_knew_last(app: Flask, trail: Session) -> None:
    perform_run("audit.verify", "first")
    become_owner(trail)
    trail.execute(text("SET LOCAL session_replication_role = replica"))
    forge(trail, "DELETE FROM audit_logs WHERE position = 6")

    with pytest.raises(TrailBroken, match="row 6 was deleted"):
        verify_trail()


@pytest.mark.covers("ADM-15")
def test_the_command_says_whether_the_trail_is_whole(app: Flask, forger: Session) -> None:
    command = app.test_cli_runner()
    head = verify()
    assert isinstance(head, Head)

    whole = command.invoke(args=["portal", "audit-verify"])
    assert (whole.exit_code, f"{head.position}:{head.hash}" in whole.output) == (0, True)
    changed = row_at(forger, 2).id
    forge(forger, "UPDATE audit_logs SET reason = 'x' WHERE position = 2")
    broken = command.invoke(args=["portal", "audit-verify"])
    assert (broken.exit_code, f"row 2 was changed (id {changed})" in broken.output) == (1, True)


def test_the_command_takes_a_head_that_somebody_noted(app: Flask, forger: Session) -> None:
    command = app.test_cli_runner()
    head = verify()
    assert isinstance(head, Head)
    forge(forger, "DELETE FROM audit_logs WHERE position = 6")

    assert command.invoke(args=["portal", "audit-verify"]).exit_code == 0
    cut = command.invoke(args=["portal", "audit-verify", "--head", f"{head.position}:{head.hash}"])
    assert (cut.exit_code, "row 6 was deleted" in cut.output) == (1, True)
    for nonsense in ("6", "six:" + GENESIS, "6:abc"):
        assert command.invoke(args=["portal", "audit-verify", "--head", nonsense]).exit_code == 2


@pytest.mark.covers("ADM-13", "PRV-06")
def test_the_trail_tells_that_a_secret_or_a_name_was_changed_and_not_what_it_is(db_session: Session) -> None:
    record(
        "partner_organisation_changed",
        ("partners", None),
        by=ADMIN,
        old={"contact_name": "Fatou Sarr", "contact_phone": None, "name": "Le Djoloff"},
        new={"contact_name": "Awa Ndiaye", "contact_phone": "+221771234567", "name": "Chez Awa"},
        details={"token_encrypted": "x", "api_password": "y", "job": "z"},
    )
    db_session.flush()

    row = db_session.scalars(select(AuditLog)).one()
    assert row.old_values == {"contact_name": "•••", "contact_phone": None, "name": "Le Djoloff"}
    assert row.new_values == {"contact_name": "•••", "contact_phone": "•••", "name": "Chez Awa"}
    assert row.details == {"token_encrypted": "•••", "api_password": "•••", "job": "z"}
    assert (row.request_id, str(row.actor_ip), row.user_agent) == ("req-1", "192.0.2.7", "Firefox")


@pytest.mark.covers("ADM-15")
@pytest.mark.parametrize(
    ("position", "row_hash"),
    [(2**63 - 1, "a" * 64), (5, "a" * 64), (0, "a" * 64), (1, "short"), (1, "A" * 64)],
)
def test_a_row_is_sealed_with_the_next_number_and_a_whole_hash(
    db_session: Session, position: int, row_hash: str
) -> None:
    record("something_done", ("users", new_id()), by=SYSTEM)
    db_session.flush()
    forged = text("UPDATE audit_logs SET position = :position, previous_hash = :hash, row_hash = :hash")

    with pytest.raises(DBAPIError, match="append-only"), db_session.begin_nested():
        db_session.execute(forged, {"position": position, "hash": row_hash})

    db_session.execute(forged, {"position": 1, "hash": "a" * 64})
