"""Names of parametrised tests that every process of a parallel run makes the same."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pytest_make_parametrize_id(config: pytest.Config, val: Any, argname: str) -> str | None:
    """Sets in one order, fresh ids by a word; everything else as pytest names it."""
    if isinstance(val, set | frozenset):
        return "{" + ", ".join(sorted(map(str, val))) + "}"
    if isinstance(val, UUID) or (isinstance(val, str) and _UUID.search(val)):
        return _UUID.sub("some-id", str(val))
    return None
