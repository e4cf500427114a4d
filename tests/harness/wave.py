"""Wave as the tests' portal knows it: the real sandbox, in a process of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.sandbox.running import API_KEY, RunningSandbox


@pytest.fixture(scope="session")
def wave_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox process that a test process shares; tests ask for `wave`."""
    with RunningSandbox(tmp_path_factory.mktemp("wave")) as running:
        yield running


@pytest.fixture
def wave(wave_process: RunningSandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """A Wave at which nothing has happened and no fault is armed, which the app talks to."""
    wave_process.clock_file.write_text("0")
    wave_process.control("PUT", "/webhooks/receiver", url=None)
    wave_process.control("POST", "/reset")
    settings = dataclasses.replace(
        app.config["SETTINGS"], wave_api_url=wave_process.url, wave_api_key=API_KEY
    )
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return wave_process
