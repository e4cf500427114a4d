"""The copy itself: `data.json`, the same to read as `data.html` in the person's language, and their own files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Column, RowMapping, Table, select

from portal.kernel import clock
from portal.kernel.db import Base, db
from portal.kernel.errors import NotFound
from portal.kernel.files import read_file
from portal.kernel.i18n import language_of, speaking
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.personal import REGISTRY, Person, Share
from portal.kernel.sealing import SEALED, SEALED_WHEN, opened, opened_json
from portal.privacy.person import person_of
from portal.privacy.share_words import SHARE_WORDS

Rows = list[dict[str, Any]]


def copy_of(user_id: UUID, locale: str) -> bytes:
    """The ZIP of everything that is told to the person. Raises `NotFound`."""
    data = data_of(person_of(user_id))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1))
        with speaking(language_of(locale)):
            page = current_app.jinja_env.get_template("privacy/_copy.html").render(
                data=data,
                words=SHARE_WORDS,
                made_at=clock.now(),
                language=language_of(locale),
            )
        archive.writestr("data.html", page)
        for name, held in _own_files(user_id):
            archive.writestr(f"files/{name}", held)
    return packed.getvalue()


def data_of(person: Person) -> dict[str, Rows]:
    """What each room tells the person, by the title of the share; nothing where nothing is held."""
    told: dict[str, Rows] = {}
    for table in Base.metadata.sorted_tables:
        for share in REGISTRY[table.name].shares:
            if share.tells and (rows := _rows(table, share, person)):
                told[share.title] = rows
    return told


def _rows(table: Table, share: Share, person: Person) -> Rows:
    columns = [table.c[name] for name in share.tells]
    keys = table.primary_key.columns.values()
    flags = [table.c[column.info[SEALED_WHEN]] for column in columns if SEALED_WHEN in column.info]
    needed = dict.fromkeys([keys[0], *flags, *columns])
    found = db.session.execute(select(*needed).where(share.of(person)).order_by(*keys))
    return [{_named(column): _told(column, row) for column in columns} for row in found.mappings()]


def _named(column: Column[Any]) -> str:
    """What a sealed column holds is clear in the copy, and called so."""
    return column.name.removesuffix("_encrypted")


def _told(column: Column[Any], row: RowMapping) -> Any:
    value, table = row[column], column.table
    key = table.primary_key.columns.values()[0]
    if SEALED in column.info:
        # Empty where it is forgotten.
        return opened(column, row[key], value) if value else None
    if SEALED_WHEN in column.info and row[table.c[column.info[SEALED_WHEN]]]:
        return opened_json(column, row[key], value)
    return _plain(value)


def _plain(value: Any) -> Any:
    """The value as JSON says it."""
    if value is None or isinstance(value, bool | int | str | dict | list):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _own_files(user_id: UUID) -> Iterator[tuple[str, bytes]]:
    files = db.session.scalars(
        select(StoredFile)
        .where(StoredFile.owner_user_id == user_id, StoredFile.purpose != FilePurpose.PRIVACY_EXPORT)
        .order_by(StoredFile.id)
    )
    for file in files:
        try:
            yield file.storage_key.rpartition("/")[2], read_file(file)
        except NotFound:
            continue
