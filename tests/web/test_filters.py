"""Values read as the reader writes them, and no line ends inside one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from markupsafe import Markup

from portal.web.filters import (
    date_time,
    deadline,
    long_date,
    month,
    number,
    percent,
    short_date,
    short_moment,
    unbroken,
)


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "82,5\u202f%"), ("wo", "82,5\u202f%"), ("en", "82.5%")],
)
def test_a_share_has_the_reader_s_decimal_mark(app: Flask, language: str, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert percent(Decimal("82.50")) == words


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("fr", "mardi 1er\u00a0décembre 2026", "1er\u00a0déc.\u00a02026"),
        ("en", "Tuesday 1\u00a0December 2026", "1\u00a0Dec\u00a02026"),
        ("wo", "Talaata 1\u00a0Desàmbar 2026", "1\u00a0Des\u00a02026"),
    ],
)
def test_the_first_of_a_month_is_said_as_people_say_it(
    app: Flask, language: str, long: str, short: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert [long_date(date(2026, 12, 1)), short_date(date(2026, 12, 1))] == [long, short]
        assert "21" in short_date(date(2026, 12, 21))
        assert "1er" not in long_date(date(2026, 12, 21)) + date_time(datetime(2026, 12, 2, 1, 1, tzinfo=UTC))


def test_no_line_ends_inside_a_number_of_a_sentence() -> None:
    assert (
        unbroken("One a line: Awa Diop, 77 123 45 67") == "One a line: Awa Diop, 77\u00a0123\u00a045\u00a067"
    )
    assert unbroken(Markup("<b>15 000</b>")) == Markup("<b>15\u00a0000</b>")
    assert isinstance(unbroken(Markup("<b>15 000</b>")), Markup)


def test_numbers_have_the_reader_s_decimal_mark(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert [number(1_234_567), number(Decimal("2.5")), number(Decimal("1E+2"))] == [
            "1\u202f234\u202f567",
            "2,5",
            "100",
        ]


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (datetime(2026, 11, 28, tzinfo=UTC), "vendredi 27\u00a0novembre 2026"),
        (
            datetime(2026, 11, 28, 15, 30, tzinfo=UTC),
            "samedi 28\u00a0novembre 2026 à\u00a015\u00a0h\u00a030",
        ),
    ],
)
def test_what_ends_at_midnight_is_told_by_its_last_day(app: Flask, ends: datetime, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert deadline(ends) == words


def test_tables_have_short_moments_and_months(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert short_moment(datetime(2026, 11, 28, 9, 5, tzinfo=UTC)) == (
            "28\u00a0nov.\u00a02026, 09\u00a0h\u00a005"
        )
        assert month("2026-11") == "novembre 2026"
