"""Every file for a spreadsheet, downloaded from a world in which every text is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Enum, String, Text, text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import Base
from tests.badinput.doors import Door
from tests.badinput.table import DOORS, filled, knock
from tests.badinput.trying import Trial

FORMULAS = ("=1+1;=2+2", "+SUM(1,1)", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1+1", '"=1+1')
_RUNS = re.compile(r"[\s\"']*[=+\-@]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Columns that the portal reads by itself: with a formula in them there would be no page at all.
_OURS = frozenset({"locale", "timezone", "theme", "token_hash", "storage_key", "mime_type"})
# Files that hold no text which people write: ids, states, codes, times and numbers.
_WITHOUT_WORDS = frozenset({"pots_admin.sums", "admin.ledger_account", "referrals_admin.awards"})


@pytest.fixture
def world_of_formulas(trial: Trial) -> Iterator[None]:
    """For the test, every text that the database lets be one is a formula."""
    with trial.undoing():
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                is_text = isinstance(column.type, String | Text) and not isinstance(column.type, Enum)
                if is_text and column.name not in _OURS:
                    _write(trial.connection, table.name, column.name)
        trial.fingerprint.changed()
        yield
    trial.fingerprint.changed()


def _write(connection: Connection, table: str, column: str) -> None:
    """A formula into each row; nothing where the database wants a state, a code or a short word."""
    formulas = ", ".join(f"$${one}$$" for one in FORMULAS)
    statement = (
        f"UPDATE {table} SET {column} = (ARRAY[{formulas}])[1 + row % {len(FORMULAS)}] FROM"
        f" (SELECT ctid AS place, row_number() OVER () AS row FROM {table}) numbered"
        f" WHERE {table}.ctid = numbered.place AND {column} IS NOT NULL"
    )
    point = connection.begin_nested()
    try:
        connection.execute(text(statement.replace(":", "\\:")))
    except DBAPIError:
        point.rollback()
    else:
        point.commit()


def _files(trial: Trial) -> Iterator[tuple[Door, str]]:
    """Every door that answers with such a file, always or when it is asked to, and the file."""
    for door in DOORS:
        if door.method != "GET":
            continue
        good = knock(trial, door)
        if "format" in good.heard.query:
            good = knock(trial, door, query_string=filled(door.query, trial.world) | {"format": "csv"})
        if good.answer.mimetype == "text/csv":
            yield door, good.answer.get_data().decode("utf-8-sig")


def _cells(file: str, border: str) -> Iterator[str]:
    """The cells as a spreadsheet reads them whose language has this border between cells."""
    for line in file.splitlines():
        yield from next(csv.reader([line], delimiter=border), [])


@pytest.mark.usefixtures("world_of_formulas")
def test_no_cell_of_any_file_is_run(trial: Trial) -> None:
    """Whatever its language takes for the border of a cell; numbers are numbers."""
    harmless = set()
    for door, file in _files(trial):
        for border in ",;\t":
            for cell in _cells(file, border):
                assert not _RUNS.match(cell) or cell.startswith("'") or _NUMBER.fullmatch(cell), (door, cell)
        if "'" not in file:
            harmless.add(door.endpoint)

    assert harmless == _WITHOUT_WORDS, "a file in which no formula stood proves nothing"
