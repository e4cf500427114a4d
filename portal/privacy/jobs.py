"""What privacy does by itself; every job finds its own work."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction, transaction
from portal.kernel.files import remove_bytes
from portal.kernel.jobs import job
from portal.privacy.by_code import CODE_JOB, ERASE_JOB, send_code
from portal.privacy.erasing import BYTES_JOB
from portal.privacy.exporting import EXPORT_JOB, make_export
from portal.privacy.forgetting import erase_due
from portal.privacy.forgetting_contacts import forget_contact
from portal.privacy.old_copies import give_up_lost_copies
from portal.privacy.questions import FORGET_JOB
from portal.privacy.retention import keep_in_time


@job(ERASE_JOB, timeout=900)
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


@job(CODE_JOB)
def send_forget_code(token_id: str, locale: str) -> None:
    """Send a code to a donor without an account, if there is something to forget."""
    with transaction():
        send_code(UUID(token_id), locale=locale)


@job(FORGET_JOB, timeout=600)
def forget_a_contact(notification_id: str) -> None:
    """Take a contact out of every row that named it, because its reader has asked to."""
    in_transaction(partial(forget_contact, UUID(notification_id), by=SYSTEM))


@job("privacy.keep_in_time", timeout=1800)
def keep() -> dict[str, int]:
    """Remove what has been kept long enough, kind by kind, with counts (PRV-12)."""
    return keep_in_time() | {"lost_copies": give_up_lost_copies()}
