"""Gifts are served at the tills; some scans are refused."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random

from flask import current_app

from portal.demo.cast import share_of
from portal.demo.data import OFFERS
from portal.demo.plots import Fate, Plot
from portal.demo.pots import pot_of
from portal.demo.stage import Stage
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.packs.models import Pack
from portal.redemptions.codes import grouped
from portal.redemptions.issuing import live_code
from portal.redemptions.models import QrCode
from portal.redemptions.scanning import Answer, Till, redeem, scan
from portal.redemptions.signing import sign


def plan_redemptions(stage: Stage) -> None:
    """Every planned gift is served at its moment; people also come too early, twice, or to the wrong house."""
    chance = stage.chance("redemptions")
    for plot in stage.plots:
        if plot.served is not None:
            stage.agenda.at(plot.served, partial(_serve, stage, plot, chance))
    served = [plot for plot in stage.plots if plot.served is not None]
    people = sum(1 for _ in stage.cast)
    for plot in chance.sample(served, min(share_of(5, people), len(served))):
        assert plot.served is not None
        stage.agenda.at(
            plot.served + timedelta(hours=3), partial(_refuse, stage, plot, Answer.ALREADY_REDEEMED)
        )
        before = plot.served - timedelta(minutes=9)
        stage.agenda.at(before, partial(_refuse, stage, plot, Answer.WRONG_PARTNER))
    early = [plot for plot in stage.plots if plot.fate is Fate.CHOSEN]
    for plot in early[:1]:
        soon = stage.days.now - timedelta(hours=2)
        stage.agenda.at(soon, partial(_refuse, stage, plot, Answer.NOT_BEFORE))
    for house in (0, 5):
        stage.agenda.at(stage.days.at(-3, 15, house), partial(_show_nonsense, stage, house))


def _serve(stage: Stage, plot: Plot, chance: Random) -> None:
    """The member scans the picture or types the code, looks, and confirms."""
    assert plot.offer is not None
    till, house = _till(stage, plot, OFFERS[plot.offer].house, chance.randrange(6)), OFFERS[plot.offer].house
    nonce = f"demo-{house}-{clock.now():%Y%m%d%H%M}-{plot.owner.phone[-4:]}"
    with transaction(till.by):
        code = _code(plot)
        shown = scan(_token(code) if chance.random() < 0.8 else grouped(code.code), till, nonce)
        if shown.answer is Answer.READY:
            with clock.travel(clock.now() + timedelta(seconds=20)):
                shown = redeem(code.id, till, nonce)
        if shown.answer is not Answer.REDEEMED:
            raise AssertionError(f"the gift of {plot.owner.name} was not served: {shown.answer}")


def _refuse(stage: Stage, plot: Plot, expected: Answer) -> None:
    """A scan that is refused and leaves its line in the log."""
    assert plot.offer is not None
    house = OFFERS[plot.offer].house
    if expected is Answer.WRONG_PARTNER:
        house = (house + 1) % len(stage.houses)
    till = _till(stage, plot, house, 0)
    with transaction(till.by):
        shown = scan(_token(_code(plot)), till, f"demo-refused-{clock.now():%Y%m%d%H%M%S}")
        if shown.answer is not expected:
            raise AssertionError(f"the scan should have been {expected}, not {shown.answer}")


def _show_nonsense(stage: Stage, house: int) -> None:
    """Somebody shows a ticket of another kind."""
    till = _till(stage, stage.plots[0], house, 0)
    with transaction(till.by):
        scan("https://exemple.sn/billet/4711", till, "demo-nonsense")


def _code(plot: Plot) -> QrCode:
    code = live_code(pot_of(plot))
    if code is None:
        raise AssertionError(f"the pot of {plot.owner.name} has no code")
    return code


def _token(code: QrCode) -> str:
    seed: str = current_app.config["SETTINGS"].qr_signing_key
    return sign(code.id, seed)


def _till(stage: Stage, plot: Plot, house: int, place: int) -> Till:
    """Where the house serves this gift, and who does it."""
    kept = stage.houses[house]
    venues = kept.venues
    if plot.offer is not None and OFFERS[plot.offer].house == house:
        with transaction():
            pack = db.session.get_one(Pack, stage.packs[plot.offer])
            venues = [venue for venue in kept.venues if not pack.venue_ids or venue in pack.venue_ids]
    member = kept.team[place % len(kept.team)] if place else kept.owner
    return Till(kept.partner_id, venues[place % len(venues)], member.actor)
