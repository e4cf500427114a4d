"""Doing things at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import TypeVar

from flask import Flask

Result = TypeVar("Result")


def at_once(app: Flask, works: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each piece of work gives, run in threads that start together at the test's own moment.

    Each has an app context and connections of its own. The first failure is raised again.
    """
    gate = threading.Barrier(len(works))
    results: list[Result] = []
    failures: list[BaseException] = []

    def run(work: Callable[[], Result]) -> None:
        with app.app_context():
            gate.wait()
            try:
                results.append(work())
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=copy_context().run, args=(run, work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
