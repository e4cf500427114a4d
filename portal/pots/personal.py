"""What pots and gifts of money hold of people (PRV-05, PRV-08, G-34)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, exists, false, func, null, or_, select

from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.money import XOF, Money
from portal.kernel.personal import (
    ERASED,
    Anew,
    Blank,
    Person,
    Share,
    any_of,
    erased_by_id,
    holds,
    mentions,
    names_guests,
    nothing_personal,
    open_matter,
    own,
    reached_at,
    still_needed,
)
from portal.ledger.accounts import user_earnings, user_wallet
from portal.ledger.queries import balances
from portal.payments.models import Refund, RefundStatus
from portal.pots.models import (
    Donation,
    DonationAnalytics,
    DonationStatus,
    Pot,
    PotAnalytics,
    PotInvitation,
    PotStatus,
)

_ENDED = (PotStatus.CLOSED,)
#: What is left of a donor's columns when they are forgotten: asked for, or because their time is over.
OF_THE_DONOR: Mapping[str, Any] = {
    "donor_name": None,
    "donor_phone": None,
    "donor_email": None,
    "donor_region": None,
    "donation_message": None,
    "is_anonymous": True,
    "ip_address": None,
    "user_agent": None,
    "wave_webhook_data": null(),
}
_RUNNING = (PotStatus.OPEN, PotStatus.FUNDED, PotStatus.EXPIRED)


def gifts_of(person: Person) -> ColumnElement[bool]:
    """The gifts a person gave: signed in, with an address that is proved to be theirs, or by their receipt."""
    return or_(
        own(Donation.donor_user_id)(person),
        Donation.id.in_(person.gift_ids) if person.gift_ids else false(),
        reached_at(emails=func.lower(Donation.donor_email), phones=Donation.donor_phone)(person),
    )


holds(
    Pot,
    {
        "title": "what friends read above the pot",
        "description": "what friends read below the title",
        "birthday_date": "when the pot opens and ends",
        "public_slug": "the pot's own link",
    },
    Share(
        "pots",
        own(Pot.owner_user_id),
        Blank(
            {
                "title": ERASED,
                "description": None,
                "cover_file_id": None,
                "gallery_file_ids": [],
                "public_slug": Anew(
                    lambda: func.substr(func.replace(cast(func.gen_random_uuid(), String), "-", ""), 1, 24)
                ),
            }
        ),
        tells=(
            "id",
            "title",
            "description",
            "target_amount_minor",
            "currency",
            "birthday_date",
            "status",
            "visibility",
            "public_slug",
            "allow_anonymous_donations",
            "show_donor_names",
            "enable_messages",
            "raised_minor",
            "credited_minor",
            "donor_count",
            "created_at",
            "closed_at",
        ),
        ties=True,
        traces=("title", "public_slug"),
    ),
    plain=("currency", "gallery_file_ids", "outcome"),
)
_SHOWN_TO_NOBODY = Blank(
    {"recipient_identifier": lambda _person: erased_by_id(PotInvitation.id), "custom_message": None}
)
names_guests(
    PotInvitation,
    reached_at(emails=PotInvitation.recipient_identifier, phones=PotInvitation.recipient_identifier),
    _SHOWN_TO_NOBODY,
)
holds(
    PotInvitation,
    {
        "recipient_identifier": "to whom the pot was shown",
        "custom_message": "the words that went with it",
    },
    Share(
        "pots_shared",
        any_of(
            own(PotInvitation.inviter_user_id),
            reached_at(emails=PotInvitation.recipient_identifier, phones=PotInvitation.recipient_identifier),
        ),
        _SHOWN_TO_NOBODY,
        tells=("method", "recipient_identifier", "custom_message", "sent_at"),
    ),
    plain=("tracking_token",),
)
holds(
    Donation,
    {
        "donor_name": "so that the owner knows who gave",
        "donor_phone": "to pay, and to give the money back if it must go back",
        "donor_email": "for the receipt",
        "donor_region": "where gifts come from, counted",
        "donation_message": "what the donor wishes the owner",
        "ip_address": "to see that somebody tries stolen numbers",
        "user_agent": "to see that somebody tries stolen numbers",
        "wave_webhook_data": "what the provider told of the payment, as proof of it",
        "risk_signals": "why a gift waits for a look",
    },
    Share(
        "gifts_given",
        gifts_of,
        Blank(OF_THE_DONOR),
        tells=(
            "id",
            "pot_id",
            "donor_name",
            "donor_phone",
            "donor_email",
            "donor_region",
            "amount_minor",
            "currency",
            "donation_message",
            "is_anonymous",
            "status",
            "ip_address",
            "user_agent",
            "initiated_at",
            "confirmed_at",
            "refunded_at",
        ),
        ties=True,
        traces=("donor_name", "donor_phone", "donor_email"),
    ),
    plain=("currency", "wave_transaction_id", "receipt_token", "submission_key", "locale"),
)
mentions(Donation, "donation_message", tie=lambda ids: Donation.pot_id.in_(ids))
mentions(PotInvitation, "custom_message", tie=lambda ids: PotInvitation.pot_id.in_(ids))
nothing_personal(PotAnalytics, "counts of a pot by day")
nothing_personal(DonationAnalytics, "sums over all gifts of a period")


@open_matter
def pot_is_running(user_id: UUID) -> str | None:
    """A pot in which others' money lies, or whose choice is still open."""
    running = exists().where(Pot.owner_user_id == user_id, Pot.status.in_(_RUNNING))
    if not db.session.scalar(select(running)):
        return None
    return _("One of your pots is still running. Please end it first, and decide what becomes of the money.")


@open_matter
def money_in_wallet(user_id: UUID) -> str | None:
    """Money of the person that would be lost."""
    wallet, earnings = user_wallet(user_id), user_earnings(user_id)
    left = sum(found.posted for found in balances([wallet, earnings]).values())
    if left <= 0:
        return None
    return _(
        "There are still %(amount)s in your wallet. Please spend them first: we may not keep them for you.",
        amount=Money(left, XOF),
    )


@still_needed
def gift_may_go_back(person: Person) -> bool:
    """A gift that may still have to go back to who gave it: its pot is not at its end, or a refund runs."""
    under_way = exists().where(
        Pot.id == Donation.pot_id,
        gifts_of(person),
        or_(
            Donation.status.in_((DonationStatus.PENDING, DonationStatus.PROCESSING)),
            (Donation.status == DonationStatus.SUCCEEDED) & Pot.status.not_in(_ENDED),
        ),
    )
    returning = exists().where(
        Refund.donation_id == Donation.id,
        gifts_of(person),
        Refund.status.in_((RefundStatus.PENDING, RefundStatus.PROCESSING, RefundStatus.FAILED)),
    )
    return bool(db.session.scalar(select(or_(under_way, returning))))
