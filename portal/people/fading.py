"""What time ends by itself: scans of papers that were decided long ago, and being a minor for who turns 18.

Both find their own work and are safe to repeat. The first can be asked what it would do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.audit.services import record
from portal.config.people_values import PAPER_DAYS
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.files import remove_bytes
from portal.kernel.models import StoredFile
from portal.people.ages import youngest_adult
from portal.people.birthdays import keep_birthday
from portal.people.completion import refresh_completion
from portal.people.ending import close_change
from portal.people.events import adulthood_reached
from portal.people.guardian_requests import close_request
from portal.people.models import ChangeStatus, DocumentStatus, IdentityDocument, Profile, RequestStatus

_CHUNK = 200


def due_scans() -> int:
    """The dry run: how many scans of papers were decided longer ago than the operator says."""
    return db.session.execute(
        select(func.count()).select_from(_due_papers(_longest_ago()).order_by(None).subquery())
    ).scalar_one()


def forget_scans() -> int:
    """Forget the scans of papers that were decided longer ago than the operator says; how many. Commits.

    Of a refused paper the number goes too; of a verified one it stays, so that it verifies nobody else.
    """
    with transaction():
        before = _longest_ago()
    forgotten = 0
    while keys := _forget_some(before):
        for key in keys:
            remove_bytes(key)
        forgotten += len(keys)
    return forgotten


def end_guardianships() -> int:
    """Make everybody who is 18 by now an adult, and tell them and the guardian who had agreed; how many. Commits.

    The day that a minor has said counts from then on, also when no guardian had agreed.
    """
    ended = 0
    while some := _end_some():
        ended += some
    return ended


def _longest_ago() -> datetime:
    return clock.now() - timedelta(days=value_of(PAPER_DAYS))


def _due_papers(before: datetime) -> Select[IdentityDocument]:
    return (
        select(IdentityDocument)
        .where(
            IdentityDocument.status != DocumentStatus.PENDING,
            IdentityDocument.decided_at < before,
            IdentityDocument.file_id.is_not(None),
        )
        .order_by(IdentityDocument.id)
    )


def _forget_some(before: datetime) -> list[str]:
    """Rows first, bytes after the commit: killed in between, bytes without a row are left, which are swept."""
    keys: list[str] = []
    with transaction():
        papers = db.session.scalars(_due_papers(before).limit(_CHUNK).with_for_update(skip_locked=True)).all()
        for paper in papers:
            file = db.session.get_one(StoredFile, paper.file_id)
            keys.append(file.storage_key)
            paper.file_id = None
            if paper.status is DocumentStatus.REJECTED:
                paper.id_number_encrypted = None
            db.session.flush()
            db.session.delete(file)
            record("identity_scan_deleted", (IdentityDocument.__tablename__, paper.id), by=SYSTEM)
    return keys


def _end_some() -> int:
    latest = youngest_adult()
    with transaction():
        grown = db.session.scalars(
            select(Profile)
            .where(
                or_(
                    Profile.guardian_user_id.is_not(None) & (Profile.date_of_birth <= latest),
                    Profile.stated_birthday <= latest,
                )
            )
            .order_by(Profile.user_id)
            .limit(_CHUNK)
            .with_for_update(skip_locked=True)
        ).all()
        for profile in grown:
            _end(profile)
    return len(grown)


def _end(profile: Profile) -> None:
    guardian_id: UUID | None = profile.guardian_user_id
    had_agreed = profile.guardian_confirmed_at is not None
    close_request(profile.user_id, RequestStatus.EXPIRED, by=SYSTEM)
    close_change(profile.user_id, ChangeStatus.WITHDRAWN, by=SYSTEM)
    profile.guardian_user_id = profile.relationship_type = None
    profile.guardian_confirmed_at = profile.guardian_refused_at = None
    db.session.flush()
    if guardian_id is not None:
        record(
            "guardianship_ended",
            (Profile.__tablename__, profile.user_id),
            by=SYSTEM,
            old={"guardian_user_id": str(guardian_id)},
        )
    if profile.stated_birthday is not None:
        keep_birthday(profile, profile.stated_birthday, by=SYSTEM)
    refresh_completion(profile.user_id)
    adulthood_reached.send(profile, guardian_id=guardian_id if had_agreed else None, by=SYSTEM)
