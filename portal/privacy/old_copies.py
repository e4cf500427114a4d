"""Copies whose days are over leave the disk, and a copy that nobody finishes may be asked for again (PRV-01)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

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
_ENDS_AS = {RequestStatus.RECEIVED: RequestStatus.CANCELED, RequestStatus.RUNNING: RequestStatus.FAILED}


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
    """End copies that were not begun or not finished in time, so that a new one may be asked for; how many. Commits."""
    with transaction():
        return _end_open_copies(PrivacyRequest.updated_at < clock.now() - _GIVEN_UP_AFTER)


def call_off_copies(user_id: UUID) -> int:
    """End the copies of somebody who is being erased; how many. What is being made now is thrown away."""
    return _end_open_copies(PrivacyRequest.user_id == user_id)


def _end_open_copies(which: ColumnElement[bool]) -> int:
    # The lock waits for a copy that is being put away; its file is erased then like any other.
    requests = db.session.scalars(
        select(PrivacyRequest)
        .where(PrivacyRequest.kind == RequestKind.EXPORT, PrivacyRequest.status.in_(_ENDS_AS), which)
        .order_by(PrivacyRequest.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for request in requests:
        advance(request, _ENDS_AS[request.status], by=SYSTEM)
    return len(requests)


def _is_over() -> ColumnElement[bool]:
    return PrivacyRequest.file_id.is_not(None) & (PrivacyRequest.expires_at <= clock.now())
