"""Changing keys: everything sealed is sealed again under the newest key, so that older ones can be retired (SEC-01).

1. The operator puts a new key in front (`FIELD_KEY`), moves the one before to `FIELD_RETIRED_KEYS`, and restarts:
   what is written from then on is under the new key, and everything can still be read.
2. `flask portal reseal` goes through every declared column and every sealed file, a batch a transaction. It may be
   stopped at any moment and run again: what is done is recognised by the key's id in front of it.
3. It says which keys nothing uses any more; those leave the settings. With `LOOKUP_KEY` it is the same: hashes are
   made again from what they were made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import Column, Table, literal, select
from sqlalchemy.exc import IntegrityError

from portal.kernel.db import Base, db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.files import digest_of, files_folder, read_file, seal_bytes, write_bytes
from portal.kernel.keys import KEY_ID_SIZE, Undecryptable
from portal.kernel.models import StoredFile
from portal.kernel.sealing import (
    LOOKED_UP_BY,
    SEALED,
    SEALED_WHEN,
    hash_for,
    keys,
    opened,
    packed,
    place_of,
    unpacked,
)

BATCH = 500
_FILES = "stored_files.bytes"
Row = dict[str, Any]


@dataclass
class Report:
    """What was found and done, by `table.column`; values by the id of the key that seals them now."""

    seen: int = 0
    resealed: Counter[str] = field(default_factory=Counter)
    rehashed: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    # What a rule of the table would not take: two rows that must differ and do not under one key.
    refused: Counter[str] = field(default_factory=Counter)
    in_use: Counter[str] = field(default_factory=Counter)

    @property
    def is_complete(self) -> bool:
        """Whether all was brought up to the newest keys, so that older look-up keys have nothing left to find."""
        return not (self.unreadable or self.refused)

    @property
    def retirable(self) -> list[str]:
        """The ids of older keys that nothing uses any more."""
        return [key.hex() for key in keys().retired if not self.in_use[key.hex()]]

    def lines(self) -> Iterator[tuple[str, int]]:
        """The counts, each with its name."""
        for key, values in sorted(self.in_use.items()):
            age = (
                "newest"
                if key == keys().newest.hex()
                else "older"
                if bytes.fromhex(key) in keys().retired
                else "unknown"
            )
            yield f"values under key {key} ({age})", values
        for what in ("resealed", "rehashed", "unreadable", "refused"):
            for place, values in sorted(getattr(self, what).items()):
                yield f"{what}, {place}", values

    def advice(self) -> Iterator[str]:
        """What the operator may take out of the settings, once every process has been started with the newest keys."""
        for position, key in enumerate(keys().retired, 1):
            if key.hex() in self.retirable:
                yield f"Key {key.hex()} (number {position} of FIELD_RETIRED_KEYS) seals nothing any more; it can go."
        if self.is_complete and _has_older_hashes():
            yield "LOOKUP_RETIRED_KEYS finds nothing any more; it can go."


def reseal(report: Report, *, batch: int = BATCH) -> Iterator[Report]:
    """Seal and hash anew whatever an older key did; gives the report after each batch, which is then committed."""
    for table in sealed_tables():
        for rows in _batches(table, batch):
            with transaction():
                for row in rows:
                    _renew(table, row, report)
            report.seen += len(rows)
            yield report
    for rows in _batches(StoredFile.__table__, batch):
        with transaction() as session:
            for row in rows:
                if row["encrypted"] and (file := session.get(StoredFile, row["id"])) is not None:
                    _renew_file(file, report)
        report.seen += len(rows)
        yield report


def sealed_tables() -> Iterator[Table]:
    """The tables of the model set that declare a sealed column."""
    for table in Base.metadata.sorted_tables:
        if any({SEALED, SEALED_WHEN} & column.info.keys() for column in table.columns):
            yield table


def _batches(table: Any, size: int) -> Iterator[list[Row]]:
    """All rows in the order of their key, some at a time, each time from a transaction of its own."""
    (key,) = table.primary_key.columns
    statement = select(table).order_by(key).limit(size)
    after = None
    while True:
        with transaction() as session:
            found = session.execute(statement if after is None else statement.where(key > after)).mappings()
            rows = [dict(row) for row in found]
        if not rows:
            return
        yield rows
        after = rows[-1][key.name]


def _renew(table: Table, row: Row, report: Report) -> None:
    """Bring one row up to the newest keys, unless somebody changes it meanwhile (who then seals with the newest)."""
    changed: dict[str, Any] = {}
    for column in table.columns:
        if _is_sealed(column, row):
            changed |= _sealed_anew(column, row, report)
        elif LOOKED_UP_BY in column.info:
            changed |= _hashed_anew(column, row, report)
    if not changed:
        return
    if "updated_at" in table.columns:
        # Nothing of what the row says has changed.
        changed["updated_at"] = table.columns["updated_at"]
    (key,) = table.primary_key.columns
    read = [table.columns[name] for name in (key.name, *changed) if name != "updated_at"]
    as_read = [column == literal(row[column.name], column.type) for column in read]
    try:
        with db.session.begin_nested():
            db.session.execute(table.update().where(*as_read).values(changed))
    except IntegrityError:
        report.refused[table.name] += 1


def _sealed_anew(column: Column[Any], row: Row, report: Report) -> dict[str, Any]:
    """The value under the newest key, if it is not that already."""
    head = b""
    try:
        sealed = _sealed_bytes(column, row)
        head = sealed[:KEY_ID_SIZE]
        plain = None if head == keys().newest else keys().open(sealed, _place(column, row))
    except Undecryptable:
        report.unreadable[str(column)] += 1
        report.in_use[head.hex()] += 1
        return {}
    report.in_use[keys().newest.hex()] += 1
    if plain is None:
        return {}
    report.resealed[str(column)] += 1
    anew = keys().seal(plain, _place(column, row))
    return {column.name: anew if SEALED in column.info else packed(anew)}


def _hashed_anew(column: Column[Any], row: Row, report: Report) -> dict[str, Any]:
    """The hash under the newest key, if it is not that already and what it is made of can be read."""
    if not _has_older_hashes():
        return {}
    try:
        parts = [_clear(column.table.columns[name], row) for name in column.info[LOOKED_UP_BY]]
    except Undecryptable:
        return {}
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or (wanted := hash_for(column, known)) == row[column.name]:
        return {}
    report.rehashed[str(column)] += 1
    return {column.name: wanted}


def _renew_file(file: StoredFile, report: Report) -> None:
    """The same for a file: its bytes are replaced whole, so that one who reads meanwhile sees the old or the new."""
    path = files_folder() / file.storage_key
    try:
        with path.open("rb") as opened:
            head = opened.read(KEY_ID_SIZE)
        is_newest = head == keys().newest
        data = None if is_newest and not _has_older_hashes() else read_file(file)
    except (FileNotFoundError, NotFound):
        return
    except Undecryptable:
        report.unreadable[_FILES] += 1
        report.in_use[head.hex()] += 1
        return
    report.in_use[keys().newest.hex()] += 1
    if data is None:
        return
    if not is_newest:
        write_bytes(file.storage_key, seal_bytes(file.id, data))
        report.resealed[_FILES] += 1
    if (digest := digest_of(data, encrypted=True)) != file.sha256:
        file.sha256 = digest
        report.rehashed[_FILES] += 1


def _is_sealed(column: Column[Any], row: Row) -> bool:
    # Empty where its person was erased: nothing is sealed there any more.
    if row[column.name] in (None, b""):
        return False
    return SEALED in column.info or (SEALED_WHEN in column.info and row[column.info[SEALED_WHEN]])


def _sealed_bytes(column: Column[Any], row: Row) -> bytes:
    stored = row[column.name]
    return stored if SEALED in column.info else unpacked(stored)


def _clear(column: Column[Any], row: Row) -> str | None:
    """What a column of a row says; None when it says nothing."""
    if row[column.name] is None:
        return None
    if SEALED in column.info:
        (key,) = column.table.primary_key.columns
        return opened(column, row[key.name], row[column.name])
    return str(row[column.name])


def _place(column: Column[Any], row: Row) -> str:
    (key,) = column.table.primary_key.columns
    return place_of(column, row[key.name])


def _has_older_hashes() -> bool:
    return len(current_app.config["SETTINGS"].lookup_keys) > 1
