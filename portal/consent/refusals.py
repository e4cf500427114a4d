"""Contacts whose readers do not want to be asked any more: known again by keyed hashes, and read by nobody (PRV-02)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.consent.models import Asked, ContactRefusal
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.marks import known_marks, marked

_PURPOSE = "contact_refusals.contact_mark"


def refuse_to_be_asked(place: str, kinds: Iterable[Asked]) -> None:
    """Whoever reads at this mailbox or number is asked nothing of these kinds any more. Safe to repeat."""
    [mark] = marked([place], _PURPOSE)
    db.session.execute(
        insert(ContactRefusal)
        .values([{"id": new_id(), "kind": kind, "contact_mark": mark} for kind in kinds])
        .on_conflict_do_nothing(index_elements=["contact_mark", "kind"])
    )


def wants_no(kind: Asked, place: str) -> bool:
    """Whether the reader there has asked not to be asked this."""
    found = select(ContactRefusal.id).where(
        ContactRefusal.kind == kind, ContactRefusal.contact_mark.in_(marks_of([place]))
    )
    return db.session.scalar(found.limit(1)) is not None


def marks_of(places: Collection[str]) -> list[str]:
    """What these mailboxes and numbers may be known by, under every key of the ring."""
    return known_marks(places, _PURPOSE)
