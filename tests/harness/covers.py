"""`@pytest.mark.covers("POT-16", …)`: which rows of docs/capabilities.md a test proves, kept for bin/capabilities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.capabilities import Record, capability_ids

_PROPERTY = "covers"


class _Results:
    """Gathers, in the process pytest was called as, what every test proved."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = dict(report.user_properties).get(_PROPERTY)
        if ids is None:
            return
        # A test of a shared process carries the group's name behind its own.
        test = self._tests.setdefault(report.nodeid.removesuffix("@browser"), {"covers": ids, "passed": True})
        test["passed"] = test["passed"] and report.passed

    def pytest_sessionfinish(self) -> None:
        if self._tests:
            Record().add(self._tests, whole=_is_whole_run(self._config))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(*ids): the rows of docs/capabilities.md that this test proves")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Results(config), "capability-results")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = capability_ids()
    problems = []
    for item in items:
        ids = [id_ for mark in item.iter_markers("covers") for id_ in mark.args]
        problems += [f"{item.nodeid} covers {id_}" for id_ in ids if id_ not in known]
        if ids:
            item.user_properties.append((_PROPERTY, sorted(set(ids))))
    if problems:
        raise pytest.UsageError("docs/capabilities.md has no such row: " + "; ".join(problems))


def _is_whole_run(config: pytest.Config) -> bool:
    option = config.option
    narrowed = option.keyword or option.markexpr or option.deselect or getattr(option, "lf", False)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed
