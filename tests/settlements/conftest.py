"""A house with a settlement, and somebody to decide about it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.partners.models import Partner
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.settlements.world import make_house, noon, settled


@pytest.fixture
def february(clock: Clock) -> None:
    """It is the tenth of February."""
    clock.travel(noon(2, 10))


@pytest.fixture
def house(db_session: scoped_session[Session]) -> tuple[Partner, User]:
    """A partner with an owner."""
    return make_house(business_registration="SN-DKR-2024-B-1", tax_id="0051234")


@pytest.fixture
def january(house: tuple[Partner, User]) -> UUID:
    """Its pending settlement of 16 000 XOF."""
    return settled(house[0])


@pytest.fixture
def admin(db_session: scoped_session[Session]) -> Actor:
    """Somebody who did not choose where the partner is paid."""
    return acting(make_admin())
