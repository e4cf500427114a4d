"""Gifts that go back: promised, confirmed, refused, and what the pot becomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import new_id
from portal.kernel.money import Money
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds
from portal.ledger.models import Purpose, Transfer, TransferStatus
from portal.ledger.queries import balance, trial_balance
from portal.ledger.services import Cause
from portal.notifications.models import Notification
from portal.payments.models import PaymentStatus, RefundReason
from portal.payments.refunds import request_refund, retry_refund
from portal.pots.counting import refund_gift
from portal.pots.events import donation_refunded
from portal.pots.models import DonationStatus, PotStatus
from tests.harness.moments import Clock
from tests.pots.gifts import (
    ask_back,
    fail,
    give_to,
    make_open_pot,
    make_owner,
    paid_gift,
    payment_of,
    refund_of,
    refuse_back,
    refused,
    reload_pot,
    send_back,
)


@pytest.mark.covers("DON-25", "DON-28")
def test_a_refund_is_promised_then_final(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())
    donation = paid_gift(pot, 4_000)

    refund = ask_back(donation)
    promised = balance(pot_funds(pot.id))
    later = clock.advance(hours=1)
    send_back(refund)

    assert (promised.posted, promised.available) == (4_000, 0)
    assert db_session.get_one(Transfer, refund.transfer_id).status is TransferStatus.POSTED
    assert balance(pot_funds(pot.id)).posted == 0
    assert (donation.status, donation.refunded_at) == (DonationStatus.REFUNDED, later)
    assert (reload_pot(pot.id).raised_minor, pot.donor_count) == (0, 0)
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("DON-28", "DON-29")
def test_the_donor_and_the_other_rooms_hear_of_it_once(db_session: Session) -> None:
    pot = make_open_pot()
    donation = paid_gift(pot, 4_000, email="moussa@example.org")
    heard: list[Any] = []

    def hear(gift: Any, **more: Any) -> None:
        heard.append((gift.id, more["pot"].id))

    with donation_refunded.connected_to(hear):
        refund = ask_back(donation)
        send_back(refund)
        send_back(refund)

    assert heard == [(donation.id, pot.id)]
    told = db_session.scalars(
        select(Notification.title).where(
            Notification.recipient_identifier == "moussa@example.org",
            Notification.event_key == f"donation:{donation.id}:refund:{refund.id}",
        )
    ).all()
    assert len(told) == 1


@pytest.mark.covers("DON-28")
def test_a_refused_refund_frees_the_money_and_can_be_tried_again(db_session: Session) -> None:
    pot = make_open_pot()
    donation = paid_gift(pot, 4_000)

    refund = ask_back(donation)
    refuse_back(refund)

    assert balance(pot_funds(pot.id)).available == 4_000
    assert donation.status is DonationStatus.SUCCEEDED
    retry_refund(refund.id, by=SYSTEM)
    assert balance(pot_funds(pot.id)).available == 0
    send_back(refund)
    assert (balance(pot_funds(pot.id)).posted, donation.status) == (0, DonationStatus.REFUNDED)


@pytest.mark.covers("POT-06", "POT-17")
def test_a_refund_below_the_target_opens_a_funded_pot_again(db_session: Session) -> None:
    pot = make_open_pot(target=10_000)
    paid_gift(pot, 6_000)
    second = paid_gift(pot, 4_000)
    assert reload_pot(pot.id).status is PotStatus.FUNDED

    send_back(ask_back(second))

    pot = reload_pot(pot.id)
    assert (pot.status, pot.funded_at, pot.raised_minor) == (PotStatus.OPEN, None, 6_000)
    paid_gift(pot, 4_000)
    assert reload_pot(pot.id).status is PotStatus.FUNDED


def test_a_refund_above_the_target_leaves_a_pot_funded(db_session: Session) -> None:
    pot = make_open_pot(target=10_000)
    paid_gift(pot, 10_000)
    send_back(ask_back(paid_gift(pot, 5_000)))

    assert reload_pot(pot.id).status is PotStatus.FUNDED


def test_a_refund_on_the_birthday_does_not_open_a_funded_pot(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner(clock.now().date() + timedelta(days=2)), target=10_000)
    refund = ask_back(paid_gift(pot, 10_000))
    clock.travel(2026, 3, 3)

    send_back(refund)

    assert reload_pot(pot.id).status is PotStatus.FUNDED


@pytest.mark.covers("DON-27")
def test_a_part_that_went_back_lowers_the_pot_and_leaves_the_gift(db_session: Session) -> None:
    pot = make_open_pot(target=10_000)
    donation = paid_gift(pot, 4_000, phone="77 123 45 67")

    request_refund(payment_of(donation).id, RefundReason.USER_REQUEST, None, Money(1_500), by=SYSTEM)
    send_back(refund_of(donation))

    assert donation.status is DonationStatus.SUCCEEDED
    assert reload_pot(pot.id).raised_minor == balance(pot_funds(pot.id)).posted == 2_500
    assert payment_of(donation).status is PaymentStatus.PARTIALLY_REFUNDED


@pytest.mark.covers("DON-27")
def test_money_that_became_a_pack_cannot_go_back(db_session: Session) -> None:
    pot = make_open_pot(target=10_000)
    donation = paid_gift(pot, 10_000)
    issued = Cause("qr_issued", "tests", new_id(), f"tests:{pot.id}:pack")
    ledger.move(pot_funds(pot.id), platform(Purpose.VOUCHERS), 9_000, issued, by=SYSTEM)

    with (
        refused(
            Conflict, "The pot no longer holds this money: it became a pack or went to the owner's wallet."
        ),
        db_session.begin_nested(),
    ):
        ask_back(donation)

    assert balance(pot_funds(pot.id)).available == 1_000
    assert donation.status is DonationStatus.SUCCEEDED


def test_only_a_gift_that_arrived_can_go_back(db_session: Session) -> None:
    pot = make_open_pot()

    for donation in (give_to(pot), fail(give_to(pot))):
        with pytest.raises(Conflict):
            ask_back(donation)
    with pytest.raises(NotFound):
        refund_gift(new_id(), RefundReason.FRAUD, description="?", by=SYSTEM)


def test_asking_twice_makes_one_refund(db_session: Session) -> None:
    donation = paid_gift(make_open_pot(), 4_000)

    assert ask_back(donation).id == ask_back(donation).id
