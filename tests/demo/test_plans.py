"""What the full world will hold, read off its plans, and where the command refuses."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.demo.agenda import Agenda, Days
from portal.demo.cast import FEWEST, FULL, choose_cast
from portal.demo.data import HOUSES, OFFERS
from portal.demo.plots import Fate, plan_pots
from portal.demo.world import DEFAULT_SEED, Order
from portal.identity.models import User
from portal.kernel.places import REGIONS
from portal.kernel.settings import Environment

DAYS = Days(datetime(2026, 3, 12, 12, tzinfo=UTC))


def cast_of(seed: int, people: int = FULL) -> list[tuple[str, str, str]]:
    return [(one.name, one.town, one.phone) for one in choose_cast(people, DAYS, Random(f"{seed}:cast"))]


def test_a_full_world_has_three_hundred_people_in_fourteen_regions() -> None:
    cast = choose_cast(FULL, DAYS, Random(f"{DEFAULT_SEED}:cast"))
    people = list(cast)

    assert len(people) == 300
    assert {one.region for one in people} == set(REGIONS)
    assert len({one.name for one in people}) == len({one.phone for one in people}) == 300


def test_a_full_world_has_twelve_houses_with_twenty_venues_and_twenty_five_packs() -> None:
    assert (len(HOUSES), sum(len(house.venues) for house in HOUSES), len(OFFERS)) == (12, 20, 25)
    assert {offer.house for offer in OFFERS} == set(range(12))


@pytest.mark.parametrize("people", [FEWEST, 150, FULL])
def test_a_world_of_any_size_has_a_pot_of_every_fate(people: int) -> None:
    cast = choose_cast(people, DAYS, Random(f"{DEFAULT_SEED}:cast"))

    plots = plan_pots(cast, people, DAYS, Random(f"{DEFAULT_SEED}:plots"))

    assert set(Counter(plot.fate for plot in plots)) == set(Fate)
    assert len({id(plot.owner) for plot in plots}) == len(plots)


def test_a_seed_decides_who_is_there() -> None:
    assert cast_of(1) == cast_of(1)
    assert cast_of(1) != cast_of(2)


def test_the_scale_says_how_many_come_in_the_crowd() -> None:
    assert [Order(scale=scale).crowd for scale in (1, 2, 10)] == [0, 300, 2_700]


def test_deeds_are_done_in_the_order_of_their_time() -> None:
    agenda, done = Agenda(DAYS.now), []
    agenda.at(DAYS.at(-1, 9), lambda: done.append("second"))
    agenda.at(DAYS.at(-2, 9), lambda: agenda.at(DAYS.at(-1, 10), lambda: done.append("third")))
    agenda.at(DAYS.at(-2, 8), lambda: done.append("first"))
    agenda.at(DAYS.at(1, 9), lambda: done.append("never"))

    agenda.live_through(lambda: None)

    assert done == ["first", "second", "third"]


def test_there_is_no_demo_world_in_production(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", real)

    for arguments in (["portal", "demo"], ["portal", "demo", "--if-empty"]):
        refused = app.test_cli_runner().invoke(args=arguments)
        assert (refused.exit_code, "does not belong in production" in refused.output) == (1, True)

    assert db_session.scalar(select(func.count()).select_from(User)) == 0


def test_a_crowd_is_refused_at_once_where_the_owner_of_the_tables_is_not_told(
    app: Flask, committed_db: Session
) -> None:
    made = app.test_cli_runner().invoke(args=["portal", "demo", "--people", str(FEWEST), "--scale", "2"])

    assert made.exit_code == 1
    assert made.output.startswith("Error: Nothing was made: a crowd needs a superuser of the database;")
    assert committed_db.scalar(select(func.count()).select_from(User)) == 0
