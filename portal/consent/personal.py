"""What consents hold of people (PRV-04, PRV-05)."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portal.consent.models import ConsentRecord, ContactRefusal
from portal.consent.refusals import marks_of
from portal.kernel.personal import Person, Share, Stay, holds, own


def _refused_by(person: Person) -> ColumnElement[bool]:
    return ContactRefusal.contact_mark.in_(marks_of(person.proved))


holds(
    ConsentRecord,
    {"page": "where the person said yes or no", "network": "roughly from where, as proof"},
    Share(
        "consents",
        own(ConsentRecord.user_id),
        Stay("proof that we were allowed what we did; it names an id that leads to a stub"),
        tells=("purpose", "granted", "text_version", "locale", "page", "network", "occurred_at"),
    ),
    plain=("text_version", "locale"),
)
holds(
    ContactRefusal,
    {"contact_mark": "keyed hash of a mailbox or number, so that its reader is not asked again"},
    Share(
        "questions_refused",
        _refused_by,
        Stay("so that nobody is asked again who did not want to be; a keyed hash, which nobody can read"),
        tells=("kind", "refused_at"),
    ),
)
