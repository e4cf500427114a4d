"""Copies whose days are over leave the disk, and a copy that nobody finishes may be asked for again (PRV-01)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, update

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.files import remove_bytes
from portal.kernel.models import StoredFile
from portal.kernel.states import advance
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus

# Longer than all attempts of a follow-up together.
_GIVEN_UP_AFTER = timedelta(days=1)


def old_copies() -> int:
    """The dry run: how many copies can no longer be fetched."""
    return db.session.execute(select(func.count()).select_from(PrivacyRequest).where(_is_over())).scalar_one()


def remove_old_copies() -> int:
    """Remove the files of copies that can no longer be fetched; how many. Commits."""
    with transaction() as session:
        old = session.scalars(select(PrivacyRequest.file_id).where(_is_over())).all()
        session.execute(update(PrivacyRequest).where(PrivacyRequest.file_id.in_(old)).values(file_id=None))
        keys = session.scalars(
            delete(StoredFile).where(StoredFile.id.in_(old)).returning(StoredFile.storage_key)
        ).all()
    for key in keys:
        remove_bytes(key)
    return len(keys)


def give_up_lost_copies() -> int:
    """Mark copies that were begun and never finished as failed; how many. Commits."""
    with transaction() as session:
        lost = session.scalars(
            select(PrivacyRequest).where(
                PrivacyRequest.kind == RequestKind.EXPORT,
                PrivacyRequest.status == RequestStatus.RUNNING,
                PrivacyRequest.updated_at < clock.now() - _GIVEN_UP_AFTER,
            )
        ).all()
        for request in lost:
            advance(request, RequestStatus.FAILED, by=SYSTEM)
    return len(lost)


def _is_over() -> ColumnElement[bool]:
    return PrivacyRequest.file_id.is_not(None) & (PrivacyRequest.expires_at <= clock.now())
