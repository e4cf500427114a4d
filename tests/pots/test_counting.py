"""Gifts that arrive: counted once, in the ledger and in the pot, whatever is repeated, late or held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.values import RISK_HOLD
from portal.identity.models import UserStatus
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.models import StatusHistory
from portal.ledger.accounts import pot_funds
from portal.ledger.models import Transfer, TransferStatus
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.notifications.models import Notification
from portal.payments.events import payment_failed, payment_succeeded
from portal.pots import counting
from portal.pots.counting import release_gift
from portal.pots.events import donation_succeeded, pot_funded
from portal.pots.models import Donation, DonationStatus, PotStatus
from tests.harness.house import acting, make_admin, make_person
from tests.harness.moments import Clock
from tests.pots.gifts import (
    ask_back,
    fail,
    give_to,
    make_open_pot,
    make_owner,
    paid_gift,
    pay,
    payment_of,
    refund_of,
    refused,
    reload_pot,
    send_back,
)

Heard = list[tuple[str, Any]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the room has said since the start of the test."""
    said: Heard = []

    def gift(donation: Donation, *, first: bool, **_more: Any) -> None:
        said.append(("donation_succeeded", first))

    def funded(pot: Any, **_more: Any) -> None:
        said.append(("pot_funded", pot.id))

    with donation_succeeded.connected_to(gift), pot_funded.connected_to(funded):
        yield said


def hold(donation: Donation) -> Donation:
    """Make a gift risky enough to be held, before it is paid."""
    donation.risk_score = RISK_HOLD.default
    return donation


@pytest.mark.covers("DON-03", "DON-04", "DON-13", "DON-14", "PAY-22")
def test_a_gift_that_is_paid_is_in_the_pot_and_in_the_ledger(db_session: Session, clock: Clock) -> None:
    now = clock.travel(2026, 3, 1, 12)
    pot = make_open_pot(make_owner())

    donation = paid_gift(pot, 4_000)

    pot = reload_pot(pot.id)
    assert (pot.raised_minor, pot.donor_count) == (4_000, 1)
    assert balance(pot_funds(pot.id)).available == 4_000
    assert donation.status is DonationStatus.SUCCEEDED
    assert donation.confirmed_at == donation.wave_notified_at == donation.initiated_at == now
    assert donation.transfer_id == payment_of(donation).transfer_id
    transfer = db_session.get_one(Transfer, donation.transfer_id)
    assert transfer.idempotency_key == f"donation:{donation.id}:succeeded"
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("DON-05", "DON-08")
def test_a_gift_keeps_what_wave_said(db_session: Session) -> None:
    donation = paid_gift(make_open_pot())

    payment = payment_of(donation)
    assert donation.wave_transaction_id == payment.provider_reference
    assert donation.wave_webhook_data is not None
    assert donation.wave_webhook_data["transaction"] == payment.provider_reference
    assert donation.wave_webhook_data["launch_url"] == payment.payment_url


@pytest.mark.covers("DON-05")
def test_one_transaction_at_wave_pays_one_gift(db_session: Session) -> None:
    pot = make_open_pot()
    paid_gift(pot)
    taken = db_session.scalars(select(Donation.wave_transaction_id)).one()

    with pytest.raises(IntegrityError, match="wave_transaction_id"):
        db_session.execute(
            text("UPDATE donations SET wave_transaction_id = :taken WHERE id = :id"),
            {"taken": taken, "id": give_to(pot).id},
        )


@pytest.mark.covers("DON-11")
def test_a_gift_for_somebody_whose_account_is_closed_waits_for_an_admin(
    db_session: Session, heard: Heard
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    donation = give_to(pot, 4_000)
    owner.status = UserStatus.SUSPENDED
    db_session.flush()

    pay(donation)

    assert donation.is_held
    assert (reload_pot(pot.id).raised_minor, heard) == (0, [])
    assert balance(pot_funds(pot.id)).available == 0
    release_gift(donation.id, reason="The account was opened again.", by=acting(make_admin()))
    assert (reload_pot(pot.id).raised_minor, balance(pot_funds(pot.id)).available) == (4_000, 4_000)


@pytest.mark.covers("DON-14", "DON-20", "PAY-22")
def test_the_same_news_again_counts_nothing(db_session: Session, heard: Heard) -> None:
    pot = make_open_pot()
    donation = paid_gift(pot, 4_000)

    pay(donation)
    payment_succeeded.send(payment_of(donation), by=SYSTEM)
    counting.gift_paid(payment_of(donation), by=SYSTEM)

    assert reload_pot(pot.id).raised_minor == balance(pot_funds(pot.id)).posted == 4_000
    assert heard == [("donation_succeeded", True)]


@pytest.mark.covers("POT-17")
@pytest.mark.parametrize(
    ("gifts", "status"),
    [((9_999,), PotStatus.OPEN), ((10_000,), PotStatus.FUNDED), ((9_999, 1_000), PotStatus.FUNDED)],
)
def test_a_pot_is_funded_exactly_at_its_target(
    db_session: Session, heard: Heard, gifts: tuple[int, ...], status: PotStatus
) -> None:
    pot = make_open_pot(target=10_000)

    for amount in gifts:
        paid_gift(pot, amount)

    pot = reload_pot(pot.id)
    assert pot.status is status
    assert (pot.funded_at is not None) is (status is PotStatus.FUNDED)
    assert [name for name, _ in heard].count("pot_funded") == (status is PotStatus.FUNDED)


@pytest.mark.covers("POT-18")
def test_gifts_are_welcome_after_the_target(db_session: Session) -> None:
    pot = make_open_pot(target=10_000)

    for _ in range(3):
        paid_gift(pot, 10_000)

    assert (reload_pot(pot.id).raised_minor, pot.status) == (30_000, PotStatus.FUNDED)


@pytest.mark.covers("DON-12")
def test_only_the_first_gift_is_first_even_after_it_went_back(db_session: Session, heard: Heard) -> None:
    pot = make_open_pot()
    first = paid_gift(pot)
    send_back(ask_back(first))

    paid_gift(pot)
    paid_gift(pot)

    assert [is_first for name, is_first in heard if name == "donation_succeeded"] == [True, False, False]


@pytest.mark.covers("DON-01", "DON-09")
def test_one_person_is_one_donor_however_often_they_give(db_session: Session) -> None:
    pot, friend = make_open_pot(target=100_000), make_person("Moussa Fall")

    for _ in range(2):
        paid_gift(pot, 1_000, donor=friend)
        paid_gift(pot, 1_000, phone="77 123 45 67")
        paid_gift(pot, 1_000, email="Fatou@Example.org" if _ else "fatou@example.org")
        paid_gift(pot, 1_000, name="Nobody")

    assert reload_pot(pot.id).donor_count == 5


@pytest.mark.covers("DON-03", "DON-04")
def test_a_gift_whose_payment_fails_counts_nothing(db_session: Session, clock: Clock) -> None:
    now = clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())
    donation = give_to(pot)

    fail(donation)
    payment_failed.send(payment_of(donation), by=SYSTEM)

    assert (donation.status, donation.failed_at) == (DonationStatus.FAILED, now)
    assert reload_pot(pot.id).raised_minor == 0


@pytest.mark.covers("DON-23")
def test_late_proof_still_counts_a_gift_that_had_failed(db_session: Session) -> None:
    pot = make_open_pot()

    donation = pay(fail(give_to(pot, 4_000)))

    assert (donation.status, donation.failed_at) == (DonationStatus.SUCCEEDED, None)
    assert reload_pot(pot.id).raised_minor == 4_000


@pytest.mark.covers("DON-03")
def test_every_step_of_a_gift_is_remembered(db_session: Session) -> None:
    donation = paid_gift(make_open_pot())
    send_back(ask_back(donation))

    steps = db_session.scalars(
        select(StatusHistory.to_status)
        .where(StatusHistory.entity_id == donation.id)
        .order_by(StatusHistory.occurred_at, StatusHistory.id)
    )
    assert list(steps) == ["pending", "succeeded", "refunded"]


@pytest.mark.covers("DON-11", "DON-13")
def test_a_risky_gift_is_received_but_not_counted(db_session: Session, heard: Heard) -> None:
    pot, admin = make_open_pot(), make_admin()

    donation = pay(hold(give_to(pot, 10_000)))

    pot = reload_pot(pot.id)
    assert donation.is_held
    assert donation.status is DonationStatus.SUCCEEDED
    assert (pot.raised_minor, pot.donor_count, pot.status) == (0, 0, PotStatus.OPEN)
    held = balance(pot_funds(pot.id))
    assert (held.available, held.pending_in) == (0, 10_000)
    assert heard == []
    told = db_session.scalars(select(Notification.user_id).where(Notification.event_key.endswith(":check")))
    assert list(told) == [admin.id]


@pytest.mark.covers("DON-11")
def test_an_admin_lets_a_held_gift_count(db_session: Session, heard: Heard) -> None:
    pot, admin = make_open_pot(target=10_000), make_admin()
    donation = pay(hold(give_to(pot, 10_000)))

    release_gift(donation.id, reason="The donor's aunt, known to us", by=acting(admin))

    pot = reload_pot(pot.id)
    assert (pot.raised_minor, pot.status) == (10_000, PotStatus.FUNDED)
    assert balance(pot_funds(pot.id)).available == 10_000
    assert ("donation_succeeded", True) in heard
    with pytest.raises(Conflict):
        release_gift(donation.id, reason="again", by=acting(admin))
    assert reload_pot(pot.id).raised_minor == 10_000


@pytest.mark.covers("DON-11", "DON-28")
def test_an_admin_sends_a_held_gift_back(db_session: Session, heard: Heard) -> None:
    pot, admin = make_open_pot(), make_admin()
    donation = pay(hold(give_to(pot, 10_000)))

    refund = ask_back(donation, acting(admin))
    with refused(Conflict, "A refund of this gift is under way."):
        release_gift(donation.id, reason="too late", by=acting(admin))
    send_back(refund)

    assert (donation.status, donation.is_held) == (DonationStatus.REFUNDED, False)
    assert db_session.get_one(Transfer, donation.transfer_id).status is TransferStatus.VOIDED
    held = balance(pot_funds(pot.id))
    assert (held.posted, held.pending_in) == (0, 0)
    assert trial_balance() == {} or trial_balance() == {"XOF": 0}
    assert heard == []


@pytest.mark.covers("POT-18", "DON-23")
def test_money_that_comes_after_the_birthday_goes_back_by_itself(
    db_session: Session, clock: Clock, heard: Heard
) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())
    donation = give_to(pot, 4_000, email="moussa@example.org")
    clock.travel(2026, 3, 11, 0, 1)

    pay(donation)

    assert donation.is_held
    assert refund_of(donation).amount_minor == 4_000
    assert (reload_pot(pot.id).raised_minor, heard) == (0, [])
    send_back(refund_of(donation))
    assert donation.status is DonationStatus.REFUNDED
    assert balance(pot_funds(pot.id)).posted == 0


def test_a_held_gift_of_a_pot_that_has_ended_can_only_go_back(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    donation = pay(hold(give_to(make_open_pot(make_owner()))))
    clock.travel(2026, 3, 11)

    with refused(Conflict, "The pot no longer collects, so this gift can only go back to its donor."):
        release_gift(donation.id, reason="fine", by=SYSTEM)


def test_a_gift_that_does_not_exist_cannot_be_released(db_session: Session) -> None:
    with pytest.raises(NotFound):
        release_gift(uuid4(), reason="?", by=SYSTEM)


@pytest.mark.covers("DON-13", "PAY-04")
def test_what_a_pot_shows_is_always_what_the_ledger_holds(db_session: Session) -> None:
    pot = make_open_pot(target=20_000)
    gifts = [paid_gift(pot, amount) for amount in (1_000, 7_500, 12_345, 250)]
    pay(hold(give_to(pot, 9_999)))
    fail(give_to(pot, 5_000))
    send_back(ask_back(gifts[1]))
    ask_back(gifts[3])

    held = balance(pot_funds(pot.id))
    assert reload_pot(pot.id).raised_minor == held.posted == 13_595
    assert held.available == 13_345
    assert disagreements() == []
    assert trial_balance() == {"XOF": 0}
