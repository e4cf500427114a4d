"""How many requests are made up: few and always the same ones in `bin/test`, as many as asked for in `bin/fuzz`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, seed, settings

# Set by `bin/fuzz`.
_ASKED = os.environ.get("FUZZ_EXAMPLES")
_SEED = os.environ.get("FUZZ_SEED", "the same ones")
# What a slow machine or a large example takes says nothing about the portal.
_PATIENT = settings(
    deadline=None,
    database=None,
    derandomize=_ASKED is None,
    suppress_health_check=[*HealthCheck],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    print_blob=True,
)

Made = TypeVar("Made", bound=Callable[..., None])


def amount(few: int, **more: int) -> settings:
    """So many examples, or those asked for."""
    return settings(_PATIENT, max_examples=int(_ASKED) if _ASKED else few, **more)


def effort(few: int, of: str) -> Callable[[Made], Made]:
    """So many examples for one test, others for each `of`, and the same again for the same seed."""

    def decorate(test: Made) -> Made:
        made: Made = seed(f"{_SEED}: {of}")(amount(few)(test))
        return made

    return decorate
