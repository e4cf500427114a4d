"""What a process of the portal loads when it starts, which every start waits for and every process holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from portal.kernel.settings import PROJECT_ROOT

# The printer of invoices, the migrations and the makers of the demo world: for few moments, in few processes.
_HEAVY = ("fpdf", "fontTools", "alembic", "flask_migrate", "portal.demo.world")
_LOOK = f"import json, sys, wsgi; print(json.dumps([name for name in {_HEAVY!r} if name in sys.modules]))"


def test_a_web_process_loads_nothing_heavy_that_it_hardly_needs() -> None:
    nobody = {"DATABASE_URL": "postgresql://nobody/none", "REDIS_URL": "redis://127.0.0.1:9"}
    loaded = subprocess.run(
        [sys.executable, "-c", _LOOK],
        cwd=PROJECT_ROOT,
        env=os.environ | nobody,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(loaded.stdout) == []
