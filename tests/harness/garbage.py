"""The garbage collector leaves alone what stays for the whole run: modules, tables, ten thousand collected tests."""

from __future__ import annotations

import gc

import pytest

# A request makes some thousands of objects, nearly all of which end with it.
_ROUNDS = (20_000, 20, 50)


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_ROUNDS)
