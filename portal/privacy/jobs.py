"""What privacy does by itself; every job finds its own work."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.files import remove_bytes
from portal.kernel.jobs import job
from portal.privacy.erasing import BYTES_JOB
from portal.privacy.exporting import EXPORT_JOB, make_export
from portal.privacy.forgetting import erase_due
from portal.privacy.old_copies import give_up_lost_copies, remove_old_copies
from portal.privacy.retention import keep_in_time


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


@job("privacy.keep_in_time", timeout=1800)
def keep() -> dict[str, int]:
    """Remove what has been kept long enough, kind by kind, with counts (PRV-12)."""
    counts = keep_in_time()
    counts["copies"] = remove_old_copies()
    counts["lost_copies"] = give_up_lost_copies()
    return counts
