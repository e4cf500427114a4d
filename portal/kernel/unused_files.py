"""Files that nothing shows any more: removed after the commit that replaced them, and swept for what that missed.

A row goes first and its bytes after the commit: killed in between, a file without a row is left, which the sweep
finds. Papers, documents and codes have their own time to be kept; only pictures are swept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select

from portal.kernel import clock
from portal.kernel.db import Base, transaction
from portal.kernel.files import FORGET_JOB, files_folder, remove_bytes
from portal.kernel.jobs import job
from portal.kernel.models import PUBLIC_PURPOSES, StoredFile

# Longer than any transaction between the bytes, their row and the row that shows it.
_SETTLED_AFTER = timedelta(days=1)
_CHUNK = 500


@job(FORGET_JOB)
def remove_file(file_id: str) -> None:
    """Remove one picture that nothing shows any more."""
    _remove(StoredFile.id == UUID(file_id))


@job("kernel.clear_files", timeout=900)
def clear_files() -> dict[str, int]:
    """Remove pictures that no row shows, and bytes that no row names, once they have been so for a day."""
    settled = clock.now() - _SETTLED_AFTER
    pictures = 0
    while removed := _remove(StoredFile.created_at < settled):
        pictures += removed
    return {"pictures": pictures, "bytes": _clear_bytes(settled.timestamp())}


def _remove(which: ColumnElement[bool]) -> int:
    """Remove a number of unused pictures, rows and then bytes; how many."""
    unused = (
        select(StoredFile.id)
        .where(which, StoredFile.purpose.in_(PUBLIC_PURPOSES), nothing_shows_it())
        .order_by(StoredFile.id)
        .limit(_CHUNK)
        .with_for_update(skip_locked=True)
    )
    with transaction() as session:
        found = session.scalars(unused).all()
        keys = session.scalars(
            delete(StoredFile).where(StoredFile.id.in_(found)).returning(StoredFile.storage_key)
        ).all()
    for key in keys:
        remove_bytes(key)
    return len(keys)


def nothing_shows_it() -> ColumnElement[bool]:
    """No row of any table names the file: a foreign key does, or a list of files (`..._file_ids`)."""
    free = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is StoredFile.__table__ for key in column.foreign_keys):
                free.append(~exists().where(column == StoredFile.id))
            elif column.name.endswith("_file_ids"):
                free.append(StoredFile.id.not_in(select(func.unnest(column))))
    return and_(*free)


def _clear_bytes(settled: float) -> int:
    root = files_folder()
    old = (path for path in root.glob("*/*") if path.is_file() and path.stat().st_mtime < settled)
    return sum(_clear_unnamed(root, chunk) for chunk in _chunks(old))


def _clear_unnamed(root: Path, paths: list[Path]) -> int:
    keys = [path.relative_to(root).as_posix() for path in paths]
    with transaction() as session:
        named = set(session.scalars(select(StoredFile.storage_key).where(StoredFile.storage_key.in_(keys))))
    for key in set(keys) - named:
        remove_bytes(key)
    return len(set(keys) - named)


def _chunks(paths: Iterator[Path]) -> Iterator[list[Path]]:
    while chunk := list(islice(paths, _CHUNK)):
        yield chunk
