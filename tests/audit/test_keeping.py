"""Old months of the trail leave lawfully, and what is left still proves itself; what proves money is archived."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.audit import archives
from portal.audit.archives import ArchiveBroken, packed, read_archive, remove_outlived_archives, unpacked
from portal.audit.chain import Break, Harm, Head, seal, verify
from portal.audit.keeping import old_rows, remove_old_trail
from portal.audit.models import AuditArchive, AuditCut, AuditLog
from portal.config.services import set_value
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, ActorKind
from portal.kernel.db import db, transaction
from portal.kernel.files import files_folder
from portal.kernel.ids import new_id
from portal.kernel.models import StoredFile
from tests.harness.database import become_owner

_MARCH = datetime(2019, 3, 5, 9, tzinfo=UTC)
_APRIL = datetime(2019, 4, 7, 9, tzinfo=UTC)
_RECENTLY = timedelta(days=400)


def act(moment: datetime, action: str = "gift_refunded", about: str = "refunds") -> None:
    db.session.add(
        AuditLog(
            occurred_at=moment,
            actor_type=ActorKind.SYSTEM,
            action=action,
            resource_type=about,
            resource_id=new_id(),
            new_values={"amount_minor": 5_000},
            actor_ip="198.51.100.7",
            details={},
        )
    )


def head() -> Head:
    found = verify()
    assert isinstance(found, Head), str(found)
    return found


def positions() -> Sequence[int | None]:
    db.session.rollback()
    return db.session.scalars(select(AuditLog.position).order_by(AuditLog.position)).all()


@pytest.fixture
def trail(committed_db: Session) -> Session:
    """Rows of two old months, of which one was sealed after its month's end, and of this age."""
    recent = clock.now() - _RECENTLY
    for moment, about in (
        (_MARCH, "refunds"),
        (_MARCH, "users"),
        (_APRIL, "payouts"),
        (_MARCH + timedelta(days=3), "payouts"),
        (recent, "users"),
        (recent, "refunds"),
    ):
        act(moment, about=about)
        committed_db.commit()
        seal()
    return committed_db


@pytest.mark.covers("PRV-10", "PRV-12", "ADM-15")
def test_months_that_are_of_age_leave_and_the_rest_proves_itself(trail: Session) -> None:
    before = head()
    assert old_rows() == 4
    assert len(positions()) == 6, "a dry run changes nothing"

    assert remove_old_trail() == 4

    assert positions() == [5, 6, None]
    seal()
    after = verify(before)
    assert isinstance(after, Head)
    assert after.position == 7
    cut = trail.scalars(select(AuditCut)).one()
    assert (cut.first_position, cut.last_position, cut.row_count) == (1, 4, 4)
    said = trail.scalars(select(AuditLog).where(AuditLog.position == 7)).one()
    assert (said.action, said.resource_id) == ("old_trail_removed", cut.id)
    assert said.details["last_hash"] == cut.last_hash
    trail.rollback()
    assert (old_rows(), remove_old_trail()) == (0, 0)


@pytest.mark.covers("PRV-10")
def test_five_years_are_the_least(trail: Session) -> None:
    with pytest.raises(Exception, match="1"):
        set_value("keep.audit", "1826", by=SYSTEM)
    trail.rollback()
    with clock.travel(clock.now() + timedelta(days=3_000)):
        # The portal's clock may be wrong; the database's decides as well.
        assert remove_old_trail() == 4
    assert positions()[:2] == [5, 6]


@pytest.mark.covers("PRV-10", "SEC-12")
@pytest.mark.parametrize("before", ["2019-03-15", "date_trunc('month', now())::date", "2999-01-01"])
def test_the_function_removes_no_month_before_its_time(trail: Session, before: str) -> None:
    month = before if "(" in before else f"'{before}'::date"
    with pytest.raises(DBAPIError, match="is not of age"):
        trail.execute(text(f"SELECT remove_old_trail(gen_random_uuid(), {month})"))
    assert len(positions()) == 6


@pytest.mark.covers("PRV-10", "SEC-12")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_logs WHERE occurred_at < '2020-01-01'",
        "INSERT INTO audit_cuts (id, removed_before, first_position, last_position, last_hash, row_count, occurred_at)"
        " VALUES (gen_random_uuid(), '2026-01-01', 1, 6, repeat('0', 64), 6, now())",
        "DROP TABLE audit_logs_2026_01",
    ],
)
def test_the_portal_itself_removes_nothing(trail: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        trail.execute(text(statement))


@pytest.mark.covers("PRV-10", "ADM-15")
def test_the_trigger_holds_the_owner_too(trail: Session) -> None:
    remove_old_trail()
    for statement in (
        "DELETE FROM audit_logs WHERE position = 5",
        "UPDATE audit_cuts SET last_position = 6",
        "DELETE FROM audit_cuts",
    ):
        with pytest.raises(IntegrityError, match="append-only"):
            become_owner(trail)
            trail.execute(text(statement))
        trail.rollback()


def forge(session: Session, statement: str) -> None:
    become_owner(session)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement))
    session.commit()


@pytest.mark.covers("ADM-15")
def test_a_beginning_that_nobody_told_of_is_a_break(trail: Session) -> None:
    forge(
        trail,
        "INSERT INTO audit_cuts (id, removed_before, first_position, last_position, last_hash, row_count, occurred_at)"
        " SELECT gen_random_uuid(), '2019-05-01', 1, position, row_hash, 4, now() FROM audit_logs WHERE position = 4",
    )
    forge(trail, "DELETE FROM audit_logs WHERE position <= 4")

    assert verify() == Break(Harm.DELETED, 4)


@pytest.mark.covers("ADM-15")
@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("DELETE FROM audit_logs WHERE position = 5", (Harm.DELETED, 5)),
        ("UPDATE audit_cuts SET last_hash = repeat('0', 64)", (Harm.DELETED, 4)),
        ("UPDATE audit_logs SET previous_hash = repeat('0', 64) WHERE position = 5", (Harm.CHANGED, 5)),
        ("DELETE FROM audit_cuts", (Harm.DELETED, 1)),
    ],
)
def test_a_lawful_cut_hides_no_other(trail: Session, forgery: str, found: tuple[Harm, int]) -> None:
    remove_old_trail()
    seal()
    forge(trail, forgery)

    broken = verify()
    assert isinstance(broken, Break)
    assert (broken.harm, broken.position) == found


def test_a_trail_of_which_nothing_is_left_goes_on_where_it_was(committed_db: Session) -> None:
    act(_MARCH)
    committed_db.commit()
    seal()
    assert remove_old_trail() == 1
    seal()
    assert positions() == [2]
    assert head().position == 2


def test_a_month_without_rows_loses_its_table(trail: Session) -> None:
    forge(
        trail,
        "CREATE TABLE audit_logs_2018_07 PARTITION OF audit_logs FOR VALUES FROM ('2018-07-01') TO ('2018-08-01')",
    )

    remove_old_trail()

    left = trail.scalars(text("SELECT to_regclass('audit_logs_2018_07') IS NULL")).one()
    assert left is True
    assert trail.scalars(text("SELECT to_regclass('audit_logs_2026_01') IS NOT NULL")).one() is True


@pytest.mark.covers("PRV-08", "PRV-13")
def test_what_proves_money_is_kept_in_a_sealed_archive(trail: Session, app: Flask) -> None:
    hashes = trail.scalars(
        select(AuditLog.row_hash).where(AuditLog.position.in_((1, 3, 4))).order_by(AuditLog.position)
    ).all()
    remove_old_trail()

    archive = trail.scalars(select(AuditArchive)).one()
    raw = (files_folder() / trail.get_one(StoredFile, archive.file_id).storage_key).read_bytes()
    assert b"refunds" not in raw
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(raw)
    found = read_archive(archive.id)
    assert [row["row_hash"] for row in found.rows] == hashes
    assert {row["resource_type"] for row in found.rows} == {"refunds", "payouts"}
    assert (archive.row_count, archive.covers_before > date(2019, 4, 30)) == (3, True)
    trail.rollback()

    command = app.test_cli_runner()
    listed = command.invoke(args=["portal", "audit-archive"])
    assert f"{archive_id(trail)}  before" in listed.output
    read = command.invoke(args=["portal", "audit-archive", archive_id(trail)])
    assert read.exit_code == 0
    assert [json.loads(line)["row_hash"] for line in read.stdout.splitlines()] == hashes
    assert command.invoke(args=["portal", "audit-archive", str(new_id())]).exit_code == 1


def archive_id(session: Session) -> str:
    return str(session.scalars(select(AuditArchive.id)).one())


@pytest.mark.covers("PRV-13")
def test_an_archive_that_was_changed_is_refused(trail: Session) -> None:
    remove_old_trail()
    manifest, *lines = gzip.decompress(_clear(trail)).decode().split("\n")
    facts = {name: value for name, value in json.loads(manifest).items() if name not in ("rows", "sha256")}
    assert unpacked(packed(lines, facts)).manifest == json.loads(manifest)

    with pytest.raises(ArchiveBroken, match="not those that were written"):
        unpacked(gzip.compress("\n".join([manifest, *lines[:-1]]).encode()))
    changed: dict[str, Any] = json.loads(lines[0]) | {"new_values": {"amount_minor": 1}}
    with pytest.raises(ArchiveBroken, match="row 1 is not what was sealed"):
        unpacked(packed([json.dumps(changed), *lines[1:]], facts))


def _clear(session: Session) -> bytes:
    archive = session.scalars(select(AuditArchive)).one()
    return archives.read_file(session.get_one(StoredFile, archive.file_id))


@pytest.mark.covers("PRV-08", "PRV-13")
def test_an_archive_goes_when_even_its_youngest_row_has_been_kept_for_seven_years(trail: Session) -> None:
    remove_old_trail()
    covers = trail.scalars(select(AuditArchive.covers_before)).one()
    path = files_folder() / trail.scalars(select(StoredFile.storage_key)).one()
    assert path.exists()
    trail.rollback()
    last_day = datetime(covers.year, covers.month, covers.day, 12, tzinfo=UTC) + timedelta(days=2557)
    with clock.travel(last_day):
        assert remove_outlived_archives() == 0
    with clock.travel(last_day + timedelta(days=1)):
        assert remove_outlived_archives() == 1
    with transaction():
        assert db.session.scalars(select(StoredFile.id)).all() == []
    assert not path.exists()
