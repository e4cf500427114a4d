"""Checkouts to start, and the supervisors started in them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.supervisor.stand_in import Serve, Serving, make_checkout


@pytest.fixture
def checkout(process_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with the real supervisor and stand-ins for everything it starts."""
    return make_checkout(process_folder / f"checkout-{abs(hash(request.node.nodeid))}")


@pytest.fixture
def other_checkout(process_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A second checkout beside the first."""
    return make_checkout(process_folder / f"other-{abs(hash(request.node.nodeid))}")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start supervisors that are stopped after the test."""
    with ExitStack() as running:

        def start(
            folder: Path,
            settings: dict[str, str] | None = None,
            *,
            arguments: Sequence[str] = (),
            ready: bool = True,
        ) -> Serving:
            environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            environ |= {"PORTAL_ENV": "development"} | (settings or {})
            serving = Serving(folder, environ, arguments)
            running.callback(_end, serving)
            if ready:
                serving.read_until("Ctrl-C stops everything")
            return serving

        yield start


def _end(serving: Serving) -> None:
    serving.end(signal.SIGTERM)
