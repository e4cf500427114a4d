"""A small world for tests of pots: owners with a birthday, open pots, gifts that Wave has paid."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.gateways.wave import CheckoutStatus, PaymentStatus, Session
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import DomainError
from portal.kernel.i18n import _, speaking
from portal.payments.confirmation import confirm_payment, fail_payment
from portal.payments.models import PaymentTransaction, Refund, RefundReason
from portal.payments.refunds import complete_refund, fail_refund
from portal.people.models import Profile
from portal.pots.counting import refund_gift
from portal.pots.giving import Gift, give
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Donation, Pot, Visibility
from tests.harness.house import acting, make_person

Kept = TypeVar("Kept")
DONOR = Actor(ip="41.82.10.7", user_agent="Mozilla/5.0 (Linux; Android 12)")


def make_owner(birthday: date | None = None, name: str = "Awa Ndiaye") -> User:
    """An adult whose next birthday is `birthday` (by default in ten days)."""
    birthday = birthday or clock.today() + timedelta(days=10)
    owner = make_person(name)
    profile = db.session.get_one(Profile, owner.id)
    profile.date_of_birth = date(1996, birthday.month, birthday.day)
    db.session.flush()
    return owner


def make_open_pot(owner: User | None = None, *, target: int = 10_000, **wishes: Any) -> Pot:
    """A pot that collects: the owner's birthday is near."""
    owner = owner or make_owner()
    values = {
        "title": "Awa fête ses 30 ans",
        "target_minor": target,
        "visibility": Visibility.PRIVATE,
    } | wishes
    return create_pot(owner.id, Wishes(**values), by=acting(owner))


def give_to(
    pot: Pot,
    amount: int = 5_000,
    *,
    donor: User | None = None,
    form_key: str | None = None,
    by: Actor = DONOR,
    **gift: Any,
) -> Donation:
    """A gift whose payment has begun."""
    values: dict[str, Any] = {"name": "Moussa Fall"} | gift
    return give(
        pot.id,
        Gift(amount_minor=amount, **values),
        form_key=form_key or uuid4().hex,
        donor_user_id=donor.id if donor else None,
        locale="fr",
        by=by,
    )


def pay(donation: Donation, *, transaction: str | None = None) -> Donation:
    """Wave says that the gift is paid."""
    payment = payment_of(donation)
    confirm_payment(payment.id, paid_session(payment, transaction), SYSTEM)
    db.session.flush()
    return donation


def fail(donation: Donation) -> Donation:
    """Wave says that the gift's session is over, unpaid."""
    fail_payment(payment_of(donation).id, "expired", SYSTEM)
    return donation


def paid_gift(pot: Pot, amount: int = 5_000, **gift: Any) -> Donation:
    """A gift that has arrived."""
    return pay(give_to(pot, amount, **gift))


def payment_of(donation: Donation) -> PaymentTransaction:
    """The gift's payment."""
    return db.session.get_one(PaymentTransaction, donation.payment_transaction_id)


def paid_session(payment: PaymentTransaction, transaction: str | None = None) -> Session:
    """What Wave shows of a session that was paid in full."""
    moment = clock.now()
    return Session(
        id=f"cos-{payment.id.hex[:12]}",
        amount=payment.amount_minor,
        currency=payment.currency,
        checkout_status=CheckoutStatus.COMPLETE,
        payment_status=PaymentStatus.SUCCEEDED,
        wave_launch_url="https://pay.wave.com/c/cos-test",
        when_created=moment,
        when_expires=moment + timedelta(minutes=30),
        when_completed=moment,
        transaction_id=transaction or f"T{payment.id.hex[-16:]}",
        client_reference=payment.id.hex,
        restrict_payer_mobile=None,
        last_payment_error=None,
        business_name=None,
    )


def ask_back(donation: Donation, by: Actor = SYSTEM) -> Refund:
    """An admin asks for a gift's refund."""
    refund_gift(donation.id, RefundReason.USER_REQUEST, description="asked by the donor", by=by)
    return refund_of(donation)


def refund_of(donation: Donation) -> Refund:
    """The gift's newest refund."""
    return db.session.scalars(
        select(Refund).where(Refund.donation_id == donation.id).order_by(Refund.id.desc()).limit(1)
    ).one()


def refunds_of(pot: Pot) -> list[Refund]:
    """Every refund of the pot's gifts, in the order in which they were asked for."""
    return list(
        db.session.scalars(
            select(Refund)
            .join(Donation, Donation.id == Refund.donation_id)
            .where(Donation.pot_id == pot.id)
            .order_by(Refund.id)
        )
    )


def send_back(refund: Refund) -> None:
    """Wave has given the money back."""
    complete_refund(refund.id, f"R{refund.id.hex[-16:]}", by=SYSTEM)
    db.session.flush()


def refuse_back(refund: Refund) -> None:
    """Wave refuses to give the money back."""
    fail_refund(refund.id, "checkout-refund-failed", by=SYSTEM)
    db.session.flush()


def kept(row: Kept) -> Kept:
    """Commit, and keep the row readable after a job has ended the session."""
    db.session.commit()
    db.session.refresh(row)
    db.session.expunge(row)
    return row


def said(sentence: str, **values: Any) -> str:
    """The sentence as a reader without other wishes gets it: in French."""
    with speaking("fr"):
        return _(sentence, **values)


def refused(kind: type[DomainError], sentence: str) -> Any:
    """Expects a service to refuse with exactly this sentence."""
    return pytest.raises(kind, match=f"^{re.escape(said(sentence))}$")


def reload_pot(pot_id: UUID) -> Pot:
    """The pot as the database has it."""
    db.session.flush()
    db.session.expire_all()
    return db.session.get_one(Pot, pot_id)
