"""Whose hand is behind an account or a gift: what one person does on both sides earns nothing (REF-59).

People are known by what they signed in with, however they spell it, and a gift by who gave or really paid it:
being signed out, or writing `awa+1@…`, makes nobody somebody else.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, exists, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from portal.identity.directory import contacts_ever
from portal.identity.models import User
from portal.kernel.db import db
from portal.payments.models import PaymentTransaction
from portal.pots.models import Donation
from portal.referrals.addresses import mailbox
from portal.referrals.marks import marks_of
from portal.referrals.models import Referral


def is_double(referral: Referral) -> bool:
    """Whether the friend reads mail where the sponsor does or did, or is a friend whom the sponsor brought before.

    An earlier friend is known by every mailbox and number there ever was, also when the account is gone.
    """
    if referral.referred_user_id is None:
        return False
    friends = contacts_ever(referral.referred_user_id)
    in_common = friends & contacts_ever(referral.referrer_id)
    if any("@" in contact for contact in in_common):
        return True
    earlier = (
        Referral.referrer_id == referral.referrer_id,
        Referral.id != referral.id,
        Referral.referred_user_id < referral.referred_user_id,
    )
    marks = array(marks_of(friends), type_=Text)
    found = exists().where(*earlier, or_(Referral.friend_marks.has_any(marks), _reads_there_now(referral)))
    return bool(db.session.execute(select(found)).scalar())


def _reads_there_now(referral: Referral) -> ColumnElement[bool]:
    """For friends from before marks were kept: one mailbox today."""
    friend, other = aliased(User), aliased(User)
    return exists().where(
        friend.id == referral.referred_user_id,
        other.id == Referral.referred_user_id,
        mailbox(other.email) == mailbox(friend.email),
    )


def is_own_gift(donation: Donation, referral: Referral) -> bool:
    """Whether sponsor or friend gave it: signed in, by the contact they left, or by the Wave number that paid."""
    both = (referral.referrer_id, referral.referred_user_id)
    if donation.donor_user_id in both:
        return True
    numbers = [number for number in (donation.donor_phone, _paid_from(donation.id)) if number]
    signs: list[ColumnElement[bool]] = [User.phone.in_(numbers)]
    if donation.donor_email:
        signs.append(mailbox(User.email) == mailbox(donation.donor_email))
    found = exists().where(User.id.in_(both), or_(*signs))
    return bool(db.session.execute(select(found)).scalar())


def _paid_from(donation_id: UUID) -> str | None:
    """The number that really paid; the provider names it only in its daily list."""
    return db.session.execute(
        select(PaymentTransaction.provider_data["paid_from"].astext)
        .join(Donation, Donation.payment_transaction_id == PaymentTransaction.id)
        .where(Donation.id == donation_id)
    ).scalar_one_or_none()
