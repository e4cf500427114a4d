"""Run a command with the settings of the portal that runs from this checkout.

.venv/bin/python -m portal.supervisor.attach flask --app wsgi routes
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.runtime import read_runtime


def main() -> None:
    """Become the command; ends with one sentence when nothing runs here."""
    runtime = read_runtime(Path(os.environ.get("PORTAL_DATA_DIR") or PROJECT_ROOT / "instance"))
    if runtime is None:
        sys.exit("The portal does not run from this checkout; start it with bin/serve first.")
    # A command may do what the processes that serve may not.
    owner = {"DATABASE_OWNER_URL": runtime["owner_url"]} if runtime["owner_url"] else {}
    environ = {**os.environ, **owner, **runtime["environ"]}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    os.execvpe(sys.argv[1], sys.argv[1:], environ)


if __name__ == "__main__":
    main()
