"""The whole portal as one object: every server and process, in order, with handles to each of them."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.kernel import settings
from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.errors import SupervisorError
from portal.supervisor.ports import LOOPBACK, Ports
from portal.supervisor.postgres import WEB_ROLE, Postgres
from portal.supervisor.processes import Member
from portal.supervisor.programs import Programs
from portal.supervisor.restarts import Restarts
from portal.supervisor.runtime import lock, remove_runtime, write_runtime
from portal.supervisor.schema import Schema
from portal.supervisor.valkey import Valkey

_EMBEDDED = {"DATABASE_URL": "postgresql://embedded", "REDIS_URL": "unix:///embedded"}
_LEANED_ON = ("postgres", "valkey", "sandbox")
# Each thread would have a heap of its own, and keep what others could use.
_FRUGAL = {"MALLOC_ARENA_MAX": "2"}


class Stack:
    """Starts what is missing for a whole portal and stops exactly that; a context manager.

    `environ` is what the operator set (default: this process's environment); `env` is what the children get:
    change it and `restart` a member to change its settings. Nothing is embedded where `environ` already names
    a server. Members: postgres, valkey, sandbox, web, worker-1, worker-2, cron. Use it from one thread, the
    main one.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        environ: Mapping[str, str] | None = None,
        ports: Callable[[], Ports] = Ports.free,
        demo: bool = True,
        scale: int = 1,
        workers: int = 2,
        durable: bool = True,
        root: Path = PROJECT_ROOT,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.env = _FRUGAL | dict(os.environ if environ is None else environ)
        self._choose_ports = ports
        self._data_dir = data_dir.resolve()
        self._demo, self._scale = demo, scale
        self._workers, self._durable, self._root = workers, durable, root
        self._report = report
        self._restarts = Restarts(report)
        # Whoever owns the tables is known to what migrates, and to no process that serves.
        self._owner_url = self.env.pop("DATABASE_OWNER_URL", None)
        self._members: dict[str, Member] = {}
        self._lock: int | None = None
        self._ports: Ports | None = None

    def __enter__(self) -> Stack:
        """Start everything and return once it serves.

        Raises `SupervisorError` or `SettingsError`, with nothing left running.
        """
        try:
            self._start_all()
        except BaseException:
            self._stop_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_all()

    @property
    def ports(self) -> Ports:
        """Where its processes listen, once they are started."""
        assert self._ports is not None
        return self._ports

    @property
    def url(self) -> str:
        """Where the portal is."""
        return self.env["PUBLIC_URL"]

    @property
    def owner_url(self) -> str:
        """The database as its owner reaches it: the one of the portal where there is no other."""
        return self._owner_url or self.env["DATABASE_URL"]

    @property
    def sandbox_url(self) -> str | None:
        """Where the sandbox of the outside world is, if this stack runs one."""
        return f"http://{LOOPBACK}:{self.ports.sandbox}" if "sandbox" in self._members else None

    def pid(self, name: str) -> int | None:
        """The process id of a member, None while it does not run."""
        return self._members[name].pid

    def start(self, name: str) -> None:
        """Start a stopped or killed member and return once it is ready."""
        member = self._members[name]
        if member.pid is None:
            member.start()
        member.wait_ready()
        self._write_runtime()

    def stop(self, name: str) -> None:
        """Stop a member in peace; it stays stopped."""
        self._members[name].stop()
        self._write_runtime()

    def restart(self, name: str) -> None:
        """Stop a member, and start it with what `env` says now."""
        self.stop(name)
        self.start(name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a member and everything it started, as a crash would."""
        self._members[name].kill(number)

    def supervise(self) -> None:
        """Start again what died, at its time; call it now and then. Without it, what is killed stays dead."""
        restarted = [self._restarts.look_after(member) for member in self._members.values()]
        if any(restarted):
            self._write_runtime()

    def _start_all(self) -> None:
        self._data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._lock = lock(self._data_dir)
        self._check_settings()
        self._ports = self._choose_ports()
        self._begin_logs_and_metrics()
        self._start_database()
        self._start_valkey()
        with_sandbox = self._choose_providers()
        self.env.setdefault("PUBLIC_URL", f"http://{LOOPBACK}:{self.ports.web}")
        self._migrate_and_fill()
        found = Programs(self._root, self._data_dir, self.env, self.ports, inherits=(self._lock,))
        self._launch(found.doors(with_sandbox=with_sandbox), found.behind(workers=self._workers))

    def _begin_logs_and_metrics(self) -> None:
        for name in ("logs", "metrics"):
            shutil.rmtree(self._data_dir / name, ignore_errors=True)
            (self._data_dir / name).mkdir()
        self.env["PROMETHEUS_MULTIPROC_DIR"] = str(self._data_dir / "metrics")
        self.env["PYTHONUNBUFFERED"] = "1"

    def _check_settings(self) -> None:
        """Before anything starts; what this stack will fill in itself stands in for what is not set."""
        missing = [name for name in _EMBEDDED if not self.env.get(name)]
        if self._is_production and missing:
            raise SupervisorError(f"{missing[0]} is not set. Production brings its own servers.")
        self.env["PORTAL_DATA_DIR"] = str(self._data_dir)
        settings.load(self.env | {name: _EMBEDDED[name] for name in missing})

    @property
    def _is_production(self) -> bool:
        return self.env.get("PORTAL_ENV") == settings.Environment.PRODUCTION

    def _start_database(self) -> None:
        if self.env.get("DATABASE_URL"):
            return
        assert self._lock is not None
        server = Postgres(self._data_dir, durable=self._durable, inherits=(self._lock,))
        self._members["postgres"] = server.member
        self._timed("postgres", server.start)
        if not server.data.is_relative_to(self._data_dir):
            self._report(f"  PostgreSQL's account cannot enter this folder; its files are in {server.data}.")
        self.env["DATABASE_URL"], self._owner_url = server.web_url(), server.url()
        self.env["DATABASE_WEB_ROLE"] = WEB_ROLE

    def _start_valkey(self) -> None:
        if self.env.get("REDIS_URL"):
            return
        assert self._lock is not None
        server = Valkey(self._data_dir, durable=self._durable, inherits=(self._lock,))
        self._members["valkey"] = server.member
        self._timed("valkey", server.start)
        self.env["REDIS_URL"] = server.url

    def _choose_providers(self) -> bool:
        """Point every provider that the operator left open at the sandbox; whether the sandbox is needed."""
        if self._is_production:
            return False
        sandbox = f"http://{LOOPBACK}:{self.ports.sandbox}"
        mail = {"SMTP_HOST": LOOPBACK, "SMTP_PORT": str(self.ports.smtp)}
        offered = {
            "WAVE_API_URL": sandbox,
            "SMS_API_URL": sandbox,
            **({} if self.env.get("SMTP_HOST") else mail),
        }
        missing = {name: value for name, value in offered.items() if not self.env.get(name)}
        if missing:
            # Nobody needs these ways in: they are played where the sandbox runs anyway.
            missing |= _providers_of(sandbox, self.env)
        self.env.update(missing)
        return bool(missing)

    def _migrate_and_fill(self) -> None:
        owner = self.env | {"DATABASE_URL": self.owner_url}
        database = Schema(self._root, owner, self._data_dir / "logs" / "setup.log")
        if not database.is_current():
            self._timed("migrations", database.migrate)
        if self._demo and not self._is_production and database.wants_demo():
            self._timed("demo world", lambda: database.fill(self._scale))
        elif self._scale > 1:
            self._report("  --scale brings nothing: it fills an empty portal, with the demo world.")

    def _launch(self, doors: Sequence[Member], behind: Sequence[Member]) -> None:
        """First what people come in by: what works behind it must not take the processors from it."""
        for together in (doors, behind):
            for member in together:
                self._members[member.name] = member
                member.start()
            self._write_runtime()
            for member in together:
                self._timed(member.name, member.wait_ready)

    def _timed(self, name: str, work: Callable[[], object]) -> None:
        began = time.monotonic()
        work()
        self._report(f"{name:<12}ready  {time.monotonic() - began:5.2f} s")

    def _write_runtime(self) -> None:
        own = {name: value for name, value in self.env.items() if os.environ.get(name) != value}
        pids = {name: member.pid for name, member in self._members.items()}
        write_runtime(
            self._data_dir,
            {
                "public_url": self.url,
                "sandbox_url": self.sandbox_url,
                # Its password lies beside this file; a server of the operator's own keeps its secret.
                "owner_url": self.owner_url if "postgres" in self._members else None,
                "supervisor": os.getpid(),
                "pids": pids,
                "environ": own,
            },
        )

    def _stop_all(self) -> None:
        # The portal's own processes end together; what they lean on stays until they are done.
        for name, member in self._members.items():
            if name not in _LEANED_ON:
                member.ask_to_stop()
        for member in reversed(self._members.values()):
            member.stop()
        if self._ports is not None:
            self._ports.release()
        if self._lock is not None:
            remove_runtime(self._data_dir)
            os.close(self._lock)
            self._lock = None


def _providers_of(sandbox: str, env: Mapping[str, str]) -> dict[str, str]:
    """The providers that say who somebody is, as the sandbox plays them; one that the operator set up stays."""
    played = {
        "GOOGLE": {"URL": f"{sandbox}/oidc/google"},
        "APPLE": {"URL": f"{sandbox}/oidc/apple"},
        "FACEBOOK": {"URL": f"{sandbox}/facebook", "GRAPH_URL": f"{sandbox}/facebook"},
    }
    secret = {"CLIENT_SECRET": "sandbox-secret"}
    proofs = {"GOOGLE": secret, "APPLE": _team_key(), "FACEBOOK": secret}
    return {
        f"{provider}_{name}": value
        for provider, where in played.items()
        if not env.get(f"{provider}_CLIENT_ID")
        for name, value in (where | {"CLIENT_ID": "teranga-sandbox"} | proofs[provider]).items()
    }


def _team_key() -> dict[str, str]:
    """A key as Apple's console would give it, for this run; the sandbox reads the same."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return {"TEAM_ID": "SANDBOXTEAM", "KEY_ID": "SANDBOXKEY", "PRIVATE_KEY": pem.decode()}
