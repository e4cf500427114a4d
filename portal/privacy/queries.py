"""What a person asks about their own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.audit.looks import looks_at_contacts
from portal.audit.models import DataAccess, Opened
from portal.consent.models import ConsentPurpose, ConsentRecord
from portal.consent.services import consents_of, history_of
from portal.kernel.db import db
from portal.people.models import Profile
from portal.privacy.exporting import export_of
from portal.privacy.leaving import leaving_of
from portal.privacy.models import PrivacyRequest
from portal.privacy.person import person_of

_LOOKS_SHOWN = 50
_CONSENTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody of the team opened something of the person: who, by first name, what, when and why."""

    by: str
    opened: Opened
    occurred_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Everything on the page: what I said, what I asked for, who looked; `has_older_…` says that a list goes on."""

    given: frozenset[ConsentPurpose]
    history: Sequence[ConsentRecord]
    has_older_consents: bool
    export: PrivacyRequest | None
    leaving: PrivacyRequest | None
    looks: Sequence[Look]
    has_older_looks: bool


def privacy_page(user_id: UUID) -> PrivacyPage:
    """The page of one person, in a handful of statements."""
    history, looks = history_of(user_id, _CONSENTS_SHOWN + 1), looks_at(user_id, _LOOKS_SHOWN + 1)
    return PrivacyPage(
        given=consents_of(user_id),
        history=history[:_CONSENTS_SHOWN],
        has_older_consents=len(history) > _CONSENTS_SHOWN,
        export=export_of(user_id),
        leaving=leaving_of(user_id),
        looks=looks[:_LOOKS_SHOWN],
        has_older_looks=len(looks) > _LOOKS_SHOWN,
    )


def looks_at(user_id: UUID, most: int) -> Sequence[Look]:
    """Who of the staff opened what is known of the person, the newest first, each look once (PRV-06).

    Also what was opened before the person had an account, under an address or a number that is theirs.
    """
    person = person_of(user_id)
    of_them = or_(DataAccess.subject_user_id == user_id, looks_at_contacts((*person.emails, *person.phones)))
    one_look = (DataAccess.occurred_at, DataAccess.staff_user_id, DataAccess.opened)
    rows = db.session.execute(
        select(DataAccess, Profile.full_name)
        .outerjoin(Profile, Profile.user_id == DataAccess.staff_user_id)
        .ext(distinct_on(*one_look))
        .where(of_them)
        .order_by(DataAccess.occurred_at.desc(), *one_look[1:], DataAccess.id)
        .limit(most)
    )
    return [
        Look((name or "").partition(" ")[0], row.opened, row.occurred_at, row.reason) for row, name in rows
    ]
