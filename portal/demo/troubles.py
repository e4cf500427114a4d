"""What goes wrong with money, so that the people who steer the portal have something to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from portal.demo.cast import Person
from portal.demo.gifts import Donor, Guests, begin, fall_short, give_to
from portal.demo.plots import Fate, Plot
from portal.demo.pots import pot_of
from portal.demo.stage import Stage
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.payments.confirmation import take_session
from portal.payments.models import RefundReason
from portal.pots.counting import refund_gift, release_gift
from portal.pots.giving import Gift
from portal.pots.models import Donation, DonationStatus

_TRIES = 6
_FAR_TOO_MUCH, _MUCH = 500_000, 200_000
_TWICE = 4_000


def plan_troubles(stage: Stage) -> None:
    """Doubtful gifts, refunds, money that comes late, twice, or out of nowhere."""
    chance = stage.chance("troubles")
    guests = Guests(chance, first=5_000)
    days, at = stage.days, stage.agenda.at
    of = _By(stage.plots)
    admin, second = stage.cast.admins

    own = of(Fate.OPEN, 1)
    soon = own.opens(days) + timedelta(hours=2)
    at(max(days.at(-2, 13), soon), partial(_give_oneself, stage, own, chance))
    _plan_suspicion(stage, of(Fate.OPEN, 2), days.now - timedelta(hours=5), guests, chance)
    old = of(Fate.REDEEMED, 2)
    _plan_suspicion(stage, old, old.opens(days) + timedelta(hours=10), guests, chance)
    at(old.opens(days) + timedelta(hours=13), partial(_decide, old, second, _send_back))
    rich = of(Fate.WALLET, 0)
    _plan_suspicion(stage, rich, rich.opens(days) + timedelta(hours=10), guests, chance)
    at(rich.opens(days) + timedelta(hours=15), partial(_decide, rich, admin, _let_count))

    for place, hours in ((3, 60), (4, 30), (5, 3)):
        refused = hours == 3
        plot = of(Fate.OPEN, place)
        at(days.now - timedelta(hours=hours), partial(_refund, stage, plot, admin, refused=refused))

    late = of(Fate.REFUNDED, 0)
    midnight = days.at((late.birthday - days.today).days, 0)
    at(midnight - timedelta(minutes=8), partial(_come_late, stage, late, guests.one()))
    twice = of(Fate.REDEEMED, 5)
    at(twice.opens(days) + timedelta(hours=30), partial(_pay_twice, stage, twice, guests.one()))
    at(days.now - timedelta(hours=20), partial(stage.wave.receive_at_till, 3_500, "+221760009999"))


class _By:
    """Plots by their fate; counting on from the start where there are few. Awa's is left in peace."""

    def __init__(self, plots: list[Plot]) -> None:
        self._plots = plots[1:]

    def __call__(self, fate: Fate, place: int) -> Plot:
        """One of that fate."""
        fitting = [plot for plot in self._plots if plot.fate is fate]
        return fitting[place % len(fitting)]


def _give_oneself(stage: Stage, plot: Plot, chance: Random) -> None:
    """Somebody pays far more than usual into the own pot: held until an admin has looked."""
    owner = plot.owner
    donor = Donor(owner.name, owner.phone, owner.actor, owner)
    give_to(stage, plot, donor, _FAR_TOO_MUCH, chance)


def _plan_suspicion(stage: Stage, plot: Plot, moment: datetime, guests: Guests, chance: Random) -> None:
    """One phone tries again and again within the hour, and then succeeds: held."""
    donor = guests.one()
    for number in range(_TRIES):
        tried = moment + timedelta(minutes=5 * number)
        stage.agenda.at(tried, partial(fall_short, stage, plot, donor, _MUCH))
    paid = moment + timedelta(minutes=5 * _TRIES)
    stage.agenda.at(paid, partial(give_to, stage, plot, donor, _MUCH, chance))


def _decide(plot: Plot, admin: Person, decision: Callable[[Donation, Actor], None]) -> None:
    """An admin looks at the held gift of a pot, if the pot still collects."""
    with transaction(admin.actor):
        held = db.session.scalars(
            select(Donation).where(Donation.pot_id == pot_of(plot), Donation.is_held)
        ).one_or_none()
        if held is not None:
            decision(held, admin.actor)


def _send_back(gift: Donation, by: Actor) -> None:
    refund_gift(gift.id, RefundReason.FRAUD, description="Le titulaire du numéro ne répond pas.", by=by)


def _let_count(gift: Donation, by: Actor) -> None:
    release_gift(gift.id, reason="Vérifié au téléphone avec le donateur.", by=by)


def _refund(stage: Stage, plot: Plot, admin: Person, *, refused: bool) -> None:
    """A donor asked for the money back; `refused`: Wave says no, and a person has to see to it.

    In a small world the pot may not be made yet, or have no gift, and nobody asks.
    """
    if plot.pot_id is None:
        return
    with transaction(admin.actor):
        gift = db.session.scalars(
            select(Donation)
            .where(
                Donation.pot_id == pot_of(plot),
                Donation.status == DonationStatus.SUCCEEDED,
                Donation.is_held.is_(False),
            )
            .order_by(Donation.amount_minor, Donation.id)
            .limit(1)
        ).one_or_none()
        if gift is None:
            return
        if refused:
            stage.wave.refuse_next_refund()
        refund_gift(gift.id, RefundReason.USER_REQUEST, description="Donné par erreur.", by=admin.actor)


def _come_late(stage: Stage, plot: Plot, donor: Donor) -> None:
    """The donor hesitates over midnight; the pot has ended when the money arrives, so it goes back."""
    with transaction(donor.by):
        payment, session = begin(stage, plot, donor, Gift(2_500, name=donor.name, phone=donor.phone))
        payment_id = payment.id

    def arrive() -> None:
        with transaction():
            take_session(payment_id, stage.wave.pay(session, donor.phone), by=SYSTEM)

    stage.agenda.at(clock.now() + timedelta(minutes=25), arrive)


def _pay_twice(stage: Stage, plot: Plot, donor: Donor) -> None:
    """Two tabs, two sessions, both paid: one is counted, the other goes back, and an admin is told."""
    with transaction(donor.by):
        payment, first = begin(stage, plot, donor, Gift(_TWICE, name=donor.name, phone=donor.phone))
        second = stage.wave.open(payment)
        for session in (first, second):
            take_session(payment.id, stage.wave.pay(session, donor.phone), by=SYSTEM)
