"""The portal that the tests of this folder break."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.supervisor.stack import Stack
from tests.crashes.portal import RunningPortal


@pytest.fixture(scope="package")
def running_portal(process_folder: Path) -> Iterator[RunningPortal]:
    """A whole portal on a database and a Valkey of its own that forget nothing: they are killed too."""
    folder = process_folder / "crashes"
    environ = {**os.environ, "PORTAL_ENV": "test", "PORTAL_CLOCK_FILE": str(folder / "clock")}
    with Stack(folder, environ=environ, demo=False) as stack:
        yield RunningPortal(stack)


@pytest.fixture
def portal(running_portal: RunningPortal) -> RunningPortal:
    """The same portal with everything running, whatever the test before has killed."""
    running_portal.mend()
    return running_portal
