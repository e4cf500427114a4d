"""A copy of everything that is held of a person (PRV-01): asked for, made by a worker, fetched for some days.

1. `ask_for_export` writes one request; asking again while it is made is the same request.
2. A worker gathers the rows that each room declared, as JSON and as a page, with the person's own files, in a ZIP.
3. The file lies among the stored files, outside every public folder; only its owner, signed in, is given it.
4. After some days a job removes it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from portal.config.values import EXPORT_DAYS, value_of
from portal.identity.attempts import note_security_event
from portal.identity.models import Severity
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.files import read_file, store_file
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.states import advance
from portal.notifications.services import notify
from portal.people.models import UserPreferences
from portal.privacy.copying import copy_of
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus

EXPORT_JOB = "privacy.make_export"
_OPEN = (RequestStatus.RECEIVED, RequestStatus.RUNNING)


def ask_for_export(user_id: UUID, *, by: Actor) -> PrivacyRequest:
    """Have the copy made; the request that is under way already, if there is one."""
    added = db.session.execute(
        insert(PrivacyRequest)
        .values(id=new_id(), kind=RequestKind.EXPORT, user_id=user_id, created_by=by.user_id)
        .on_conflict_do_nothing()
        .returning(PrivacyRequest.id)
    ).scalar()
    if added is None:
        # The newest: it was open a moment ago, and may be done by now.
        return db.session.scalars(_newest(user_id)).one()
    follow_up(EXPORT_JOB, dedupe_key=f"export:{added}", payload={"request_id": str(added)})
    note_security_event(user_id, "export_asked", Severity.INFO, by=by)
    return db.session.get_one(PrivacyRequest, added)


def make_export(request_id: UUID) -> None:
    """Make the copy and tell its owner; a copy that is there already stays. Commits."""
    with transaction():
        request = db.session.get_one(PrivacyRequest, request_id, with_for_update=True)
        if request.status not in _OPEN or request.user_id is None:
            return
        if request.status is RequestStatus.RECEIVED:
            advance(request, RequestStatus.RUNNING, by=SYSTEM)
        user_id = request.user_id
    with transaction():
        locale = db.session.scalar(select(UserPreferences.locale).where(UserPreferences.user_id == user_id))
        data = copy_of(user_id, locale or "")
    with transaction():
        request = db.session.get_one(PrivacyRequest, request_id, with_for_update=True, populate_existing=True)
        if request.status is not RequestStatus.RUNNING:
            return
        file = store_file(
            data, mime_type="application/zip", purpose=FilePurpose.PRIVACY_EXPORT, owner_user_id=user_id
        )
        request.file_id, request.done_at = file.id, clock.now()
        request.expires_at = clock.now() + timedelta(days=value_of(EXPORT_DAYS))
        advance(request, RequestStatus.DONE, by=SYSTEM)
        _tell(request, user_id)


def export_of(user_id: UUID) -> PrivacyRequest | None:
    """The latest copy: being made, to be fetched, or one that could not be made."""
    request = db.session.scalars(_newest(user_id)).one_or_none()
    if request is not None and request.status is RequestStatus.DONE and not _can_be_fetched(request):
        return None
    return request


def fetch_export(request_id: UUID, user_id: UUID, *, by: Actor) -> bytes:
    """The ZIP, for nobody but its owner while it may be fetched, who reads when it was. Raises `NotFound`."""
    request = db.session.get(PrivacyRequest, request_id)
    if request is None or request.user_id != user_id or not _can_be_fetched(request):
        raise NotFound
    note_security_event(user_id, "export_fetched", Severity.WARNING, by=by)
    return read_file(db.session.get_one(StoredFile, request.file_id))


def _can_be_fetched(request: PrivacyRequest) -> bool:
    return request.file_id is not None and request.expires_at is not None and request.expires_at > clock.now()


def _newest(user_id: UUID) -> Select[PrivacyRequest]:
    return (
        select(PrivacyRequest)
        .where(PrivacyRequest.user_id == user_id, PrivacyRequest.kind == RequestKind.EXPORT)
        .order_by(PrivacyRequest.id.desc())
        .limit(1)
    )


def _tell(request: PrivacyRequest, user_id: UUID) -> None:
    notify(
        "export_ready",
        event_key=f"export_ready:{request.id}",
        data={"days": value_of(EXPORT_DAYS)},
        user_id=user_id,
        related=(PrivacyRequest.__tablename__, request.id),
        action_link="/privacy",
        by=SYSTEM,
    )
