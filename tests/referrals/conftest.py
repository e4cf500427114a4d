"""What most of these tests begin with: a day in spring, and somebody who may invite."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.identity.models import User
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import make_sponsor


@pytest.fixture
def spring(clock: Clock) -> None:
    """Noon on the first of March 2026."""
    clock.travel(2026, 3, 1, 12)


@pytest.fixture
def sponsor(db_session: Session) -> User:
    """Awa, whose birthday is known."""
    return make_sponsor()
