"""Values read as the reader writes them, and no line ends inside one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from portal.web.filters import deadline, month, number, percent, short_moment


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "82,5\u202f%"), ("wo", "82,5\u202f%"), ("en", "82.5%")],
)
def test_a_share_has_the_reader_s_decimal_mark(app: Flask, language: str, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert percent(Decimal("82.50")) == words


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
