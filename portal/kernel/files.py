"""Stored files: bytes on disk under a name made of their hash, one row of facts in `stored_files`.

What a file is for decides whether its bytes are sealed (`SEALED_PURPOSES`); who stores and who reads sees clear ones.
"""

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
from portal.kernel.models import PUBLIC_PURPOSES, SEALED_PURPOSES, FilePurpose, StoredFile
from portal.kernel.sealing import keys, lookup_hash

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
    encrypted = purpose in SEALED_PURPOSES
    digest = digest_of(data, encrypted=encrypted)
    key = f"{digest[:2]}/{file_id}.{_EXTENSIONS.get(mime_type, 'bin')}"
    write_bytes(key, seal_bytes(file_id, data) if encrypted else data)
    row = StoredFile(
        id=file_id,
        storage_key=key,
        mime_type=mime_type,
        size_bytes=len(data),
        sha256=digest,
        encrypted=encrypted,
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
    """The bytes of a stored file, clear. Raises `NotFound` when they are gone from the disk, `Undecryptable`."""
    try:
        data = (files_folder() / file.storage_key).read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    return keys().open(data, _place(file.id)) if file.encrypted else data


def seal_bytes(file_id: UUID, data: bytes) -> bytes:
    """The bytes as they lie on the disk, readable for this file alone."""
    return keys().seal(data, _place(file_id))


def digest_of(data: bytes, *, encrypted: bool) -> str:
    """What tells whether two files are the same; keyed for those that are sealed."""
    digest = hashlib.sha256(data).hexdigest()
    return lookup_hash(StoredFile.sha256, digest) if encrypted else digest


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


def write_bytes(storage_key: str, data: bytes) -> None:
    """Put bytes on the disk, whole or not at all."""
    path = files_folder() / storage_key
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o640)
    os.replace(temporary, path)


def _place(file_id: UUID) -> str:
    return f"stored_files.bytes:{file_id}"
