"""What privacy does by itself; every job finds its own work."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.files import remove_bytes
from portal.kernel.jobs import job
from portal.privacy.erasing import BYTES_JOB
from portal.privacy.exporting import EXPORT_JOB, make_export
from portal.privacy.forgetting import erase_due


@job("privacy.erase_due", timeout=900)
def erase() -> dict[str, int]:
    """Make those anonymous whose time to think is over (PRV-07)."""
    return erase_due()


@job(BYTES_JOB)
def remove_files(storage_keys: list[str]) -> None:
    """Take the bytes of an erased person's files from the disk."""
    for key in storage_keys:
        remove_bytes(key)


@job(EXPORT_JOB, timeout=600)
def export(request_id: str) -> None:
    """Make the copy of everything that somebody asked for."""
    make_export(UUID(request_id))
