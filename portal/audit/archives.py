"""Archives of the trail (PRV-13): JSON lines, packed and sealed, below a first line that says what they are.

Only rows that prove money are kept so long; each carries its place in the chain and its hash, by which it still proves
itself when its neighbours are gone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select

from portal.audit.chain import hash_told, told
from portal.audit.models import AuditArchive, AuditLog
from portal.config.privacy_values import KEEP_FINANCIAL
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.files import read_file, remove_bytes, store_file
from portal.kernel.models import FilePurpose, StoredFile

# What acts on money are about; the rest of the trail has no longer life than the trail.
_OF_MONEY = (
    "donations",
    "ledger_accounts",
    "ledger_transfers",
    "partner_settlements",
    "payment_methods",
    "payment_transactions",
    "payouts",
    "point_awards",
    "qr_codes",
    "refunds",
    "settlement_adjustments",
)


class ArchiveBroken(ValueError):
    """An archive does not hold what it says."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an archive says of itself, and its rows."""

    manifest: dict[str, Any]
    rows: list[dict[str, Any]]


def write_archive(last: int, before: date) -> UUID | None:
    """Write what proves money of the rows up to `last` into a sealed file; None when nothing does."""
    table = AuditLog.__table__
    rows = db.session.execute(
        select(table)
        .where(AuditLog.position <= last, AuditLog.resource_type.in_(_OF_MONEY))
        .order_by(AuditLog.position)
    ).all()
    if not rows:
        return None
    lines = [json.dumps(told(row), sort_keys=True) for row in rows]
    file = store_file(
        packed(lines, {"table": AuditLog.__tablename__, "covers_before": before.isoformat()}),
        mime_type="application/gzip",
        purpose=FilePurpose.ARCHIVE,
    )
    archive = AuditArchive(covers_before=before, row_count=len(rows), file_id=file.id)
    db.session.add(archive)
    db.session.flush()
    return archive.id


def packed(lines: Sequence[str], facts: dict[str, Any]) -> bytes:
    """The lines below a first one that tells what they are, how many, and their hash."""
    manifest = facts | {"rows": len(lines), "sha256": _digest(lines)}
    return gzip.compress("\n".join([json.dumps(manifest), *lines]).encode(), mtime=0)


def unpacked(data: bytes) -> Opened:
    """What was packed. Raises `ArchiveBroken` when a line was lost, added or changed."""
    first, *lines = gzip.decompress(data).decode().split("\n")
    manifest: dict[str, Any] = json.loads(first)
    if manifest["rows"] != len(lines) or manifest["sha256"] != _digest(lines):
        raise ArchiveBroken("the lines are not those that were written")
    rows = [json.loads(line) for line in lines]
    for row in rows:
        if hash_told(row) != row["row_hash"]:
            raise ArchiveBroken(f"row {row['position']} is not what was sealed")
    return Opened(manifest, rows)


def read_archive(archive_id: UUID) -> Opened:
    """What one archive holds, proved. Raises `NotFound`, `ArchiveBroken`, `Undecryptable`."""
    archive = db.session.get(AuditArchive, archive_id)
    if archive is None:
        raise NotFound
    return unpacked(read_file(db.session.get_one(StoredFile, archive.file_id)))


def all_archives() -> Sequence[Row[UUID, date, int]]:
    """Every archive, the oldest first: id, until when, and how many rows."""
    return db.session.execute(
        select(AuditArchive.id, AuditArchive.covers_before, AuditArchive.row_count).order_by(
            AuditArchive.covers_before, AuditArchive.id
        )
    ).all()


def outlived_archives() -> int:
    """The dry run: how many archives have been kept for as long as money is."""
    return db.session.execute(select(func.count()).select_from(AuditArchive).where(_outlived())).scalar_one()


def remove_outlived_archives() -> int:
    """Remove archives of which even the youngest row has been kept for that long; how many. Commits."""
    with transaction() as session:
        files = session.scalars(delete(AuditArchive).where(_outlived()).returning(AuditArchive.file_id)).all()
        keys = session.scalars(
            delete(StoredFile).where(StoredFile.id.in_(files)).returning(StoredFile.storage_key)
        ).all()
    for key in keys:
        remove_bytes(key)
    return len(keys)


def _outlived() -> ColumnElement[bool]:
    return AuditArchive.covers_before < clock.today() - timedelta(days=value_of(KEEP_FINANCIAL))


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
