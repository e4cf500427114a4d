"""What a day has no more of is counted exactly, whoever takes of it at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.kernel.allowances import ALL, take, taken_today
from portal.kernel.db import db, in_transaction
from tests.harness.moments import Clock


@pytest.fixture(autouse=True)
def noon(clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)


def test_what_is_left_goes_to_those_who_come_first(db_session: Session) -> None:
    each = {"FR": 2}

    assert take("x", ["FR", "FR", "SN", "FR"], most=5, most_of=each) == [True, True, True, False]
    assert take("x", ["SN", "GM", "SN"], most=5, most_of=each) == [True, True, False]
    assert take("x", [], most=5, most_of=each) == []

    assert taken_today("x") == {ALL: 5, "FR": 2, "SN": 2, "GM": 1}
    assert taken_today("y") == {}


def test_a_new_day_begins_at_nothing(db_session: Session, clock: Clock) -> None:
    assert take("x", ["SN"] * 2, most=1, most_of={}) == [True, False]
    clock.travel(2026, 3, 1, 23, 59, 59)
    assert take("x", ["SN"], most=1, most_of={}) == [False]
    clock.advance(seconds=1)

    assert take("x", ["SN"], most=1, most_of={}) == [True]
    assert taken_today("x") == {ALL: 1, "SN": 1}


def test_what_is_undone_has_taken_nothing(db_session: Session) -> None:
    with pytest.raises(ZeroDivisionError), db_session.begin_nested():
        take("x", ["SN"], most=1, most_of={})
        1 / 0  # noqa: B018

    assert take("x", ["SN"], most=1, most_of={}) == [True]


def test_many_hands_at_once_take_no_more_than_there_is(app: Flask, committed_db: Session) -> None:
    def grab(number: int) -> int:
        with app.app_context():
            parts = ["SN", "FR"] if number % 2 else ["FR", "GM"]
            return sum(in_transaction(lambda: take("x", parts, most=25, most_of={"FR": 9})))

    contexts = [copy_context() for _number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda pair: pair[1].run(grab, pair[0]), enumerate(contexts)))

    db.session.rollback()
    counts = taken_today("x")
    assert counts[ALL] == sum(granted) == 25
    assert counts["FR"] == 9
    assert counts["SN"] + counts["GM"] == 16
