"""A donor without an account asks to be forgotten (G-34): the link of the receipt is the proof."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.pots.models import Donation
from portal.privacy.forgetting import erase_if_possible
from portal.privacy.models import PrivacyRequest, RequestKind

_TOKEN_LENGTH = 50


def gift_of(token: str) -> UUID:
    """The gift that was given without an account. Raises `NotFound`, also for one of an account."""
    found = db.session.execute(
        select(Donation.id).where(
            Donation.receipt_token == token[:_TOKEN_LENGTH], Donation.donor_user_id.is_(None)
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def request_of(donation_id: UUID) -> PrivacyRequest | None:
    """What was asked for this gift before."""
    return db.session.scalars(
        select(PrivacyRequest).where(PrivacyRequest.donation_id == donation_id)
    ).one_or_none()


def forget_donor(donation_id: UUID, *, by: Actor) -> PrivacyRequest:
    """Erase who gave, at once where nothing can go back any more, else as soon as that is so. Safe to repeat."""
    db.session.execute(
        insert(PrivacyRequest)
        .values(id=new_id(), kind=RequestKind.ERASURE, donation_id=donation_id, created_by=by.user_id)
        .on_conflict_do_nothing(index_elements=["donation_id"])
    )
    request = request_of(donation_id)
    assert request is not None
    erase_if_possible(request.id)
    return request
