"""Stored files: bytes on disk under a name made of their hash, one row of facts in `stored_files`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.models import PUBLIC_PURPOSES, FilePurpose, StoredFile

FORGET_JOB = "kernel.remove_file"
_EXTENSIONS = {"image/webp": "webp", "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


def store_file(
    data: bytes,
    *,
    mime_type: str,
    purpose: FilePurpose,
    owner_user_id: UUID | None = None,
    owner_partner_id: UUID | None = None,
) -> StoredFile:
    """Write `data` to disk, then its row. A crash in between leaves an orphan file, never a row without one."""
    file_id = new_id()
    digest = hashlib.sha256(data).hexdigest()
    key = f"{digest[:2]}/{file_id}.{_EXTENSIONS.get(mime_type, 'bin')}"
    _write(files_folder() / key, data)
    row = StoredFile(
        id=file_id,
        storage_key=key,
        mime_type=mime_type,
        size_bytes=len(data),
        sha256=digest,
        purpose=purpose,
        owner_user_id=owner_user_id,
        owner_partner_id=owner_partner_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def forget_file(file_id: UUID | None) -> None:
    """Have a file that was replaced or taken away removed after the commit, unless a row still shows it."""
    if file_id is not None:
        follow_up(FORGET_JOB, dedupe_key=f"file:{file_id}:{new_id()}", payload={"file_id": str(file_id)})


def remove_bytes(storage_key: str) -> None:
    """Take a file's bytes from the disk; harmless twice."""
    (files_folder() / storage_key).unlink(missing_ok=True)


def read_file(file: StoredFile) -> bytes:
    """The bytes of a stored file. Raises `NotFound` when they are gone from the disk."""
    try:
        return (files_folder() / file.storage_key).read_bytes()
    except FileNotFoundError:
        raise NotFound from None


def public_file(file_id: UUID) -> StoredFile:
    """A file that anybody may see (a cover, a pack, a portrait). Raises `NotFound` for every other."""
    statement = select(StoredFile).where(StoredFile.id == file_id, StoredFile.purpose.in_(PUBLIC_PURPOSES))
    file = db.session.execute(statement).scalar_one_or_none()
    if file is None:
        raise NotFound
    return file


def files_folder() -> Path:
    """Where the bytes of all files lie."""
    root: Path = current_app.config["SETTINGS"].data_dir / "files"
    return root


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o640)
    os.replace(temporary, path)
