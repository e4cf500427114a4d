"""The supervisor's parts on their own: members, restarts, folders, preparation."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from portal.supervisor import folders, restarts
from portal.supervisor.accounts import Account
from portal.supervisor.errors import SupervisorError
from portal.supervisor.processes import Member
from portal.supervisor.restarts import Restarts
from portal.supervisor.runtime import lock
from tests.supervisor.stand_in import ROOT
from tests.supervisor.waiting import eventually


def member(folder: Path, script: str, **options: object) -> Member:
    """A member that runs a Python script."""
    told = {"ready": lambda: (folder / "ready").exists(), **options}
    return Member(
        name="actor",
        command=(sys.executable, "-c", script),
        log=folder / "actor.log",
        environ=dict(os.environ),
        folder=folder,
        **told,  # type: ignore[arg-type]
    )


def test_a_member_that_ignores_its_signal_is_ended_after_its_grace(tmp_path: Path) -> None:
    script = "import signal, pathlib; signal.signal(15, signal.SIG_IGN); pathlib.Path('ready').touch()\nwhile 1: signal.pause()"
    stubborn = member(tmp_path, script, grace_seconds=0.1)
    stubborn.start()
    stubborn.wait_ready()
    stubborn.stop()
    assert stubborn.pid is None


def test_a_member_that_is_never_ready_is_named(tmp_path: Path) -> None:
    slow = member(tmp_path, "import signal; print('thinking', flush=True); signal.pause()")
    slow.start()
    try:
        with pytest.raises(SupervisorError, match=r"actor was not ready after 1 s"):
            slow.wait_ready(seconds=1)
    finally:
        slow.stop()


def test_a_member_that_is_gone_is_not_ready_because_somebody_else_answers(tmp_path: Path) -> None:
    shut_out = member(tmp_path, "raise SystemExit('my port is taken')", ready=lambda: True)
    shut_out.start()
    eventually(lambda: shut_out.pid is None)
    with pytest.raises(SupervisorError, match=r"actor stopped while starting.*my port is taken"):
        shut_out.wait_ready()


class FailingMember:
    """A member that dies as soon as it is started."""

    name, wanted, pid = "actor", True, None

    def __init__(self) -> None:
        self.starts, self.age_seconds = 0, 0.0

    def start(self) -> None:
        self.starts += 1

    def kill(self, number: signal.Signals) -> None:
        pass

    def last_words(self) -> str:
        return "Its last words: nothing."


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A monotonic clock that stands still until `now` is changed."""
    moment = SimpleNamespace(now=0.0)
    monkeypatch.setattr(restarts, "time", SimpleNamespace(monotonic=lambda: moment.now))
    return moment


def test_restarts_come_later_each_time_up_to_half_a_minute(seconds: SimpleNamespace) -> None:
    said: list[str] = []
    keeper, dying = Restarts(said.append), FailingMember()
    for _death in range(8):
        assert not keeper.look_after(dying)  # type: ignore[arg-type]
        seconds.now += 100
        assert keeper.look_after(dying)  # type: ignore[arg-type]
    pauses = [line.split(" in ")[1].split(" s.")[0] for line in said]
    assert pauses == ["0.5", "1", "2", "4", "8", "16", "30", "30"]


def test_a_long_life_makes_the_next_restart_quick_again(seconds: SimpleNamespace) -> None:
    said: list[str] = []
    keeper, dying = Restarts(said.append), FailingMember()
    for age in (0.0, 0.0, 3600.0):
        dying.age_seconds = age
        keeper.look_after(dying)  # type: ignore[arg-type]
        seconds.now += 100
        keeper.look_after(dying)  # type: ignore[arg-type]
    assert "starts again in 0.5 s" in said[-1]


def test_a_restart_waits_for_its_time(seconds: SimpleNamespace) -> None:
    keeper, dying = Restarts(lambda line: None), FailingMember()
    keeper.look_after(dying)  # type: ignore[arg-type]
    seconds.now += 0.4
    assert not keeper.look_after(dying)  # type: ignore[arg-type]
    assert dying.starts == 0


def test_a_lock_without_a_living_owner_is_waited_for(tmp_path: Path) -> None:
    # The first holder stands for a database that is still writing after its supervisor was killed.
    held = lock(tmp_path)
    (tmp_path / "supervisor.lock").write_text("999999999\n")
    with pytest.raises(SupervisorError, match="Processes of an earlier start still use"):
        lock(tmp_path, seconds=0.1)
    os.close(held)
    os.close(lock(tmp_path))


class ShutOut(Account):
    """An account that may enter nothing but the system's shared folder."""

    def can_enter(self, folder: Path) -> bool:
        return False


@pytest.fixture
def outsider() -> ShutOut:
    """An account that cannot reach the checkout."""
    return ShutOut(os.geteuid(), os.getegid())


def test_a_closed_checkout_keeps_its_database_in_a_folder_of_the_system(
    tmp_path: Path, outsider: ShutOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_SHARED", tmp_path / "system")
    data = folders.postgres_data(tmp_path / "closed", outsider)
    assert data.parent == tmp_path / "system"
    assert data != folders.postgres_data(tmp_path / "closed too", outsider)


def test_a_closed_checkout_runs_a_copy_of_the_database_programs(
    tmp_path: Path, outsider: ShutOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_SHARED", tmp_path / "system")
    programs = folders.postgres_binaries(outsider)
    assert programs.is_relative_to(tmp_path / "system")
    version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True).stdout
    assert version.startswith("postgres (PostgreSQL) 18")
    assert folders.postgres_binaries(outsider) == programs
    assert not list((tmp_path / "system").glob("unfinished-*"))


def test_a_long_path_gets_a_short_private_folder_for_sockets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    folder = folders.socket_folder(deep, None)
    try:
        assert len(str(folder / "postgres" / ".s.PGSQL.5432")) < 107
        assert folder.stat().st_mode & 0o066 == 0
    finally:
        folder.rmdir()


def test_a_socket_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)
    with pytest.raises(SupervisorError, match="belongs to somebody else"):
        folders.socket_folder(tmp_path, None)


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The preparation script, as if its checkout were elsewhere."""
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "portal" / "supervisor" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements.txt").write_text("")
    changed = {
        "ROOT": tmp_path,
        "PYTHON": Path(sys.executable),
        "REQUIREMENTS": tmp_path / "requirements.txt",
        "INSTALLED": tmp_path / ".installed",
        "CATALOGS": tmp_path / "translations",
    }
    for name, value in changed.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_packages_are_installed_only_when_the_pins_changed(
    prepare: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert prepare.main() == 0
    assert "Installing the packages" in capfd.readouterr().out
    assert prepare.main() == 0
    assert "Installing the packages" not in capfd.readouterr().out
    (tmp_path / "requirements.txt").write_text("# another pin\n")
    assert prepare.main() == 0
    assert "Installing the packages" in capfd.readouterr().out


def test_an_installation_that_failed_is_tried_again(
    prepare: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "requirements.txt").write_text("this is no requirement\n")
    for _attempt in range(2):
        assert prepare.main() == 1
        assert "The packages could not be installed" in capfd.readouterr().err
    assert not (tmp_path / ".installed").exists()


def test_a_translation_is_compiled_when_it_is_newer(prepare: ModuleType, tmp_path: Path) -> None:
    catalog = tmp_path / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "gift"\nmsgstr "cadeau"\n'
    )
    assert prepare.main() == 0
    compiled = catalog.with_suffix(".mo")
    assert b"cadeau" in compiled.read_bytes()
    first = compiled.stat().st_mtime_ns
    assert prepare.main() == 0
    assert compiled.stat().st_mtime_ns == first
