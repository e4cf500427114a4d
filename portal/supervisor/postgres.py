"""The embedded PostgreSQL: passwords from the first second, a private socket, no network."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from portal.supervisor.accounts import Account, database_account
from portal.supervisor.errors import SupervisorError
from portal.supervisor.folders import own_folder, postgres_binaries, postgres_data, socket_folder
from portal.supervisor.processes import Member

_USER = "portal"
# The portal works as a role that owns nothing; the one above migrates.
WEB_ROLE = "portal_web"
_INITDB = (
    f"--username={_USER}",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",
    "--auth-local=scram-sha-256",
    "--auth-host=reject",
)
_ENVIRON = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres:
    """A PostgreSQL of one's own below `data_dir`; without `durable` it is quick and may forget (tests).

    `data` is the folder of its files.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        max_connections: int = 100,
        inherits: tuple[int, ...] = (),
    ) -> None:
        data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._password_file = data_dir / "postgres.password"
        self._web_password_file = data_dir / "postgres.web.password"
        self._account: Account | None = database_account(data_dir / "postgres")
        self._binaries = postgres_binaries(self._account)
        self.data = postgres_data(data_dir, self._account)
        self._sockets = socket_folder(data_dir, self._account) / "postgres"
        settings = (f"max_connections={max_connections}", *(() if durable else _FORGETFUL))
        self.member = Member(
            name="postgres",
            command=self._command(settings),
            log=data_dir / "logs" / "postgres.log",
            environ=_ENVIRON,
            folder=Path("/"),
            ready=self._answers,
            stop_signal=signal.SIGINT,
            account=self._account,
            inherits=inherits,
        )

    def start(self, database: str = "portal") -> None:
        """Create the cluster if there is none, start the server, and make sure that `database` exists.

        Raises `SupervisorError` with a sentence when PostgreSQL cannot run here.
        """
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        elif not self._password_file.exists():
            raise SupervisorError(
                f"The password of the database in {self.data} is gone; remove that folder to begin anew."
            )
        own_folder(self._sockets, self._account)
        self.member.start()
        self.member.wait_ready()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            self._make_web_role(connection)

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back."""
        self.member.stop()

    def url(self, database: str = "portal") -> str:
        """The address of a database for its owner, with the password, as libpq and SQLAlchemy both read it."""
        return self._address(_USER, self._password_file, database)

    def web_url(self, database: str = "portal") -> str:
        """The address of a database for the role that the portal works as."""
        return self._address(WEB_ROLE, self._web_password_file, database)

    def _address(self, user: str, password_file: Path, database: str) -> str:
        password = password_file.read_text().strip()
        return f"postgresql://{user}:{password}@/{database}?host={quote(str(self._sockets), safe='/')}"

    def _make_web_role(self, connection: psycopg.Connection) -> None:
        """Make the role with a password of its own, or give it a new one when that is gone."""
        role = sql.Identifier(WEB_ROLE)
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [WEB_ROLE]).rowcount:
            self._web_password_file.unlink(missing_ok=True)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(role))
        if not self._web_password_file.exists():
            _new_password(self._web_password_file)
            password = self._web_password_file.read_text().strip()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))

    def _command(self, settings: tuple[str, ...]) -> list[str | Path]:
        fixed = (
            "listen_addresses=",
            f"unix_socket_directories={self._sockets}",
            "unix_socket_permissions=0700",
            # What people gave stands in the details of an error and in its statement, and not in a log.
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
        )
        options = [part for setting in (*fixed, *settings) for part in ("-c", setting)]
        return [self._binaries / "postgres", "-D", self.data, *options]

    def _create_cluster(self) -> None:
        """Made beside its place and then renamed, so a start that is cut off leaves no half cluster."""
        if self.data.exists():
            raise SupervisorError(f"{self.data} holds no database cluster; move it away and start again.")
        self._password_file.unlink(missing_ok=True)
        _new_password(self._password_file)
        unfinished = self.data.with_name(f"{self.data.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        own_folder(unfinished, self._account)
        self._run_initdb(unfinished)
        unfinished.rename(self.data)

    def _run_initdb(self, folder: Path) -> None:
        # initdb reads the password as the account it runs as, which cannot read this user's file.
        password_file = folder.with_name(f"{folder.name}.password")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password_file.read_text())
        if self._account is not None:
            os.chown(password_file, self._account.uid, self._account.gid)
        result = subprocess.run(
            [self._binaries / "initdb", *_INITDB, f"--pwfile={password_file}", "-D", folder],
            cwd="/",
            env=_ENVIRON,
            capture_output=True,
            text=True,
            **(self._account.for_subprocess() if self._account else {}),
        )
        password_file.unlink()
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SupervisorError(f"PostgreSQL's data folder could not be created: {reason}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _new_password(file: Path) -> None:
    """Write a password that nobody but the file's owner can read."""
    file.touch(mode=0o600)
    file.write_text(secrets.token_urlsafe(32) + "\n")
