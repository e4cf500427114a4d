"""One world for all tests here, and browsers whose every request is undone after it was judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from flask import Flask

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.limits import limiter
from tests.badinput.hearing import install
from tests.badinput.trying import Trial
from tests.badinput.world import MOMENT, World
from tests.harness.database import session_on


@pytest.fixture(scope="package")
def trial(session_app: Flask, valkey_url: str) -> Iterator[Trial]:
    """The house with its world; request limits are off, they have tests of their own (tests/web)."""
    limiter.enabled = False
    patch = pytest.MonkeyPatch()
    install(session_app, patch)
    with (
        clock.travel(MOMENT),
        redis.Redis.from_url(valkey_url) as valkey,
        session_app.app_context(),
        db.engine.connect() as connection,
    ):
        outer = connection.begin()
        with session_on(connection):
            yield Trial(session_app, connection, valkey, World())
        outer.rollback()
        valkey.flushall()
    patch.undo()
    limiter.enabled = True
