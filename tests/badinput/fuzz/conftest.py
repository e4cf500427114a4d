"""What the tests with made-up requests share."""

from __future__ import annotations

import pytest

from tests.badinput.shelf import Shelf
from tests.badinput.trying import Trial


@pytest.fixture(scope="package")
def shelf(trial: Trial) -> Shelf:
    """The stored files of the world."""
    return Shelf(trial)
