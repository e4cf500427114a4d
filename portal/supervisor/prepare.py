"""Make a checkout ready to run: the virtual environment, the pinned packages, the compiled translations.

Run as a file by any Python from 3.11 on, before anything is installed, so it needs the standard library only.
Doing it again costs nothing when nothing changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
INSTALLED = VENV / ".installed"
CATALOGS = ROOT / "portal" / "translations"


class PreparationError(Exception):
    """Something that must be there cannot be had; the message is for the person at the terminal."""


def main() -> int:
    """Prepare the checkout; 1 after one sentence when that is impossible."""
    (ROOT / "instance").mkdir(exist_ok=True)
    try:
        with (ROOT / "instance" / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _create_environment()
            _install_packages()
            _compile_translations()
    except PreparationError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _create_environment() -> None:
    probe = ("-c", "pass") if INSTALLED.exists() else ("-m", "pip", "--version")
    if _works([PYTHON, *probe]):
        return
    print("Creating .venv …", flush=True)
    _run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        "The virtual environment could not be created. On Debian and Ubuntu, install the package python3-venv.",
    )


def _install_packages() -> None:
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text().strip() == wanted:
        return
    print("Installing the packages of requirements.txt …", flush=True)
    INSTALLED.unlink(missing_ok=True)
    quietly = ["-qq", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    _run(
        [PYTHON, "-m", "pip", "install", *quietly, "--require-hashes", "--requirement", REQUIREMENTS],
        "The packages could not be installed; what pip said is above. Start again once the network is there.",
    )
    INSTALLED.write_text(wanted + "\n")


def _compile_translations() -> None:
    stale = [catalog for catalog in CATALOGS.glob("*/LC_MESSAGES/messages.po") if _is_stale(catalog)]
    for catalog in stale:
        _run(
            [
                *(PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile"),
                *("--input-file", catalog, "--output-file", catalog.with_suffix(".mo")),
                *("--locale", catalog.parents[1].name),
            ],
            f"The translations in {catalog.relative_to(ROOT)} could not be compiled.",
        )


def _is_stale(catalog: Path) -> bool:
    compiled = catalog.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime


def _works(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def _run(command: Sequence[str | Path], sentence: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        raise PreparationError(sentence)


if __name__ == "__main__":
    sys.exit(main())
