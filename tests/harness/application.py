"""The portal as an object: the app, its settings, its Valkey, and a browser without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask, has_app_context
from flask.globals import _cv_app
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import portal
from portal.kernel import settings
from portal.kernel.db import db
from portal.kernel.scope import SYSTEM, declare
from tests.harness.apple import KNOWN_TO_APPLE
from tests.harness.locks import out_of_order, watching
from tests.harness.servers import share_compiled_templates

# Nothing listens there, so a gateway without its sandbox fails at once.
_NOBODY = "http://127.0.0.1:9"
_PROVIDERS = ("GOOGLE", "FACEBOOK")


@pytest.fixture(scope="session")
def test_settings(
    database_url: str, valkey_url: str, process_folder: Path, run_folder: Path
) -> settings.Settings:
    """The settings the app of this test process runs with."""
    share_compiled_templates(run_folder, process_folder / "data")
    return settings.load(
        {
            "PORTAL_ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey_url,
            "PUBLIC_URL": "http://localhost",
            "PORTAL_DATA_DIR": str(process_folder / "data"),
            "WAVE_API_URL": _NOBODY,
            "SMS_API_URL": _NOBODY,
            "SMTP_PORT": "9",
            **{f"{provider}_URL": _NOBODY for provider in (*_PROVIDERS, "APPLE")},
            **{f"{provider}_CLIENT_ID": "teranga" for provider in _PROVIDERS},
            **{f"{provider}_CLIENT_SECRET": "sandbox-secret" for provider in _PROVIDERS},
            **KNOWN_TO_APPLE,
        }
    )


@pytest.fixture(scope="session")
def session_app(test_settings: settings.Settings) -> Iterator[Flask]:
    """The app, made once for a test process; tests ask for `app`."""
    app = portal.create_app(test_settings)
    app.test_client_class = Browser
    # Tests read the sentences as they stand in the code; the browser tests read the catalogs.
    app.extensions["babel"].translation_directories.clear()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(session_app: Flask, valkey: redis.Redis) -> Flask:
    """The app, with an empty Valkey."""
    return session_app


@pytest.fixture
def valkey(valkey_url: str) -> Iterator[redis.Redis]:
    """A client of this test process's Valkey, which is emptied after the test."""
    with redis.Redis.from_url(valkey_url) as client:
        yield client
        client.flushall()


class Browser(FlaskClient):
    """A client whose requests start from no app context, as they do in a server.

    Flask would otherwise reuse the test's own context, and with it `g` and the person signed in.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.preserve_context:
            # `with client:` asks to look into the request's own context afterwards.
            return super().open(*args, **kwargs)

        def outside() -> TestResponse:
            _cv_app.set(None)  # type: ignore[arg-type]
            with watching() as taken:
                answer = super(Browser, self).open(*args, **kwargs)
            assert out_of_order(taken) == []
            return answer

        try:
            return copy_context().run(outside)
        finally:
            # A request on the test's own connection leaves its declaration there.
            if has_app_context():
                _declare_again(db.session())


def _declare_again(session: Session) -> None:
    declared = session.info.pop("scope", SYSTEM)
    declare(session, declared)


@pytest.fixture
def client(app: Flask, request: pytest.FixtureRequest) -> FlaskClient:
    """A browser without a screen; what it changes is undone, unless the test asks for `committed_db`."""
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db_session")
    return app.test_client()
