"""The browser of the browser tests: the system's Chromium, or one that is installed now.

python -m tests.harness.chromium     installs one if there is none, and says which
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PACKAGES = ("chromium", "fonts-noto-core")


def installed_chromium() -> str | None:
    """The path of the system's Chromium, None when it has none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def main() -> int:
    """Make sure that there is a browser; 1 after one sentence when it cannot be had."""
    found = installed_chromium() or _playwright_chromium()
    if found is None:
        if not _install():
            print("No Chromium could be installed; the browser tests will fail.", file=sys.stderr)
            return 1
        found = installed_chromium() or _playwright_chromium()
    print(f"Browser tests use {found}.")
    return 0


def _playwright_chromium() -> str | None:
    script = (
        "import playwright.sync_api as p; c = p.sync_playwright().start(); print(c.chromium.executable_path)"
    )
    path = subprocess.run([sys.executable, "-c", f"{script}; c.stop()"], capture_output=True, text=True)
    name = path.stdout.strip()
    return name if name and Path(name).exists() else None


def _install() -> bool:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium with apt-get …", flush=True)
        return _succeeds("apt-get", "-q", "update") and _succeeds(
            "apt-get", "-q", "install", "-y", "--no-install-recommends", *_PACKAGES
        )
    print("Installing Chromium with Playwright …", flush=True)
    return _succeeds(sys.executable, "-m", "playwright", "install", "chromium")


def _succeeds(*command: str) -> bool:
    told = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
