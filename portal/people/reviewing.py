"""Staff look at identity papers and decide; every look and every decision leaves a row in the trail (PPL-18, PPL-19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.paging import Page, SortKey, paginate
from portal.kernel.states import advance
from portal.people.events import paper_decided
from portal.people.models import DocumentStatus, IdentityDocument, Profile
from portal.people.papers import Scan, number_of, scan_of

RESOURCE = IdentityDocument.__tablename__
_ONE_PAPER_ONE_PERSON = "uq_identity_documents_verified"


@dataclass(frozen=True, slots=True)
class Review:
    """One paper with what is needed to decide about it; `is_elsewhere` when another account handed it in too."""

    paper: IdentityDocument
    holder: Profile
    guardian: Profile | None
    number: str | None
    is_elsewhere: bool


def papers_page(status: DocumentStatus, cursor: str | None) -> Page[Any]:
    """Papers in one state, each a row of paper and holder's name, the newest first."""
    statement = (
        select(IdentityDocument, Profile.full_name)
        .join(Profile, Profile.user_id == IdentityDocument.user_id)
        .where(IdentityDocument.status == status)
    )
    return paginate(statement, [SortKey(IdentityDocument.created_at), SortKey(IdentityDocument.id)], cursor)


def review_of(paper_id: UUID, *, by: Actor) -> Review:
    """One paper with its number, opened for this look, which is noted (PRV-06). Raises `NotFound`."""
    paper = _paper(paper_id)
    holder = db.session.get_one(Profile, paper.user_id)
    guardian = db.session.get(Profile, holder.guardian_user_id) if holder.guardian_user_id else None
    note_looks([paper.user_id], Opened.IDENTITY_PAPER, by=by)
    record("identity_paper_opened", (RESOURCE, paper_id), by=by, new={"user_id": str(paper.user_id)})
    elsewhere = exists().where(
        IdentityDocument.id_hash == paper.id_hash,
        IdentityDocument.user_id != paper.user_id,
        IdentityDocument.status != DocumentStatus.REJECTED,
    )
    return Review(paper, holder, guardian, number_of(paper), bool(db.session.scalar(select(elsewhere))))


def scan_for_review(paper_id: UUID, *, by: Actor) -> Scan:
    """The scan, opened for this look, which is noted. Raises `NotFound`."""
    paper = _paper(paper_id)
    scan = scan_of(paper)
    note_looks([paper.user_id], Opened.IDENTITY_PAPER, by=by)
    record("identity_scan_opened", (RESOURCE, paper_id), by=by, new={"user_id": str(paper.user_id)})
    return scan


def approve(paper_id: UUID, *, by: Actor) -> None:
    """The paper is good, and its holder who they say.

    Raises `NotFound`, `Forbidden` for one's own, `IllegalTransition` unless it waits, and `Conflict` when the
    same paper is verified for somebody else.
    """
    paper = _paper(paper_id)
    _not_own(paper, by)
    try:
        with db.session.begin_nested():
            advance(paper, DocumentStatus.VERIFIED, by=by)
            paper.verified_at = paper.decided_at = clock.now()
            paper.verified_by = by.user_id
            db.session.flush()
    except IntegrityError as error:
        if violated(error) != _ONE_PAPER_ONE_PERSON:
            raise
        raise Conflict(
            _("This paper is verified for another account. Refuse it, and look at both.")
        ) from None
    _decided(paper, "identity_paper_verified", None, by)


def refuse(paper_id: UUID, *, reason: str, by: Actor) -> None:
    """The paper is not good, or no longer; the holder reads the reason.

    Raises `NotFound`, `Forbidden` for one's own, `IllegalTransition` when it was refused before.
    """
    paper = _paper(paper_id)
    _not_own(paper, by)
    advance(paper, DocumentStatus.REJECTED, by=by, reason=reason)
    paper.reason = reason
    paper.verified_at = paper.verified_by = None
    paper.decided_at = clock.now()
    db.session.flush()
    _decided(paper, "identity_paper_refused", reason, by)


def _decided(paper: IdentityDocument, action: str, reason: str | None, by: Actor) -> None:
    new = {"status": paper.status, "user_id": str(paper.user_id)}
    record(action, (RESOURCE, paper.id), by=by, reason=reason, new=new)
    paper_decided.send(paper, by=by)


def _paper(paper_id: UUID) -> IdentityDocument:
    paper = db.session.get(IdentityDocument, paper_id)
    if paper is None:
        raise NotFound
    return paper


def _not_own(paper: IdentityDocument, by: Actor) -> None:
    if paper.user_id == by.user_id:
        raise Forbidden(_("Somebody else has to look at your own paper."))
