"""A house that is owed money, in front of a Wave that answers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.db import transaction
from tests.harness.moments import Clock
from tests.payouts.world import make_payee
from tests.sandbox.running import RunningSandbox

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def partner_id(committed_db: scoped_session[Session], wave: RunningSandbox, clock: Clock) -> UUID:
    """A house that is owed 100 000 XOF and has said where to be paid; it is noon."""
    clock.travel(NOON)
    with transaction():
        return make_payee()[0].id
