"""A real browser and the whole running portal, for tests that ask for `page` or `live_stack`."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from portal.supervisor.stack import Stack
from tests.harness.chromium import installed_chromium
from tests.harness.database import Databases
from tests.harness.servers import share_compiled_templates

# The browser fetches nothing by itself and finds no other host.
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
# A cheap phone held upright.
_PHONE = {"width": 360, "height": 740}

_NUMBERS = itertools.count()

StartStack = Callable[..., Stack]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the running portal is marked `browser` and shares one process, and with it one portal."""
    for item in items:
        if {"live_stack", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def live_stack(
    databases: Databases, process_database: str, process_folder: Path, run_folder: Path
) -> Iterator[Stack]:
    """The whole portal with its demo world, running; what a test leaves in it, the next one finds."""
    database = f"{process_database}_live"
    databases.clone(database)
    share_compiled_templates(run_folder, process_folder / "live")
    environ = _environ(process_folder / "live", databases, database)
    with Stack(process_folder / "live", environ=environ, durable=False) as stack:
        yield stack
    databases.drop(database)


@pytest.fixture
def start_stack(
    databases: Databases, process_database: str, process_folder: Path, run_folder: Path
) -> Iterator[StartStack]:
    """Starts portals of one's own, on an empty database each, to kill and restart; all stopped afterwards.

    Takes the keywords of `Stack` and, as `env`, further settings. The file that PORTAL_CLOCK_FILE names in
    `stack.env` moves the clock of all its processes.
    """
    with ExitStack() as running:

        def start(*, env: dict[str, str] | None = None, **options: Any) -> Stack:
            # A folder of its own each time: an earlier portal's mails, texts and jobs are none of this one's.
            name = f"{process_database}_own{next(_NUMBERS)}"
            databases.clone(name)
            share_compiled_templates(run_folder, process_folder / name)
            environ = _environ(process_folder / name, databases, name) | (env or {})
            running.callback(databases.drop, name)
            told = {"demo": False, "durable": False} | options
            return running.enter_context(Stack(process_folder / name, environ=environ, **told))

        yield start


def _environ(folder: Path, databases: Databases, name: str) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_ENV": "test",
        "DATABASE_URL": databases.url(name),
        "DATABASE_OWNER_URL": databases.owner_url(name),
        "PORTAL_CLOCK_FILE": str(folder / "clock"),
    }


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium if there is one, else Playwright's own."""
    chosen = {"executable_path": path} if (path := installed_chromium()) else {}
    return {**browser_type_launch_args, **chosen, "chromium_sandbox": False, "args": list(_QUIET)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_stack: Stack) -> dict[str, Any]:
    """A French-speaking phone in Dakar whose relative addresses lead to the running portal."""
    return {
        **browser_context_args,
        "base_url": live_stack.url,
        "viewport": _PHONE,
        "locale": "fr-FR",
        "timezone_id": "Africa/Dakar",
    }
