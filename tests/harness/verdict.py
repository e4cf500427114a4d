"""What failed before pytest began is said again just above pytest's own closing line."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    failed = os.environ.get("PORTAL_FAILED_CHECKS", "")
    if failed:
        terminalreporter.write_line(f"Failed before the tests began: {failed}.", red=True)
