"""What rooms other than identity know of one account, for the page of a person (PPL-39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import aliased

from portal.identity.models import User
from portal.identity.queries import UserDetail, user_detail
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
    """A person among others: papers, who brought whom, and the last payments."""

    papers: Sequence[IdentityDocument]
    payments: Sequence[PaymentTransaction]
    sponsor_id: UUID | None
    sponsor_name: str | None
    invited: int
    accepted: int


def person_and_around(user_id: UUID) -> tuple[UserDetail, PersonAround]:
    """One account, and what surrounds it, in four statements. Raises `NotFound`."""
    sent = select(func.count()).where(Referral.referrer_id == user_id)
    taken = sent.where(Referral.accepted_at.is_not(None))
    sponsor = aliased(Profile)
    name = select(sponsor.full_name).where(sponsor.user_id == User.referred_by).correlate(User)
    detail = user_detail(
        user_id, also=[sent.scalar_subquery(), taken.scalar_subquery(), name.scalar_subquery()]
    )
    invited, accepted, sponsor_name = detail.also
    payments = (
        select(PaymentTransaction)
        .where(PaymentTransaction.payer_user_id == user_id)
        .order_by(PaymentTransaction.id.desc())
        .limit(_RECENT)
    )
    around = PersonAround(
        papers=papers_of(user_id),
        payments=db.session.scalars(payments).all(),
        sponsor_id=detail.user.referred_by,
        sponsor_name=sponsor_name,
        invited=invited,
        accepted=accepted,
    )
    return detail, around


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
