"""Numbers as people type them: of home without a code, of everywhere with one (R-12)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.kernel.phones import for_people, parse_e164, to_mobile


@pytest.fixture
def at_home_in_abidjan(app: Flask) -> Iterator[None]:
    said = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(said, home_region="CI")
    with app.app_context():
        yield
    app.config["SETTINGS"] = said


def test_a_number_without_a_code_is_senegalese(app: Flask) -> None:
    with app.app_context():
        assert (to_mobile("77 123 45 67"), for_people("+221771234567")) == ("+221771234567", "77 123 45 67")


def test_a_number_without_a_code_is_of_the_home_that_the_operator_says(at_home_in_abidjan: None) -> None:
    assert to_mobile("07 01 23 45 67") == "+2250701234567"
    assert parse_e164("77 123 45 67") is None
    assert to_mobile("+221 77 123 45 67") == "+221771234567"
    assert for_people("+221771234567").startswith("+221")
    assert not for_people("+2250701234567").startswith("+")
