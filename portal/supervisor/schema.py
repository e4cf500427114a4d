"""What a database needs before the portal can serve from it: its migrations and, once, the demo world."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory

from portal.supervisor.errors import SupervisorError

_FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
_DEMO = ("portal", "demo")


class Schema:
    """The database that `environ` names, seen by the checkout at `root`; commands write to `log`."""

    def __init__(self, root: Path, environ: Mapping[str, str], log: Path) -> None:
        self._root = root
        self._environ = environ
        self._log = log

    def is_current(self) -> bool:
        """Whether every migration of this checkout has run; asked of the database, which is quick."""
        wanted = ScriptDirectory(str(self._root / "migrations")).get_heads()
        return set(wanted) == {row[0] for row in self._rows("SELECT version_num FROM alembic_version")}

    def migrate(self) -> None:
        """Run the migrations that are missing. Raises `SupervisorError` with their last words."""
        self._run("The database could not be migrated.", "db", "upgrade")

    def wants_demo(self) -> bool:
        """Whether the database has no users yet and the portal knows how to make the demo world."""
        asked = "SELECT FROM users LIMIT 1"
        return not self._rows(asked) and self._flask(*_DEMO, "--help").returncode == 0

    def fill(self, scale: int = 1) -> None:
        """Make the demo world, with a crowd in it for a `scale` above 1. Raises `SupervisorError` with the last words of the command."""
        crowd = ("--scale", str(scale)) if scale > 1 else ()
        self._run("The demo world could not be made.", *_DEMO, "--if-empty", *crowd)

    def _rows(self, statement: str) -> list[tuple[str, ...]]:
        address = "postgresql://" + self._environ["DATABASE_URL"].split("://", 1)[1]
        with psycopg.connect(address) as connection:
            try:
                return connection.execute(statement.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

    def _run(self, sentence: str, *words: str) -> None:
        done = self._flask(*words)
        with self._log.open("a") as log:
            log.write(done.stdout)
        if done.returncode:
            last = done.stdout.strip().splitlines()[-1:]
            raise SupervisorError(f"{sentence} {''.join(last)} (more in {self._log})")

    def _flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_FLASK, *words],
            cwd=self._root,
            env=dict(self._environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
