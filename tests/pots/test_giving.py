"""Giving: one gift for each form, within bounds, scored before anything is paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.values import DONATION_MAX, DONATION_MIN, RISK_REFUSE
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.payments.models import PaymentStatus, PaymentTransaction
from portal.people.models import UserLocation
from portal.pots.giving import Gift, give, sent_to_pay
from portal.pots.models import Donation, DonationStatus
from portal.pots.risk import SIGNALS, Attempt, Signal, assess
from tests.harness.house import acting, make_person
from tests.harness.moments import Clock
from tests.pots.gifts import (
    DONOR,
    fail,
    give_to,
    make_open_pot,
    make_owner,
    paid_gift,
    pay,
    payment_of,
    reload_pot,
)


@pytest.mark.covers("DON-01", "DON-03", "DON-04", "DON-06", "DON-07", "DON-09", "DON-10")
def test_a_guest_gives_and_everything_is_kept(db_session: Session, clock: Clock) -> None:
    now = clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())

    donation = give_to(
        pot, 5_000, name="Moussa", message="Bon vent", email="m@example.org", phone="77 123 45 67"
    )

    assert (donation.pot_id, donation.donor_user_id, donation.donor_name) == (pot.id, None, "Moussa")
    assert (donation.donor_phone, donation.donor_email) == ("+221771234567", "m@example.org")
    assert (donation.amount_minor, donation.currency, donation.donation_message) == (5_000, "XOF", "Bon vent")
    assert (donation.status, donation.initiated_at) == (DonationStatus.PENDING, now)
    assert (donation.is_anonymous, donation.show_amount, donation.is_held) == (False, True, False)
    assert (str(donation.ip_address), donation.user_agent) == (DONOR.ip, DONOR.user_agent)
    assert (donation.risk_score, donation.risk_signals) == (0, {})
    assert (donation.confirmed_at, donation.failed_at, donation.refunded_at) == (None, None, None)


@pytest.mark.covers("DON-01", "DON-05", "DON-18")
def test_the_gifts_money_is_a_payment_of_its_own(db_session: Session) -> None:
    donor = make_person("Moussa Fall")

    donation = give_to(make_open_pot(), 5_000, donor=donor)

    payment = payment_of(donation)
    assert (payment.amount_minor, payment.status) == (5_000, PaymentStatus.PENDING)
    assert (payment.source_type, payment.source_id) == ("donations", donation.id)
    assert payment.payer_user_id == donation.donor_user_id == donor.id
    assert payment.provider_data["success_path"] == f"/g/{donation.receipt_token}"


@pytest.mark.covers("DON-33")
def test_the_region_of_a_signed_in_donor_is_kept(db_session: Session) -> None:
    donor = make_person("Moussa Fall")
    db_session.add(UserLocation(user_id=donor.id, region="Thiès"))
    db_session.flush()

    assert give_to(make_open_pot(), donor=donor).donor_region == "Thiès"


@pytest.mark.covers("DON-16", "PAY-22")
def test_a_form_sent_twice_is_one_gift(db_session: Session) -> None:
    pot = make_open_pot()

    first = give_to(pot, form_key="form-1")
    second = give_to(pot, form_key="form-1")

    assert first.id == second.id
    assert db_session.scalar(select(func.count()).select_from(PaymentTransaction)) == 1


@pytest.mark.covers("DON-16")
def test_a_paid_form_sent_again_changes_nothing(db_session: Session) -> None:
    pot = make_open_pot()
    paid = pay(give_to(pot, form_key="form-1"))

    again = give_to(pot, form_key="form-1", name="Somebody else")

    assert (again.id, again.donor_name) == (paid.id, "Moussa Fall")
    assert reload_pot(pot.id).raised_minor == 5_000


def test_words_changed_before_paying_are_kept(db_session: Session) -> None:
    pot = make_open_pot()
    first = give_to(pot, form_key="form-1", name="Mousa")

    give_to(pot, form_key="form-1", name="Moussa", message="Joyeux anniversaire")

    assert (first.donor_name, first.donation_message) == ("Moussa", "Joyeux anniversaire")


def test_another_amount_or_another_pot_is_another_gift(db_session: Session) -> None:
    pot, other = make_open_pot(), make_open_pot()

    gifts = {
        give_to(pot, 5_000, form_key="form-1").id,
        give_to(pot, 6_000, form_key="form-1").id,
        give_to(other, 5_000, form_key="form-1").id,
    }

    assert len(gifts) == 3


@pytest.mark.covers("DON-16", "DON-05", "DON-02", "DON-10")
@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE donations SET submission_key = (SELECT min(submission_key) FROM donations)",
            "submission_key",
        ),
        ("UPDATE donations SET receipt_token = 'same'", "receipt_token"),
        ("UPDATE donations SET amount_minor = 0", "amount_positive"),
        ("UPDATE donations SET amount_minor = -5", "amount_positive"),
        ("UPDATE donations SET risk_score = 101", "risk_score_range"),
        ("UPDATE donations SET risk_score = -1", "risk_score_range"),
        ("UPDATE donations SET status = 'lost'", "status"),
        ("UPDATE donations SET currency = 'EUR'", "currency_xof"),
    ],
)
def test_the_database_refuses_what_no_gift_can_be(
    db_session: Session, statement: str, constraint: str
) -> None:
    pot = make_open_pot()
    give_to(pot)
    give_to(pot)

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(statement))


@pytest.mark.covers("DON-02")
@pytest.mark.parametrize(
    ("gift", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5_000}, "amount"),
        ({"amount": DONATION_MIN.default - 1}, "amount"),
        ({"amount": DONATION_MAX.default + 1}, "amount"),
        ({"name": None}, "name"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_an_unusable_gift_is_refused_at_its_field(
    db_session: Session, gift: dict[str, Any], field: str
) -> None:
    pot = make_open_pot()

    with pytest.raises(InvalidInput) as refused:
        give_to(pot, **({"amount": 5_000} | gift))

    assert refused.value.field == field
    assert db_session.scalars(select(Donation)).all() == []


def test_a_pot_that_does_not_exist_takes_nothing(db_session: Session) -> None:
    with pytest.raises(NotFound):
        give(new_id(), Gift(5_000, "Moussa"), form_key="x", donor_user_id=None, locale="fr", by=DONOR)


@pytest.mark.covers("POT-09", "DON-07")
def test_an_anonymous_gift_needs_no_name_where_the_pot_allows_it(db_session: Session) -> None:
    allowed, refused = make_open_pot(), make_open_pot(allow_anonymous=False)

    assert give_to(allowed, name=None, is_anonymous=True).is_anonymous
    assert not give_to(refused, name="Moussa", is_anonymous=True).is_anonymous
    with pytest.raises(InvalidInput):
        give_to(refused, name=None, is_anonymous=True)


@pytest.mark.covers("POT-11", "DON-06")
def test_a_pot_without_messages_keeps_none(db_session: Session) -> None:
    assert give_to(make_open_pot(enable_messages=False), message="Hello").donation_message is None


@pytest.mark.covers("DON-03", "DON-18")
def test_a_donor_on_the_way_to_wave_is_processing(db_session: Session) -> None:
    donation = give_to(make_open_pot())

    sent_to_pay(donation.id, by=DONOR)
    sent_to_pay(donation.id, by=DONOR)
    assert donation.status is DonationStatus.PROCESSING

    pay(donation)
    sent_to_pay(donation.id, by=DONOR)
    assert donation.status is DonationStatus.SUCCEEDED


@pytest.mark.covers("DON-10")
def test_a_signal_has_the_points_of_the_highest_height_reached() -> None:
    signal = Signal("x", ((10, 20), (20, 40), (40, 60)))

    assert [signal.points(seen) for seen in (0, 9, 10, 19, 20, 39, 40, 500)] == [0, 0, 20, 20, 40, 40, 60, 60]


@pytest.mark.covers("DON-10")
def test_a_busy_address_alone_never_holds_a_gift() -> None:
    by_name = {signal.name: signal.points(10**6) for signal in SIGNALS}

    assert by_name["attempts_from_address"] < 70


@pytest.mark.covers("DON-10")
def test_risk_rises_with_what_was_seen(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    calm = Attempt(5_000, None, None, owner.id, DONOR.ip, DONOR.user_agent)
    assert assess(calm).score == 0
    for number in range(10):
        fail(give_to(pot, phone=f"77 123 45 {number:02}"))

    seen = assess(calm)
    assert seen.signals["attempts_from_address"] == {"seen": 10, "points": 20}
    assert seen.signals["failures_from_address"] == {"seen": 10, "points": 20}
    assert seen.signals["phones_from_address"] == {"seen": 10, "points": 40}
    assert seen.score == 80
    elsewhere = replace(calm, ip="196.1.2.3")
    assert assess(elsewhere).score == 0
    assert assess(replace(elsewhere, donor_user_id=owner.id)).score == 20
    assert assess(replace(elsewhere, user_agent="")).score == 15
    assert assess(replace(elsewhere, amount_minor=500_000)).signals["times_usual_amount"]["points"] == 50


@pytest.mark.covers("DON-10")
def test_forty_guests_who_pay_on_one_wi_fi_are_no_risk(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    for number in range(40):
        paid_gift(pot, 500, phone=f"77 123 45 {number:02}")

    assert assess(Attempt(5_000, None, None, owner.id, DONOR.ip, DONOR.user_agent)).score == 0


@pytest.mark.covers("DON-10")
def test_the_countless_addresses_of_one_connection_are_judged_as_one(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    for number in range(10):
        give_to(pot, by=replace(DONOR, ip=f"2001:db8:0:1::{number:x}"))
    near, far = (
        assess(Attempt(5_000, None, None, owner.id, f"2001:db8:0:{network}::f", DONOR.user_agent))
        for network in (1, 2)
    )

    assert near.signals == {"attempts_from_address": {"seen": 10, "points": 20}}
    assert far.signals == {}


@pytest.mark.covers("DON-10")
def test_an_hour_later_an_address_is_calm_again(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    owner = make_owner()
    pot = make_open_pot(owner)
    for _number in range(12):
        give_to(pot)
    clock.travel(2026, 3, 1, 13, 1)

    assert assess(Attempt(5_000, None, None, owner.id, DONOR.ip, DONOR.user_agent)).score == 0


@pytest.mark.covers("DON-10", "DON-11")
def test_a_gift_from_ninety_points_on_is_refused_and_kept_as_refused(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    for number in range(10):
        fail(give_to(pot, 500, phone=f"77 123 45 {number:02}"))

    donation = give_to(pot, 5_000, donor=owner)

    assert donation.risk_score >= RISK_REFUSE.default
    assert (donation.status, donation.payment_transaction_id) == (DonationStatus.FAILED, None)
    assert donation.failed_at is not None


@pytest.mark.covers("DON-10", "DON-11")
def test_a_gift_from_seventy_points_on_is_held_once_it_is_paid(db_session: Session) -> None:
    pot = make_open_pot()
    for number in range(10):
        fail(give_to(pot, 500, phone=f"77 123 45 {number:02}"))
    donation = give_to(pot, 5_000)
    assert not donation.is_held

    pay(donation)

    assert donation.is_held
    assert reload_pot(pot.id).raised_minor == 0


def test_the_owner_may_give_to_the_own_pot(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)

    donation = paid_gift(pot, 2_000, donor=owner, by=acting(owner))

    assert donation.risk_signals["own_pot"]["points"] == 20
    assert reload_pot(pot.id).raised_minor == 2_000


@pytest.mark.covers("DON-16")
def test_after_the_birthday_the_first_gift_of_a_form_is_still_found(
    db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())
    first = give_to(pot, form_key="form-1")
    clock.travel(2026, 3, 12)

    assert give_to(pot, form_key="form-1").id == first.id
    with pytest.raises(Conflict):
        give_to(pot, form_key="form-2")
