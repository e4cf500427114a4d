"""One PostgreSQL for the whole run and one Valkey for each test process, started on demand, never left behind.

The process that pytest was called as owns PostgreSQL; the workers of a parallel run are told its address.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.supervisor.postgres import Postgres
from portal.supervisor.processes import end_with_parent
from portal.supervisor.valkey import Valkey

_FOLDER = "teranga-tests-"


class Run:
    """The folder of this test run and its PostgreSQL; `close` ends both."""

    def __init__(self) -> None:
        _remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        # PostgreSQL's own account passes through; everything below is closed.
        self.folder.chmod(0o711)
        self._postgres: Postgres | None = None

    def postgres_url(self) -> str:
        """The address of the maintenance database for its owner; starts the server on the first call."""
        return self._server().url("postgres")

    def web_url(self) -> str:
        """The same for the role that the portal works as."""
        return self._server().web_url("postgres")

    def _server(self) -> Postgres:
        if self._postgres is None:
            self._postgres = Postgres(self.folder, durable=False, max_connections=200)
            self._postgres.start()
        return self._postgres

    def close(self) -> None:
        """Stop the server and remove the folder."""
        if self._postgres is not None:
            self._postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    os.environ["PORTAL_ENV"] = "test"
    # A developer's own database is never what tests write to.
    for name in ("DATABASE_URL", "REDIS_URL", "PORTAL_DATA_DIR", "PORTAL_CLOCK_FILE"):
        os.environ.pop(name, None)
    if hasattr(config, "workerinput"):
        # A worker of a run that was killed would finish its test first, and keep its servers as long.
        end_with_parent(os.getppid(), signal.SIGKILL)()
    else:
        config.stash[RUN] = Run()


def pytest_configure_node(node: Any) -> None:
    run = node.config.stash[RUN]
    node.workerinput["run_folder"] = str(run.folder)
    node.workerinput["postgres_url"] = run.postgres_url()
    node.workerinput["web_url"] = run.web_url()


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].close()


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """The folder that all processes of this test run share."""
    if hasattr(pytestconfig, "workerinput"):
        return Path(pytestconfig.workerinput["run_folder"])
    return pytestconfig.stash[RUN].folder


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The address of the run's PostgreSQL (its maintenance database)."""
    if hasattr(pytestconfig, "workerinput"):
        return str(pytestconfig.workerinput["postgres_url"])
    return pytestconfig.stash[RUN].postgres_url()


@pytest.fixture(scope="session")
def web_url(pytestconfig: pytest.Config) -> str:
    """The same for the role that the portal works as."""
    if hasattr(pytestconfig, "workerinput"):
        return str(pytestconfig.workerinput["web_url"])
    return pytestconfig.stash[RUN].web_url()


@pytest.fixture(scope="session")
def process_folder(run_folder: Path) -> Path:
    """The folder of this test process alone."""
    folder = run_folder / os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def valkey_url(process_folder: Path) -> Iterator[str]:
    """The address of this process's Valkey, which keeps nothing."""
    server = Valkey(process_folder, durable=False)
    server.start()
    yield server.url
    server.stop()


def share_compiled_templates(run_folder: Path, data_dir: Path) -> None:
    """Let a portal that keeps its things in `data_dir` find templates as another one of this run has compiled them."""
    compiled = run_folder / "templates"
    compiled.mkdir(mode=0o700, exist_ok=True)
    data_dir.mkdir(mode=0o755, exist_ok=True)
    (data_dir / "templates").symlink_to(compiled)


def _remove_abandoned() -> None:
    """A run that was killed could not remove its folder; its servers ended with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        pid = folder.name.removeprefix(_FOLDER).split("-")[0]
        if folder.stat().st_uid == os.geteuid() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
