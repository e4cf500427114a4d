"""The fixtures every test may ask for come from `tests/harness`."""

from __future__ import annotations

pytest_plugins = [
    "tests.harness.network",
    "tests.harness.covers",
    "tests.harness.stable_ids",
    "tests.harness.examples",
    "tests.harness.garbage",
    "tests.harness.servers",
    "tests.harness.database",
    "tests.harness.application",
    "tests.harness.moments",
    "tests.harness.statements",
    "tests.harness.wave",
    "tests.harness.browser",
    "tests.harness.verdict",
]
