"""What becomes of the money of an ended pot: a pack, the wallet, the donors (G-10 to G-13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.ledger.accounts import kept_for_payer, pot_funds
from portal.ledger.queries import Balance, balance, disagreements, trial_balance
from portal.notifications.models import Notification
from portal.packs.models import Pack
from portal.payments.models import RefundReason
from portal.payments.refunds import request_refund, retry_refund
from portal.pots import jobs
from portal.pots.closing import close_pot
from portal.pots.crediting import pot_taking_credit
from portal.pots.models import Donation, Outcome, Pot, PotStatus
from portal.pots.services import available_minor, pot_for_issuing, settle_leftover
from portal.redemptions.models import QrCode
from tests.harness.house import make_admin, make_pack, make_partner
from tests.harness.moments import Clock
from tests.pots.birthdays import (
    BIRTHDAY_NIGHT,
    CHOICE_OVER,
    Heard,
    add_points,
    birthday_pot,
    issue,
    wallet_of,
)
from tests.pots.gifts import (
    ask_back,
    kept,
    make_owner,
    payment_of,
    refund_of,
    refunds_of,
    refuse_back,
    refused,
    reload_pot,
    send_back,
)

pytestmark = pytest.mark.usefixtures("in_march")


@pytest.mark.covers("DON-26", "DON-27")
@pytest.mark.parametrize("moment", [CHOICE_OVER, datetime(2026, 4, 2, tzinfo=UTC)])
def test_without_a_choice_every_gift_of_an_expired_pot_goes_back(
    db_session: Session, clock: Clock, heard: Heard, moment: datetime
) -> None:
    pot = birthday_pot((3_000, 4_000, 500))
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(moment)

    assert jobs.close_due() == {"ended": 0, "settled": 1}
    assert jobs.close_due() == {"ended": 0, "settled": 0}

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.REFUNDED, None)
    refunds = refunds_of(pot)
    assert [refund.amount_minor for refund in refunds] == [3_000, 4_000, 500]
    assert {refund.reason for refund in refunds} == {RefundReason.FAILED_POT}
    assert balance(pot_funds(pot.id)).available == wallet_of(pot) == 0
    for refund in refunds:
        send_back(refund)
    assert (balance(pot_funds(pot.id)).posted, reload_pot(pot.id).raised_minor) == (0, 0)
    assert disagreements() == []
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("REF-63")
def test_converted_points_of_a_failed_pot_go_to_the_owner(db_session: Session, clock: Clock) -> None:
    pot = birthday_pot((3_000,))
    add_points(pot, 830)
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()

    assert [refund.amount_minor for refund in refunds_of(pot)] == [3_000]
    assert (wallet_of(pot), balance(pot_funds(pot.id)).available) == (830, 0)


@pytest.mark.covers("REF-63")
def test_converted_points_help_to_reach_the_target_and_are_not_raised(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((9_000,))

    add_points(pot, 1_000)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.raised_minor, pot.credited_minor) == (PotStatus.FUNDED, 9_000, 1_000)
    clock.travel(BIRTHDAY_NIGHT)
    with pytest.raises(Conflict):
        pot_taking_credit(pot.id)


@pytest.mark.covers("POT-18")
def test_without_a_choice_the_money_of_a_funded_pot_is_the_owners(
    db_session: Session, clock: Clock, heard: Heard
) -> None:
    pot = birthday_pot((10_000, 2_000))
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()
    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.WALLET, None)
    assert (wallet_of(pot), available_minor(pot)) == (12_000, 0)
    assert refunds_of(pot) == []
    assert [event for event in heard if event[0] == "closed"] == [("closed", Outcome.FUNDED)]
    with pytest.raises(Conflict):
        pot_for_issuing(pot.id, pot.owner_user_id)


@pytest.mark.covers("POT-18")
@pytest.mark.parametrize("gifts", [(9_000,), (12_000,)])
def test_a_pack_chosen_in_time_settles_the_pot_and_the_rest_is_the_owners(
    db_session: Session, clock: Clock, gifts: tuple[int, ...]
) -> None:
    pot = birthday_pot(gifts)
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()

    issue(pot_for_issuing(pot.id, pot.owner_user_id), 8_000)
    moved = settle_leftover(pot.id, by=SYSTEM)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.PACK, None)
    assert moved == wallet_of(pot) == gifts[0] - 8_000
    assert settle_leftover(pot.id, by=SYSTEM) == 0
    pot = kept(pot)
    clock.travel(CHOICE_OVER)
    assert jobs.close_due()["settled"] == 0
    assert refunds_of(pot) == []


@pytest.mark.covers("POT-08", "POT-17")
def test_a_preferred_pack_is_taken_when_the_pot_closes(db_session: Session, clock: Clock) -> None:
    pack = make_pack(make_partner(), price=8_000)
    pot = birthday_pot((10_000,), preferred_pack_id=pack.id)
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, pot.choose_until, wallet_of(pot)) == (Outcome.PACK, None, 2_000)
    code = db_session.scalars(select(QrCode)).one()
    assert (code.pot_id, code.pack_id, code.price_minor) == (pot.id, pot.preferred_pack_id, 8_000)
    keys = db_session.scalars(select(Notification.event_key).where(Notification.user_id == pot.owner_user_id))
    assert f"pot:{pot.id}:closed" not in list(keys)


@pytest.mark.covers("POT-08", "POT-17")
def test_a_preferred_pack_that_is_gone_leaves_the_choice_to_the_owner(
    db_session: Session, clock: Clock
) -> None:
    pack = make_pack(make_partner(), price=8_000)
    pot = birthday_pot((10_000,), preferred_pack_id=pack.id)
    db_session.execute(update(Pack).values(is_active=False))
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, pot.choose_until, wallet_of(pot)) == (Outcome.FUNDED, CHOICE_OVER, 0)
    keys = db_session.scalars(select(Notification.event_key).where(Notification.user_id == pot.owner_user_id))
    assert f"pot:{pot.id}:closed" in list(keys)


@pytest.mark.covers("POT-08")
@pytest.mark.parametrize(
    ("price", "is_taken"), [(8_000, True), (7_000, True), (8_001, False), (10_000, False)]
)
def test_a_preferred_pack_that_has_become_dearer_leaves_the_choice_to_the_owner(
    db_session: Session, clock: Clock, price: int, is_taken: bool
) -> None:
    """The pot pays by itself: its house could otherwise raise the price to all that the pot holds."""
    pack = make_pack(make_partner(), price=8_000)
    pot = birthday_pot((10_000,), preferred_pack_id=pack.id)
    db_session.execute(update(Pack).values(base_price_minor=price))
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    pot = reload_pot(pot.id)
    codes = list(db_session.scalars(select(QrCode.price_minor)))
    assert codes == ([price] if is_taken else [])
    assert (pot.choose_until is None) is is_taken


def test_a_funded_pot_can_take_its_pack_before_the_birthday(db_session: Session) -> None:
    pot = birthday_pot((10_000,))

    assert pot_for_issuing(pot.id, pot.owner_user_id, lock=False).id == pot.id
    issue(pot, 8_000)

    assert settle_leftover(pot.id, by=SYSTEM) == 0
    assert reload_pot(pot.id).status is PotStatus.FUNDED


@pytest.mark.parametrize("gifts", [(), (9_999,)])
def test_an_open_pot_has_no_pack_yet(db_session: Session, gifts: tuple[int, ...]) -> None:
    pot = birthday_pot(gifts)

    with refused(Conflict, "A pack can be chosen once the pot has reached its target, or when it has ended."):
        pot_for_issuing(pot.id, pot.owner_user_id)
    with pytest.raises(NotFound):
        pot_for_issuing(pot.id, make_owner(name="Ali").id)
    with pytest.raises(NotFound):
        pot_for_issuing(pot.id, make_owner(name="Ali").id, lock=False)


def test_a_pot_that_paid_its_pack_and_then_fell_below_the_target_keeps_its_gifts(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((9_500, 500))
    issue(pot, 9_000)
    small = select(Donation).where(Donation.pot_id == pot.id, Donation.amount_minor == 500)
    send_back(ask_back(db_session.scalars(small).one()))
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, wallet_of(pot)) == (Outcome.PACK, 500)
    assert len(refunds_of(pot)) == 1


@pytest.mark.covers("DON-28", "PAY-22")
def test_a_gift_that_wave_refuses_to_give_back_is_kept_for_its_donor_until_it_can(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((3_000, 4_000, 500))
    add_points(pot, 250)
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)
    jobs.close_due()
    refused_one, *others = refunds_of(pot)
    kept_money = kept_for_payer(refused_one.payment_transaction_id)

    refuse_back(refused_one)
    for refund in others:
        send_back(refund)

    assert (balance(pot_funds(pot.id)), balance(kept_money)) == (Balance(), Balance(posted=3_000))
    assert (reload_pot(pot.id).status, wallet_of(pot)) == (PotStatus.CLOSED, 250)
    retry_refund(refused_one.id, by=SYSTEM)
    assert balance(kept_money).available == 0
    refuse_back(refused_one)
    assert (balance(pot_funds(pot.id)), balance(kept_money)) == (Balance(), Balance(posted=3_000))
    retry_refund(refused_one.id, by=SYSTEM)
    send_back(refused_one)
    assert (balance(pot_funds(pot.id)), balance(kept_money)) == (Balance(), Balance())
    assert {gift.status for gift in _gifts(pot)} == {"refunded"}
    assert (reload_pot(pot.id).raised_minor, wallet_of(pot)) == (0, 250)
    assert trial_balance()["XOF"] == 0
    assert disagreements() == []


@pytest.mark.covers("DON-26", "DON-28")
@pytest.mark.parametrize("by_hand", [False, True])
def test_a_gift_that_nobody_can_even_ask_back_holds_up_no_other(
    db_session: Session, clock: Clock, by_hand: bool
) -> None:
    admin_id = make_admin().id
    pot = birthday_pot((3_000, 4_000))
    first = _gifts(pot)[0]
    # A part went back already, and then the donor's number was forgotten: Wave gives back whole payments only.
    payment_of(first).provider_data = {"payer_phone": "+221770000100"}
    request_refund(payment_of(first).id, RefundReason.USER_REQUEST, None, Money(1_000), by=SYSTEM)
    send_back(refund_of(first))
    payment_of(first).provider_data = {}
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()

    if by_hand:
        close_pot(pot.id, everything_back=True, reason="asked by the owner", by=SYSTEM)
    else:
        clock.travel(CHOICE_OVER)
        assert jobs.close_due() == {"ended": 0, "settled": 1}

    send_back(refund_of(_gifts(pot)[1]))
    ended = reload_pot(pot.id)
    assert (ended.status, ended.outcome) == (PotStatus.CLOSED, Outcome.REFUNDED)
    payment = payment_of(_gifts(pot)[0])
    assert balance(kept_for_payer(payment.id)) == Balance(posted=2_000)
    assert (balance(pot_funds(pot.id)), wallet_of(pot)) == (Balance(), 0)
    told = select(Notification.action_link).where(Notification.user_id == admin_id)
    assert db_session.scalars(told).all() == [f"/admin/payments/{payment.id}"]

    # Wave's list has told who paid: the refund is asked for by hand, and takes the money from where it is kept.
    payment.provider_data = {"paid_from": "+221770000100"}
    request_refund(payment.id, RefundReason.FAILED_POT, None, by=SYSTEM)
    send_back(refund_of(_gifts(pot)[0]))
    assert balance(kept_for_payer(payment.id)) == Balance()
    assert trial_balance()["XOF"] == 0


def test_a_refund_that_is_refused_while_the_owner_chooses_leaves_the_money_in_the_pot(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((10_000,))
    ask_back(_gifts(pot)[0])
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    assert reload_pot(pot.id).choose_until is not None

    refuse_back(refunds_of(pot)[0])

    assert balance(pot_funds(pot.id)) == Balance(posted=10_000)


def _gifts(pot: Pot) -> list[Donation]:
    ordered = select(Donation).where(Donation.pot_id == pot.id).order_by(Donation.confirmed_at, Donation.id)
    return list(db.session.scalars(ordered))
