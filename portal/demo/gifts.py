"""Gifts arrive, and some of them fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from portal.demo.cast import Person, share_of
from portal.demo.data import FIRST_NAMES, LAST_NAMES, WISHES
from portal.demo.plots import Fate, Plot
from portal.demo.pots import pot_of
from portal.demo.stage import Stage
from portal.gateways.wave import Session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.money import split
from portal.payments.confirmation import take_session
from portal.payments.models import PaymentTransaction
from portal.pots.giving import Gift, give, sent_to_pay
from portal.pots.models import Donation

_AMOUNTS = (500, 1_000, 2_000, 2_500, 5_000, 10_000)
_AWAS_DONORS = 12
_DELIBERATION = timedelta(seconds=95)
_UNTIL_EXPIRED = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Donor:
    """Somebody who gives; a guest has no `person`."""

    name: str
    phone: str
    by: Actor
    person: Person | None = None
    email: str | None = None


def plan_gifts(stage: Stage) -> None:
    """Gifts to every planned pot, in time and as many as its plan asks for, and what goes wrong with some."""
    chance = stage.chance("gifts")
    guests = Guests(chance)
    for plot in stage.plots:
        for moment, amount in _amounts(stage, plot, chance):
            donor = _somebody(stage, plot, moment, guests, chance)
            stage.agenda.at(moment, partial(give_to, stage, plot, donor, amount, chance))
    live = [
        one for one in stage.plots if one.filled and one.fate is not Fate.CANCELED and _has_time(stage, one)
    ]
    people = sum(1 for _ in stage.cast)
    for number in range(share_of(20, people)):
        plot = chance.choice(live)
        moment = _moment(plot.opens(stage.days), _end(stage, plot), chance)
        fails = abandon if number % 3 else fall_short
        stage.agenda.at(moment, partial(fails, stage, plot, guests.one(), chance.choice(_AMOUNTS)))


class Guests:
    """Donors without an account, each with a name and a number of their own."""

    def __init__(self, chance: Random, first: int = 0) -> None:
        self._chance, self._number = chance, first

    def one(self) -> Donor:
        """Somebody new."""
        self._number += 1
        chance = self._chance
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
        by = Actor(
            ip=f"154.124.{self._number // 250}.{self._number % 250 + 1}", user_agent="Mozilla/5.0 Mobile"
        )
        email = f"invite{self._number}@courriel.example" if chance.random() < 0.2 else None
        return Donor(name, f"+22175000{self._number:04d}", by, email=email)


def _amounts(stage: Stage, plot: Plot, chance: Random) -> list[tuple[datetime, int]]:
    """Moments and francs, which sum to what is planned."""
    if not _has_time(stage, plot):
        return []
    wanted = int(plot.target * plot.filled) // 100
    number = _AWAS_DONORS if plot.owner is stage.cast.awa else chance.randint(2, 5)
    hundreds = [part for part in split(wanted, [chance.randint(40, 250) for _ in range(number)]) if part]
    moments = sorted(_moment(plot.opens(stage.days), _end(stage, plot), chance) for _ in hundreds)
    return [(moment, 100 * part) for moment, part in zip(moments, hundreds, strict=True)]


def _moment(first: datetime, last: datetime, chance: Random) -> datetime:
    """Some time in between, by day if there is room."""
    moment = first + (last - first) * chance.random()
    if moment.hour < 7 and moment + timedelta(hours=7) < last:
        moment += timedelta(hours=7)
    return moment


def _end(stage: Stage, plot: Plot) -> datetime:
    """Until when gifts come: before the birthday, and for live pots before an hour ago."""
    day = (plot.birthday - stage.days.today).days
    hours = 8 if plot.fate is Fate.CHOSEN else 1
    days_left = 3 if plot.fate is Fate.CANCELED else 0
    return min(
        stage.days.at(day - days_left, 0) - timedelta(hours=2), stage.days.now - timedelta(hours=hours)
    )


def _has_time(stage: Stage, plot: Plot) -> bool:
    return plot.opens(stage.days) < _end(stage, plot)


def _somebody(stage: Stage, plot: Plot, moment: datetime, guests: Guests, chance: Random) -> Donor:
    """A person of the portal as often as a guest; Awa gives to others now and then."""
    if chance.random() < 0.45:
        return guests.one()
    here = [
        one
        for one in (*stage.cast.clients, *stage.cast.sponsors)
        if one.joined < moment and one is not plot.owner
    ]
    if not here:
        return guests.one()
    awa = stage.cast.awa
    person = awa if awa in here and chance.random() < 0.04 else chance.choice(here)
    return Donor(person.name, person.phone, person.actor, person, person.email)


def give_to(stage: Stage, plot: Plot, donor: Donor, amount: int, chance: Random) -> None:
    """A gift from the form to the money."""
    gift = Gift(
        amount_minor=amount,
        name=donor.name,
        message=chance.choice(WISHES) or None,
        email=donor.email,
        phone=donor.phone,
        is_anonymous=chance.random() < 0.1,
        show_amount=chance.random() < 0.85,
    )
    with transaction(donor.by):
        payment = _write(plot, donor, gift)[1]
        session = stage.wave.open(payment)
        with clock.travel(clock.now() + _DELIBERATION):
            take_session(payment.id, stage.wave.pay(session, donor.phone), by=SYSTEM)


def begin(stage: Stage, plot: Plot, donor: Donor, gift: Gift) -> tuple[PaymentTransaction, Session]:
    """The gift is written and the donor is on the way to Wave."""
    donation, payment = _write(plot, donor, gift)
    session = stage.wave.open(payment)
    take_session(payment.id, session, by=donor.by)
    sent_to_pay(donation.id, by=donor.by)
    return payment, session


def _write(plot: Plot, donor: Donor, gift: Gift) -> tuple[Donation, PaymentTransaction]:
    form = f"{donor.phone}:{clock.now().isoformat()}"
    account = donor.person.user_id if donor.person else None
    donation = give(pot_of(plot), gift, form_key=form, donor_user_id=account, locale="fr", by=donor.by)
    return donation, db.session.get_one(PaymentTransaction, donation.payment_transaction_id)


def abandon(stage: Stage, plot: Plot, donor: Donor, amount: int) -> None:
    """The donor never confirms; Wave closes the session half an hour later."""
    with transaction(donor.by):
        payment, session = begin(stage, plot, donor, Gift(amount, name=donor.name, phone=donor.phone))
        _expire(stage, payment, session)


def fall_short(stage: Stage, plot: Plot, donor: Donor, amount: int) -> None:
    """The donor's wallet holds too little, and that is where it ends."""
    with transaction(donor.by):
        payment, session = begin(stage, plot, donor, Gift(amount, name=donor.name, phone=donor.phone))
        stage.wave.refuse(session, "insufficient-funds")
        _expire(stage, payment, session)


def _expire(stage: Stage, payment: PaymentTransaction, session: Session) -> None:
    """Wave has closed the session, and the portal notes it at that moment."""
    with clock.travel(clock.now() + _UNTIL_EXPIRED):
        take_session(payment.id, stage.wave.look(session), by=SYSTEM)
        db.session.flush()
