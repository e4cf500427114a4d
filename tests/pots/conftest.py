"""A Wave to pay at, a day to begin on, and ears for what a pot says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.pots.events import pot_closed, pot_expired, pot_opened
from portal.pots.models import Outcome, Pot
from tests.harness.moments import Clock
from tests.payments.conftest import sandbox, shared_sandbox, world  # noqa: F401
from tests.pots.birthdays import Heard


@pytest.fixture
def in_march(clock: Clock) -> None:
    """Every story begins nineteen days before the birthday."""
    clock.travel(2026, 3, 1, 12)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The life-cycle signals, in order."""
    said: Heard = []

    def opened(_pot: Pot, **_more: Any) -> None:
        said.append(("opened", None))

    def expired(_pot: Pot, **_more: Any) -> None:
        said.append(("expired", None))

    def closed(_pot: Pot, *, outcome: Outcome, **_more: Any) -> None:
        said.append(("closed", outcome))

    with pot_opened.connected_to(opened), pot_expired.connected_to(expired), pot_closed.connected_to(closed):
        yield said
