"""Migrations build the schema from nothing, take it down again, and say the same as the models."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from portal.models import metadata
from portal.supervisor.folders import postgres_binaries
from tests.harness.database import Databases

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# Written by hand in migrations only: models do not describe triggers, functions, policies and partitions.
_ONLY_IN_MIGRATIONS = re.compile(
    r"^(CREATE (FUNCTION|TRIGGER|CONSTRAINT TRIGGER|POLICY)|ALTER TABLE (ONLY .*ATTACH|.* ROW LEVEL SECURITY)"
    r"|.* ON SCHEMA public |REVOKE ALL ON FUNCTION )"
)


def _flask(database_url: str, *words: str) -> None:
    environ = os.environ | {
        "PORTAL_ENV": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=PROJECT_ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _schema(database_url: str) -> list[str]:
    """The statements of a schema dump, without what only migrations can say."""
    dump = subprocess.run(
        [
            postgres_binaries(None) / "pg_dump",
            "--schema-only",
            "--no-owner",
            "-T",
            "alembic_version",
            database_url,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [
        line for line in dump.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog"))
    ]
    statements = re.split(r";\n+", re.sub(r"\$\$.*?\$\$", "", "\n".join(lines), flags=re.DOTALL))
    kept = [statement.strip() for statement in statements if statement.strip()]
    return sorted(
        statement
        for statement in kept
        if not _ONLY_IN_MIGRATIONS.match(statement)
        and not re.search(r"audit_logs_(default|\d{4})", statement)
    )


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    name = f"migrations_{os.getpid()}"
    databases.clone(name)
    url = databases.owner_url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    yield url
    databases.drop(name)


@pytest.mark.covers("DEV-01")
def test_upgrade_from_nothing_and_downgrade_to_nothing(empty_database: str) -> None:
    _flask(empty_database, "db", "upgrade")
    assert _schema(empty_database)

    _flask(empty_database, "db", "downgrade", "base")

    assert _schema(empty_database) == []
    _flask(empty_database, "db", "upgrade")


@pytest.mark.covers("DEV-07")
def test_models_and_migrations_describe_the_same_schema(empty_database: str, databases: Databases) -> None:
    _flask(empty_database, "db", "upgrade")
    migrated = _schema(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    engine = create_engine(empty_database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TYPE uuidrange AS RANGE (subtype = uuid)"))
        metadata.create_all(connection)
    engine.dispose()

    assert _schema(empty_database) == migrated


_FAMILY = """
    INSERT INTO users (id, email, email_verified_at, phone, phone_verified_at, roles, status, referral_code,
                       created_at, updated_at)
    SELECT ('00000000-0000-4000-8000-00000000000' || person)::uuid, email, CASE WHEN is_proved THEN now() END,
           phone, CASE WHEN phone IS NOT NULL THEN now() END, '{user}', 'active', 'CODE' || person, now(), now()
    FROM (VALUES (1, 'Fatou.Sow+x@gmail.com', true, NULL), (2, 'modou@example.org', false, '+221770001122'),
                 (3, 'a@example.org', true, NULL), (4, 'b@example.org', true, NULL),
                 (5, 'c@example.org', true, NULL), (6, 'd@example.org', true, NULL))
         AS people (person, email, is_proved, phone);
    INSERT INTO profiles (user_id, full_name, date_of_birth, guardian_user_id, relationship_type,
                          guardian_confirmed_at, guardian_refused_at, created_at, updated_at)
    SELECT ('00000000-0000-4000-8000-00000000000' || person)::uuid, 'Somebody', (current_date - years)::date,
           ('00000000-0000-4000-8000-00000000000' || guardian)::uuid, 'parent', confirmed::timestamptz,
           refused::timestamptz, now(), now()
    FROM (VALUES (3, interval '12 years', 1, NULL, NULL), (4, interval '13 years', 2, NULL, NULL),
                 (5, interval '14 years', 1, '2026-01-01', NULL), (6, interval '19 years', 1, NULL, NULL))
         AS minors (person, years, guardian, confirmed, refused);
"""


@pytest.mark.covers("PPL-12", "PPL-13")
def test_who_was_named_and_had_not_answered_is_asked_from_then_on(empty_database: str) -> None:
    _flask(empty_database, "db", "upgrade", "0033")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(_FAMILY)

    _flask(empty_database, "db", "upgrade", "0034")

    with psycopg.connect(empty_database) as connection:
        asked = connection.execute(
            "SELECT right(minor_user_id::text, 1), contact, mailbox, status FROM guardian_requests ORDER BY 1"
        ).fetchall()
        profiles = connection.execute(
            "SELECT right(user_id::text, 1), date_of_birth IS NOT NULL, stated_birthday IS NOT NULL,"
            " right(guardian_user_id::text, 1) FROM profiles ORDER BY 1"
        ).fetchall()
    assert asked == [
        ("3", "fatou.sow+x@gmail.com", "fatousow@gmail.com", "waiting"),
        ("4", "+221770001122", "+221770001122", "waiting"),
    ]
    assert profiles == [
        ("3", False, True, None),
        ("4", False, True, None),
        ("5", True, False, "1"),
        ("6", True, False, None),
    ]


@pytest.mark.covers("ADM-07")
def test_the_countries_that_operators_chose_stay_in_force_under_their_new_name(empty_database: str) -> None:
    _flask(empty_database, "db", "upgrade", "0037")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO system_config (id, config_key, config_value, data_type, description, created_at, updated_at)"
            " VALUES (gen_random_uuid(), 'identity.code_countries', '\"SN GM\"', 'string', '', now(), now())"
        )
    for version, name in (("0038", "notifications.text_countries"), ("0037", "identity.code_countries")):
        _flask(empty_database, "db", "upgrade" if version == "0038" else "downgrade", version)

        with psycopg.connect(empty_database) as connection:
            kept = connection.execute("SELECT config_key, config_value FROM system_config").fetchall()
        assert kept == [(name, "SN GM")]


@pytest.mark.covers("ID-58")
def test_what_happened_with_an_identity_provider_is_told_on_under_its_new_name(empty_database: str) -> None:
    _flask(empty_database, "db", "upgrade", "0038")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(_FAMILY.split("INSERT INTO profiles")[0])
        connection.execute(
            "INSERT INTO security_events (id, user_id, event_type, severity, details, occurred_at)"
            " SELECT gen_random_uuid(), id, 'house_linked', 'info', '{\"house\": \"Google\"}', now()"
            " FROM users LIMIT 1"
        )
    for version, word in (("0039", "provider"), ("0038", "house")):
        _flask(empty_database, "db", "upgrade" if version == "0039" else "downgrade", version)

        with psycopg.connect(empty_database) as connection:
            kept = connection.execute("SELECT event_type, details FROM security_events").fetchall()
        assert kept == [(f"{word}_linked", {word: "Google"})]


def test_there_is_one_newest_version_and_no_database_is_needed_to_know_it() -> None:
    """As the start of the portal asks: no migration does anything when it is only read."""
    assert len(ScriptDirectory(str(PROJECT_ROOT / "migrations")).get_heads()) == 1
