"""Each test of inviting runs for a house and for a company."""

from __future__ import annotations

import pytest

from tests.teams.ground import GROUNDS, Ground


@pytest.fixture(params=list(GROUNDS))
def ground(request: pytest.FixtureRequest) -> Ground:
    """A kind of organisation into which people are invited."""
    return GROUNDS[request.param]
