"""The demo world: half a year of people, pots, gifts and payments, lived through day by day.

Everything goes through the services, at the moment at which it is said to have happened: nothing here writes
a row. The same seed gives the same world, counted from the day on which it is made.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from flask import current_app
from sqlalchemy import text

from portal import gateways
from portal.demo.agenda import Agenda, Days
from portal.demo.cast import DEFAULT_SEED, FULL, choose_cast
from portal.demo.companies import plan_companies
from portal.demo.crowd import bring_crowd, refuse_without_rights
from portal.demo.gifts import plan_gifts
from portal.demo.houses import plan_houses
from portal.demo.people import plan_people
from portal.demo.plots import plan_pots
from portal.demo.pots import plan_pots_of
from portal.demo.proof import prove
from portal.demo.redemptions import plan_redemptions
from portal.demo.settlements import plan_settlements
from portal.demo.stage import Stage
from portal.demo.teams import plan_waiting_invitations
from portal.demo.timetable import do_follow_ups, plan_jobs
from portal.demo.troubles import plan_troubles
from portal.demo.wave import PlayedWave
from portal.demo.whole import all_or_nothing
from portal.demo.word_of_mouth import plan_word_of_mouth
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.jobs import gathering
from portal.kernel.settings import Settings
from portal.notifications.history import as_history
from portal.notifications.templates import sync_templates
from portal.payments.wallet import book_opening_balance

Report = Callable[[str], None]
_PARTS = (
    plan_people,
    plan_houses,
    plan_companies,
    plan_waiting_invitations,
    plan_word_of_mouth,
    plan_pots_of,
    plan_gifts,
    plan_troubles,
    plan_redemptions,
    plan_settlements,
    plan_jobs,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What kind of world is wanted."""

    seed: int = DEFAULT_SEED
    people: int = FULL
    scale: int = 1

    @property
    def crowd(self) -> int:
        """How many people the scale brings beside those whose days are lived through."""
        return (self.scale - 1) * FULL


def make_world(order: Order, report: Report) -> None:
    """Make the world of `order` in one transaction, telling `report` about each month that has passed."""
    settings: Settings = current_app.config["SETTINGS"]
    wave = PlayedWave(settings)
    try:
        with (
            all_or_nothing() as connection,
            as_history(),
            gateways.playing(wave.gateway),
            gathering() as asked,
            _few_collections(),
        ):
            if order.crowd:
                refuse_without_rights(connection)
            stage = _stage(order, wave)
            with clock.travel(stage.days.at(-185, 8)), transaction():
                sync_templates()
                book_opening_balance(wave.gateway.get_balance().amount)
            _announce_months(stage, report)
            stage.agenda.live_through(partial(do_follow_ups, asked))
            if order.crowd:
                bring_crowd(connection, stage, order.crowd, report)
            prove()
            connection.execute(text("ANALYZE"))
    finally:
        wave.close()


def _stage(order: Order, wave: PlayedWave) -> Stage:
    days = Days(clock.now())
    stage = Stage(order.seed, days, Agenda(days.now), None, [], wave)  # type: ignore[arg-type]
    stage.cast = choose_cast(order.people, days, stage.chance("cast"))
    stage.plots = plan_pots(stage.cast, order.people, days, stage.chance("plots"))
    for plan in _PARTS:
        plan(stage)
    return stage


def _announce_months(stage: Stage, report: Report) -> None:
    for day in range(-184, 1):
        if stage.days.date(day).day == 1 or day == -184:
            stage.agenda.at(stage.days.at(day, 0), partial(report, f"{stage.days.date(day):%Y-%m}"))


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage when it is all over: half a million short lives need nobody to look for cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
