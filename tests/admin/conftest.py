"""An operator's browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.identity.models import User
from tests.harness.house import make_admin, sign_in


@pytest.fixture
def operator(client: FlaskClient) -> User:
    """Somebody who steers the portal, signed in at `client`."""
    admin = make_admin()
    sign_in(client, admin)
    return admin
