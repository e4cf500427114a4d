"""A portal whose Wave is the real sandbox, in a process of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.payments.world import Ears, World
from tests.sandbox.running import API_KEY, RunningSandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The process that these tests share."""
    with RunningSandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """A sandbox in which nothing has happened, known to the portal as Wave."""
    shared_sandbox.clock_file.write_text("0")
    shared_sandbox.control("PUT", "/webhooks/receiver", url=None)
    shared_sandbox.control("POST", "/reset")
    shared_sandbox.control("DELETE", "/faults")
    settings = dataclasses.replace(
        app.config["SETTINGS"], wave_api_url=shared_sandbox.url, wave_api_key=API_KEY
    )
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return shared_sandbox


@pytest.fixture
def world(sandbox: RunningSandbox) -> World:
    """Payments and payers."""
    return World(sandbox)


@pytest.fixture
def heard() -> Iterator[Ears]:
    """Everything that payments announces."""
    with Ears() as ears:
        yield ears
