"""What a person asks about their own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.audit.looks import looks_at_contacts
from portal.audit.models import DataAccess
from portal.consent.models import ConsentPurpose, ConsentRecord
from portal.consent.services import history_of
from portal.kernel.db import db
from portal.privacy.exporting import export_of
from portal.privacy.leaving import leaving_of
from portal.privacy.models import PrivacyRequest
from portal.privacy.person import person_of

_LOOKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Everything on the page: what I said, what I asked for, who looked."""

    given: frozenset[ConsentPurpose]
    history: Sequence[ConsentRecord]
    export: PrivacyRequest | None
    leaving: PrivacyRequest | None
    looks: Sequence[DataAccess]


def privacy_page(user_id: UUID) -> PrivacyPage:
    """The page of one person, in a handful of statements."""
    history = history_of(user_id)
    newest: dict[ConsentPurpose, bool] = {}
    for row in history:
        newest.setdefault(row.purpose, row.granted)
    return PrivacyPage(
        given=frozenset(purpose for purpose, granted in newest.items() if granted),
        history=history,
        export=export_of(user_id),
        leaving=leaving_of(user_id),
        looks=looks_at(user_id),
    )


def looks_at(user_id: UUID) -> Sequence[DataAccess]:
    """Who of the staff opened what is known of the person, the newest first, each look once (PRV-06).

    Also what was opened before the person had an account, under an address or a number that is theirs.
    """
    person = person_of(user_id)
    of_them = or_(DataAccess.subject_user_id == user_id, looks_at_contacts((*person.emails, *person.phones)))
    one_look = (DataAccess.occurred_at, DataAccess.staff_user_id, DataAccess.opened)
    return db.session.scalars(
        select(DataAccess)
        .ext(distinct_on(*one_look))
        .where(of_them)
        .order_by(DataAccess.occurred_at.desc(), *one_look[1:], DataAccess.id)
        .limit(_LOOKS_SHOWN)
    ).all()
