"""The ground the bench stands on: one whole portal with a folder of its own, and databases to spare."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from portal import create_app
from portal.demo.proof import prove
from portal.kernel import settings
from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.ports import Ports
from portal.supervisor.postgres import WEB_ROLE
from portal.supervisor.processes import Member
from portal.supervisor.programs import Programs
from portal.supervisor.stack import Stack

_OWN = ("web", "worker-1", "worker-2", "cron")
WORLD = "portal"
WORK = "work"
CROWD = "crowd"


@dataclass(frozen=True)
class Server:
    """A web server that runs: its port and its first process."""

    port: int
    member: Member


class Ground:
    """The portal as `bin/serve` starts it, with durable servers and the demo world; all gone at the end.

    `folder` keeps it for another run. The world itself (`WORLD`) is only read; what writes works on a copy.
    """

    def __init__(self, folder: Path | None, scale: int, say: Callable[[str], None]) -> None:
        self._kept = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="teranga-bench-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        # PostgreSQL's own account passes through; everything below is closed.
        self.folder.chmod(0o711)
        self.scale = scale
        self._say = say
        self._closing = ExitStack()
        self._apps: dict[str, Flask] = {}
        self.starts: list[str] = []
        self.stack: Stack

    def __enter__(self) -> Ground:
        if not self._kept:
            self._closing.callback(shutil.rmtree, self.folder, ignore_errors=True)
        environ = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        self._say(f"Starting a portal of its own, with the demo world, in {self.folder} …")
        self.stack = Stack(self.folder, environ=environ, report=self.starts.append)
        self._closing.enter_context(self.stack)
        # Rows by the hundred thousand are made by the portal's own role, whose keys need not be looked up.
        allow = sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}")
        self._run_sql(allow.format(sql.Identifier(WEB_ROLE)))
        self.rest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def rest(self) -> None:
        """Stop what works by itself, so that nothing but the measured thing uses the machine."""
        for name in reversed(_OWN):
            self.stack.stop(name)

    def database(self, name: str) -> str:
        """The address of a database, made when it is not there: a copy of the world, or the one with a crowd."""
        url = _named(self.stack.env["DATABASE_URL"], name)
        if name == WORK and name not in self._apps:
            self._run_sql(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        if not self._has(name):
            if name == CROWD:
                self._bring_crowd()
            else:
                self._copy_world(name)
        elif name == CROWD and name not in self._apps:
            # Kept from an earlier run, perhaps of an earlier checkout.
            self._flask(_named(self.stack.owner_url, name), "db", "upgrade")
        return url

    def owner(self, name: str) -> str:
        """The address of a database for the owner of its tables, whom no policy holds."""
        self.database(name)
        return _named(self.stack.owner_url, name)

    def lock_rows(self, name: str, *, is_on: bool) -> None:
        """Put the policies of a database in force, or out of it."""
        with psycopg.connect(self.owner(name), autocommit=True) as connection:
            rows = connection.execute("SELECT DISTINCT tablename FROM pg_policies").fetchall()
            for (table,) in rows:
                change = sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY")
                word = sql.SQL("ENABLE" if is_on else "DISABLE")
                connection.execute(change.format(sql.Identifier(table), word))

    def app(self, name: str) -> Flask:
        """The portal as an object, on that database."""
        if name not in self._apps:
            environ = self.stack.env | {"DATABASE_URL": self.database(name)}
            self._apps[name] = create_app(dataclasses.replace(settings.load(environ), db_pool_size=0))
        return self._apps[name]

    @contextmanager
    def serving(
        self, name: str, application: str = "wsgi:app", environ: Mapping[str, str] | None = None
    ) -> Iterator[Server]:
        """The web server of the stack, its flags and its size, for another database or application."""
        ports = Ports.free()
        told = self.stack.env | {"DATABASE_URL": self.database(name)} | (environ or {})
        (member,) = Programs(PROJECT_ROOT, self.folder, told, ports, inherits=()).doors(with_sandbox=False)
        member.command = [*member.command[:-1], application]
        member.log = self.folder / "logs" / f"web-{ports.web}.log"
        member.start()
        try:
            member.wait_ready()
            yield Server(ports.web, member)
        finally:
            member.stop()
            ports.release()

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """The whole portal at work, its workers and its timed jobs too, on that database."""
        everyday = self.stack.env["DATABASE_URL"]
        self.stack.env["DATABASE_URL"] = self.database(name)
        try:
            for member in _OWN:
                self.stack.start(member)
            yield
        finally:
            self.rest()
            self.stack.env["DATABASE_URL"] = everyday

    def prove(self, name: str) -> None:
        """Raise `NotTrue` unless the books of that database agree, after everything that was done to it."""
        with self.app(name).app_context():
            prove()

    def has_app(self, name: str) -> bool:
        """Whether anything was done there."""
        return name in self._apps

    def _has(self, name: str) -> bool:
        with psycopg.connect(self._maintenance(), autocommit=True) as connection:
            return bool(connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount)

    def _copy_world(self, name: str) -> None:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run_sql(copy.format(sql.Identifier(name), sql.Identifier(WORLD)))

    def _bring_crowd(self) -> None:
        self._say(f"Making a world of {self.scale} times the people …")
        began = time.monotonic()
        unfinished = _named(self.stack.owner_url, f"{CROWD}_unfinished")
        self._run_sql(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"{CROWD}_unfinished")))
        for words in (("db", "upgrade"), ("portal", "demo", "--scale", str(self.scale))):
            self._flask(unfinished, *words)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self._run_sql(rename.format(sql.Identifier(f"{CROWD}_unfinished"), sql.Identifier(CROWD)))
        self._say(f"… made and proved in {time.monotonic() - began:.0f} s")

    def _flask(self, database: str, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=PROJECT_ROOT,
            env=self.stack.env | {"DATABASE_URL": database},
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "logs" / "commands.log").open("ab"),
            check=True,
        )

    def _run_sql(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._maintenance(), autocommit=True) as connection:
            connection.execute(statement)

    def _maintenance(self) -> str:
        return _named(self.stack.owner_url, "postgres")


def _named(url: str, database: str) -> str:
    """The address of another database of the same server and role."""
    address = make_url(url).set(drivername="postgresql", database=database)
    return address.render_as_string(hide_password=False)
