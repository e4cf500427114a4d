"""Identity papers: handed in by their holder, kept sealed, looked at by staff, forgotten in time (PPL-16 to PPL-20).

1. The holder hands in a paper with its number and a scan (`hand_in`), of which a fresh picture is made. Number and
   picture are sealed by the kernel;
   the number's keyed hash tells the same paper again, and one that is verified for somebody else is refused.
2. Staff look (`portal.people.reviewing`) and say yes or no with a reason; the holder is told.
3. While a paper is verified, what waits for it may go on: the referral of a minor needs both (REF-26).
4. Some time after the decision the scan goes, and of a refused paper the number too (`portal.people.fading`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from portal.config.people_values import PAPER_PAGES, PAPER_SECONDS
from portal.config.values import value_of
from portal.kernel.actor import Actor
from portal.kernel.countries import is_country
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.files import read_file, store_file
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.scans import PICTURE, clean_scan
from portal.kernel.sealing import lookup_hash, lookup_hashes, seal, unseal
from portal.kernel.states import remember
from portal.people.birthdays import locked_profile
from portal.people.events import paper_submitted
from portal.people.models import DocumentStatus, DocumentType, IdentityDocument

SHORTEST_NUMBER, LONGEST_NUMBER = 4, 50
_LIVE = (DocumentStatus.PENDING, DocumentStatus.VERIFIED)
_NOT_OF_A_NUMBER = re.compile(r"[^A-Z0-9]")
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A paper as its holder describes it."""

    kind: DocumentType
    country: str
    number: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan, clear."""

    data: bytes
    mime_type: str


def papers_of(user_id: UUID) -> Sequence[IdentityDocument]:
    """A person's own papers, the newest first."""
    return db.session.scalars(
        select(IdentityDocument)
        .where(IdentityDocument.user_id == user_id)
        .order_by(IdentityDocument.id.desc())
        .limit(_MOST_SHOWN)
    ).all()


def hand_in(user_id: UUID, facts: PaperFacts, scan: bytes, *, by: Actor) -> IdentityDocument:
    """Keep a paper for staff to look at (PPL-16, PPL-17).

    Raises `InvalidInput` for a number or file that cannot be used, `Conflict` while another paper waits, when
    this one is verified already, and when it is verified for somebody else (PPL-20).
    """
    number = _plain(facts.number)
    if not is_country(facts.country):
        raise InvalidInput(_("Please choose one of the countries on offer."), field="country")
    # Before the first lock: reading a PDF may take a while.
    data = clean_scan(scan, field="scan", most_pages=value_of(PAPER_PAGES), seconds=value_of(PAPER_SECONDS))
    locked_profile(user_id)
    _refuse_a_second(user_id, number, facts)
    file = store_file(data, mime_type=PICTURE, purpose=FilePurpose.IDENTITY_DOCUMENT, owner_user_id=user_id)
    paper_id = new_id()
    paper = IdentityDocument(
        id=paper_id,
        user_id=user_id,
        id_type=facts.kind,
        id_country=facts.country,
        id_number_encrypted=seal(IdentityDocument.id_number_encrypted, paper_id, number),
        id_hash=lookup_hash(IdentityDocument.id_hash, number, facts.country, facts.kind),
        file_id=file.id,
    )
    db.session.add(paper)
    db.session.flush()
    remember(paper.__tablename__, paper.id, "status", None, paper.status, by=by)
    paper_submitted.send(paper, by=by)
    return paper


def number_of(paper: IdentityDocument) -> str | None:
    """The paper's number, clear; None once it is forgotten."""
    if paper.id_number_encrypted is None:
        return None
    return unseal(IdentityDocument.id_number_encrypted, paper.id, paper.id_number_encrypted)


def scan_of(paper: IdentityDocument) -> Scan:
    """What was scanned. Raises `NotFound` once it is forgotten, and for anything but a picture that we drew."""
    file = db.session.get(StoredFile, paper.file_id) if paper.file_id else None
    if file is None or file.mime_type != PICTURE:
        raise NotFound
    return Scan(read_file(file), file.mime_type)


def own_scan(paper_id: UUID, user_id: UUID) -> Scan:
    """The scan of one of a person's own papers. Raises `NotFound` for another's."""
    found = select(IdentityDocument).where(
        IdentityDocument.id == paper_id, IdentityDocument.user_id == user_id
    )
    paper = db.session.scalars(found).one_or_none()
    if paper is None:
        raise NotFound
    return scan_of(paper)


def _plain(typed: str) -> str:
    """The number without blanks and signs, so that one paper is one number. Raises `InvalidInput`."""
    number = _NOT_OF_A_NUMBER.sub("", typed.upper())
    if not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        raise InvalidInput(_("Please check the number: it stands on the paper."), field="number")
    return number


def _refuse_a_second(user_id: UUID, number: str, facts: PaperFacts) -> None:
    """Raise `Conflict` for a second paper of one's own, and for one that is verified for somebody else.

    What others have handed in and nobody has looked at proves nothing and stops nobody: the review finds the double.
    """
    hashes = lookup_hashes(IdentityDocument.id_hash, number, facts.country, facts.kind)
    is_own, is_this = IdentityDocument.user_id == user_id, IdentityDocument.id_hash.in_(hashes)
    is_verified = IdentityDocument.status == DocumentStatus.VERIFIED
    live = db.session.execute(
        select(IdentityDocument.user_id, IdentityDocument.status, IdentityDocument.id_hash).where(
            or_(is_own & IdentityDocument.status.in_(_LIVE), is_this & is_verified)
        )
    ).all()
    for holder_id, status, known in live:
        if holder_id != user_id:
            raise Conflict(
                _("This paper belongs to another account. If it is yours, please [[write to us]]."),
                field="number",
            )
        if status is DocumentStatus.PENDING:
            raise Conflict(_("We are still looking at your paper. You will hear from us."))
        if known in hashes:
            raise Conflict(_("This paper is verified already."), field="number")
