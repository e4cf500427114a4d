"""What the web server loads."""

from __future__ import annotations

import gc
import sys

from portal import create_app

app = create_app()

# A thread that comes back from the database goes on within a millisecond, whatever page another one makes.
sys.setswitchinterval(0.001)
# What is loaded now stays until the end: the collector need not look at it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 20)
