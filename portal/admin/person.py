"""What rooms other than identity know of one account, for the page of a person (PPL-39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.money import XOF
from portal.payments.models import PaymentTransaction
from portal.people.models import IdentityDocument, Profile, UserMetadata
from portal.people.papers import papers_of
from portal.referrals.models import Referral

_RECENT = 5


@dataclass(frozen=True, slots=True)
class PersonAround:
    """A person among others: origin, notes, papers, who brought whom, and the last payments."""

    metadata: UserMetadata | None
    papers: Sequence[IdentityDocument]
    payments: Sequence[PaymentTransaction]
    sponsor_id: UUID | None
    sponsor_name: str | None
    invited: int
    accepted: int


def person_around(user_id: UUID, sponsor_id: UUID | None) -> PersonAround:
    """What surrounds one account, in three statements."""
    sent = select(func.count()).where(Referral.referrer_id == user_id).scalar_subquery()
    counted = (
        select(func.count())
        .where(Referral.referrer_id == user_id, Referral.accepted_at.is_not(None))
        .scalar_subquery()
    )
    name = select(Profile.full_name).where(Profile.user_id == sponsor_id).scalar_subquery()
    known, invited, accepted, sponsor_name = db.session.execute(
        select(UserMetadata, sent, counted, name)
        .select_from(Profile)
        .outerjoin(UserMetadata, UserMetadata.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    ).one_or_none() or (None, 0, 0, None)
    payments = (
        select(PaymentTransaction)
        .where(PaymentTransaction.payer_user_id == user_id)
        .order_by(PaymentTransaction.id.desc())
        .limit(_RECENT)
    )
    return PersonAround(
        metadata=known,
        papers=papers_of(user_id),
        payments=db.session.scalars(payments).all(),
        sponsor_id=sponsor_id,
        sponsor_name=sponsor_name,
        invited=invited,
        accepted=accepted,
    )


def count_lifetime_values() -> int:
    """Keep what each person has paid in francs less what went back, in one statement; how many have changed."""
    moment = clock.now()
    paid = (
        select(
            PaymentTransaction.payer_user_id,
            func.sum(PaymentTransaction.amount_minor - PaymentTransaction.refunded_minor),
            literal({}, JSONB),
            literal(moment),
            literal(moment),
        )
        .where(
            PaymentTransaction.payer_user_id.is_not(None),
            PaymentTransaction.parent_transaction_id.is_(None),
            PaymentTransaction.currency == XOF,
            PaymentTransaction.succeeded_at.is_not(None),
        )
        .group_by(PaymentTransaction.payer_user_id)
    )
    columns = ["user_id", "lifetime_value_minor", "attribution", "created_at", "updated_at"]
    statement = insert(UserMetadata).from_select(columns, paid)
    fresh = statement.excluded.lifetime_value_minor
    with transaction() as session:
        changed = session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id"],
                set_={"lifetime_value_minor": fresh, "updated_at": moment},
                where=UserMetadata.lifetime_value_minor != fresh,
            ).returning(UserMetadata.user_id)
        )
        return len(changed.all())
