"""Everything that can move money at Wave, each as a function of the world that tests call in any order."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from portal.config.models import SystemConfig
from portal.config.values import RISK_HOLD, forget_cached_values
from portal.gateways.wave import PayoutOrder
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.money import Money
from portal.payments.models import RefundReason
from portal.payments.refunds import request_refund
from portal.payouts.jobs import poll_payouts
from portal.pots.models import Donation, Pot
from tests.payments.world import PHONE, World, payment, run_follow_ups
from tests.payouts.world import make_payee, order, payout
from tests.pots.gifts import give_to, make_open_pot, make_owner

Movement = Callable[["Flows"], None]


class Flows:
    """A pot that collects and a house that is owed money, beside the wallet at Wave."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wave = world.sandbox
        with transaction():
            self.pot_id = make_open_pot(make_owner(), target=1_000_000).id
            self.partner_id = make_payee(holds=10_000_000)[0].id

    def begin(self, amount: int) -> UUID:
        """A donor who has been sent to Wave; the payment."""
        with transaction():
            gift = give_to(db.session.get_one(Pot, self.pot_id), amount, phone=PHONE)
            payment_id = gift.payment_transaction_id
        assert payment_id is not None
        assert self.world.open(payment_id).url is not None
        return payment_id

    def give(self, amount: int) -> UUID:
        """A gift that has arrived and that Wave told us of; the payment."""
        payment_id = self.begin(amount)
        self.world.pay(payment_id)
        self.world.announce(payment_id)
        return payment_id

    def give_back(self, payment_id: UUID, amount: int | None = None) -> None:
        """Ask for a gift's refund, all or a part, and let a worker do what it can."""
        with transaction():
            gift = db.session.execute(
                select(Donation.id).where(Donation.payment_transaction_id == payment_id)
            ).scalar_one()
            request_refund(
                payment_id,
                RefundReason.USER_REQUEST,
                "asked",
                Money(amount) if amount else None,
                donation_id=gift,
                by=SYSTEM,
            )
        run_follow_ups()

    def pay_partner(self, amount: int) -> UUID:
        """A payout that a worker has taken; its row."""
        ordered = order(self.partner_id, amount)
        run_follow_ups()
        return ordered


def a_gift(flows: Flows) -> None:
    flows.give(2_500)


def a_gift_without_a_fee(flows: Flows) -> None:
    flows.give(400)


def a_gift_that_nobody_told_us_of(flows: Flows) -> None:
    flows.world.pay(flows.begin(7_300))


def a_gift_that_is_held(flows: Flows) -> None:
    hold_from(0)
    flows.give(3_700)
    hold_from(101)


def a_gift_that_was_held_and_went_back(flows: Flows) -> None:
    hold_from(0)
    held = flows.give(5_200)
    hold_from(101)
    flows.give_back(held)


def a_gift_paid_twice(flows: Flows) -> None:
    paid = flows.give(2_600)
    pay_another_session(flows, paid, 2_600)


def a_gift_of_another_amount(flows: Flows) -> None:
    pay_another_session(flows, flows.begin(2_000), 2_900)


def a_whole_refund(flows: Flows) -> None:
    flows.give_back(flows.give(9_900))


def a_refund_whose_answer_was_lost(flows: Flows) -> None:
    paid = flows.give(6_100)
    flows.wave.arm("checkout.refund", "cut", moment="after")
    flows.give_back(paid)


def a_part_given_back(flows: Flows) -> None:
    flows.give_back(flows.give(8_000), 3_000)


def a_part_whose_answer_was_lost(flows: Flows) -> None:
    paid = flows.give(8_500)
    flows.wave.arm("payout.create", "cut", moment="after")
    flows.give_back(paid, 2_500)


def a_refund_made_at_wave(flows: Flows) -> None:
    session_id = payment(flows.give(4_400)).provider_session_id
    assert session_id is not None
    flows.wave.wave().refund_session(session_id)


def a_payout(flows: Flows) -> None:
    flows.pay_partner(12_345)


def a_payout_that_is_refused(flows: Flows) -> None:
    flows.wave.arm("payout.create", "refuse", code="recipient-account-blocked")
    flows.pay_partner(15_000)


def a_payout_whose_answer_was_lost(flows: Flows) -> None:
    flows.wave.arm("payout.create", "cut", moment="after")
    flows.pay_partner(16_000)


def a_payout_that_takes_its_time(flows: Flows) -> None:
    flows.wave.arm("payout.create", "processing", after_reads=50)
    flows.pay_partner(17_500)


def a_payout_that_failed_late(flows: Flows) -> None:
    flows.wave.arm("payout.create", "processing", then="failed", after_reads=1)
    waiting = flows.pay_partner(18_500)
    with transaction():
        payout(waiting).next_check_at = clock.now()
    poll_payouts()


def a_payout_taken_back_at_wave(flows: Flows) -> None:
    reference = payout(flows.pay_partner(21_000)).transaction_reference
    assert reference is not None
    flows.wave.wave().reverse_payout(reference, idempotency_key=f"reverse:{reference}")


def a_payment_at_the_till(flows: Flows) -> None:
    flows.wave.control("POST", "/merchant-payments", amount=4_000)


def a_payment_at_the_till_given_back(flows: Flows) -> None:
    paid = flows.wave.control("POST", "/merchant-payments", amount=4_600)
    flows.wave.wave().refund_transaction(paid["id"])


def a_payout_by_somebody_else(flows: Flows) -> None:
    wanted = PayoutOrder(receive_amount=1_000, mobile=PHONE, client_reference=None)
    flows.wave.wave().create_payout(wanted, idempotency_key=f"by-hand:{clock.now().timestamp()}")


MOVEMENTS: tuple[Movement, ...] = (
    a_gift,
    a_gift_without_a_fee,
    a_gift_that_nobody_told_us_of,
    a_gift_that_is_held,
    a_gift_that_was_held_and_went_back,
    a_gift_paid_twice,
    a_gift_of_another_amount,
    a_whole_refund,
    a_refund_whose_answer_was_lost,
    a_part_given_back,
    a_part_whose_answer_was_lost,
    a_refund_made_at_wave,
    a_payout,
    a_payout_that_is_refused,
    a_payout_whose_answer_was_lost,
    a_payout_that_takes_its_time,
    a_payout_that_failed_late,
    a_payout_taken_back_at_wave,
    a_payment_at_the_till,
    a_payment_at_the_till_given_back,
    a_payout_by_somebody_else,
)


def hold_from(score: int) -> None:
    """From which risk score on a gift waits for an admin; 101 is none."""
    with transaction() as session:
        row = session.execute(
            select(SystemConfig).where(SystemConfig.config_key == RISK_HOLD.key)
        ).scalar_one_or_none()
        if row is None:
            row = SystemConfig(config_key=RISK_HOLD.key, data_type=RISK_HOLD.data_type)
            session.add(row)
        row.config_value = score
        forget_cached_values()


def pay_another_session(flows: Flows, payment_id: UUID, amount: int) -> None:
    """The payer pays a second session that carries the payment's name."""
    other = flows.wave.wave().create_session(
        amount=amount,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference=payment_id.hex,
    )
    flows.wave.control("POST", f"/sessions/{other.id}/pay", mobile=PHONE)
