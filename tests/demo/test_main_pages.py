"""The ten main pages ask the database a bounded number of questions, as many in a crowd as among few."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel import clock
from tests.bench.pages import MOST_STATEMENTS, Visitors
from tests.demo.conftest import NOW

pytestmark = pytest.mark.xdist_group("demo")


def asked(app: Flask) -> dict[str, int]:
    """How many statements each main page needs with nothing cached."""
    with clock.travel(NOW):
        visitors = Visitors(app)
        return {page: visitors.statements(page) for page in visitors.pages}


def test_no_main_page_asks_more_than_eight_times_nor_more_in_a_crowd(plain: Flask, crowded: Flask) -> None:
    few, many = asked(plain), asked(crowded)

    assert len(few) == 10
    assert max(few.values()) <= MOST_STATEMENTS, few
    assert {page: many[page] - few[page] for page in few if many[page] > few[page]} == {}
