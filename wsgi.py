"""What the web server loads."""

from __future__ import annotations

import gc
import sys

# Draws coloured errors for structlog where it is installed, as with our tools: for terminals, four megabytes.
sys.modules["rich"] = None  # type: ignore[assignment]

from portal import create_app  # noqa: E402  (it loads structlog)

app = create_app()

# A thread that comes back from the database goes on within a millisecond, whatever page another one makes.
sys.setswitchinterval(0.001)
# What is loaded now stays until the end: the collector need not look at it again and again, and is quick.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 10, 10)
