"""Every named CHECK, UNIQUE and exclusion of the database refuses the row that breaks it, once each.

What lists values and what is unique breaks itself; for the rest a row of the table below says how. A constraint
that is not in it fails a test, so none is forgotten.
"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.db import violated
from tests.migrations.breaks import BREAKS, TWINS
from tests.migrations.rows import Row, Rows, Rule

pytestmark = pytest.mark.covers("DEV-15")

_CONSTRAINTS = """
    SELECT of.relname, rule.conname, pg_get_constraintdef(rule.oid)
    FROM pg_constraint AS rule JOIN pg_class AS of ON of.oid = rule.conrelid
    WHERE of.relnamespace = 'public'::regnamespace AND NOT of.relispartition AND rule.contype = '{kind}'
    ORDER BY 1, 2
"""
_UNIQUE_INDEXES = """
    SELECT of.relname, named.relname, pg_get_indexdef(named.oid)
    FROM pg_index JOIN pg_class AS named ON named.oid = indexrelid JOIN pg_class AS of ON of.oid = indrelid
    WHERE of.relnamespace = 'public'::regnamespace AND NOT of.relispartition AND indisunique
      AND NOT indisprimary AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY 1, 2
"""
# Whatever is the same period also overlaps, and the database looks at that first.
_SAID_BY = {"uq_partner_settlements_partner_id_period_start_period_end": "ex_partner_settlements_period"}


def rules(session: Session, kind: str) -> list[Rule]:
    """The database's own constraints of a kind (c, u, x)."""
    return [Rule(*row) for row in session.execute(text(_CONSTRAINTS.format(kind=kind)))]


def unique_rules(session: Session) -> list[Rule]:
    """Everything that keeps rows apart: constraints, exclusions and unique indexes."""
    indexes = [Rule(*row) for row in session.execute(text(_UNIQUE_INDEXES))]
    return [*rules(session, "u"), *rules(session, "x"), *indexes]


def refusal(rows: Rows, table: str, row: Row) -> str | None:
    """The constraint that refuses a row, None when it is taken."""
    try:
        rows.insert(table, row)
    except IntegrityError as error:
        return violated(error)
    return None


def test_the_rows_that_are_broken_below_are_taken_while_they_are_whole(db_session: Session) -> None:
    checks = rules(db_session, "c")
    rows = Rows(db_session, checks)
    tables = {rule.table for rule in (*checks, *unique_rules(db_session))}

    assert len(tables) > 50
    assert {table: refusal(rows, table, rows.row(table)) for table in sorted(tables)} == dict.fromkeys(
        sorted(tables)
    )


def test_every_check_refuses_what_breaks_it(db_session: Session) -> None:
    checks = rules(db_session, "c")
    rows = Rows(db_session, checks)
    taken = []
    for rule in checks:
        listed = rule.list_of
        for change in [{listed: "'x'"}] if listed else BREAKS[rule.name]:
            refused_by = refusal(rows, rule.table, rows.row(rule.table, **change))
            if refused_by != rule.name:
                taken.append((rule.name, change, refused_by))

    assert taken == []


def test_everything_unique_refuses_a_second_row(db_session: Session) -> None:
    rows = Rows(db_session, rules(db_session, "c"))
    taken = []
    for rule in unique_rules(db_session):
        first, second = twins_of(rule, rows)
        apart = db_session.begin_nested()
        answers = refusal(rows, rule.table, first), refusal(rows, rule.table, second)
        apart.rollback()
        if answers != (None, _SAID_BY.get(rule.name, rule.name)):
            taken.append((rule.name, answers))

    assert taken == [], taken


def test_no_constraint_is_forgotten_and_none_is_made_up(db_session: Session) -> None:
    checks = {rule.name for rule in rules(db_session, "c") if rule.list_of is None}
    unique = {rule.name for rule in unique_rules(db_session)}

    assert checks == set(BREAKS)
    assert set(TWINS) <= unique


def twins_of(rule: Rule, rows: Rows) -> tuple[Row, Row]:
    """Two whole rows that are alike in what must be unique, and in nothing else."""
    if rule.name in TWINS:
        first, second = (TWINS[rule.name] * 2)[:2]
        return rows.row(rule.table, **first), rows.row(rule.table, **second)
    listed = re.search(r"(?:UNIQUE(?: NULLS NOT DISTINCT)?|btree) \(([^()]*)\)", rule.says)
    assert listed is not None, f"say in TWINS how rows meet at {rule.name}"
    columns = [column.strip().strip('"') for column in listed.group(1).split(",")]
    first = rows.row(rule.table)
    missing = rows.filler(rule.table, [column for column in columns if column not in first])
    first |= missing
    return first, rows.row(rule.table, **{column: first[column] for column in columns})
