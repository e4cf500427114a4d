"""Two worlds of one seed, made once for all tests: a small one with a crowd in it, and the same without."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

import portal
from portal.demo.cast import FEWEST
from portal.demo.world import DEFAULT_SEED, Order, make_world
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.settings import Settings
from tests.harness.application import Browser
from tests.harness.database import Databases

# A Thursday at noon: no test depends on the day on which it runs.
NOW = datetime(2026, 3, 12, 12, 4, tzinfo=UTC)
SEED = DEFAULT_SEED
SCALE = 3


@contextmanager
def _portal(
    settings: Settings, databases: Databases, name: str, folder: Path, fill: Callable[[Flask], None]
) -> Iterator[Flask]:
    """A portal of its own, filled by the role that it works as, which is told who owns the tables; dropped afterwards."""
    databases.clone(name)
    owned = dataclasses.replace(settings, database_owner_url=databases.owner_url(name))
    with _app(owned, databases.url(name), folder) as app:
        fill(app)
    with _app(settings, databases.url(name), folder) as app:
        yield app
    databases.drop(name)


@contextmanager
def _app(settings: Settings, database_url: str, folder: Path) -> Iterator[Flask]:
    app = portal.create_app(dataclasses.replace(settings, database_url=database_url, data_dir=folder))
    app.test_client_class = Browser
    app.extensions["babel"].translation_directories.clear()
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def crowded(
    test_settings: Settings,
    databases: Databases,
    process_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A portal that `flask portal demo --people 60 --scale 3` has filled."""
    folder = tmp_path_factory.mktemp("crowded")

    def fill(app: Flask) -> None:
        arguments = ["portal", "demo", "--seed", str(SEED), "--people", str(FEWEST), "--scale", str(SCALE)]
        with clock.travel(NOW):
            made = app.test_cli_runner().invoke(args=arguments)
        assert made.exit_code == 0, made.output
        assert made.output.endswith("The demo world is there.\n")

    with _portal(test_settings, databases, f"{process_database}_crowded", folder, fill) as app:
        yield app


@pytest.fixture(scope="session")
def plain(
    test_settings: Settings,
    databases: Databases,
    process_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """The same world without the crowd."""
    folder = tmp_path_factory.mktemp("plain")

    def fill(app: Flask) -> None:
        with clock.travel(NOW), app.app_context():
            make_world(Order(SEED, FEWEST), lambda _progress: None)

    with _portal(test_settings, databases, f"{process_database}_plain", folder, fill) as app:
        yield app


@pytest.fixture
def world(crowded: Flask) -> Iterator[Flask]:
    """The crowded world at the moment at which it was made; what a test changes is for the next one too."""
    with clock.travel(NOW), crowded.app_context():
        yield crowded
        db.session.rollback()
