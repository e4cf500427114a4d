"""Figures that cost much to count and may be a minute old: kept in Valkey, counted anew when they are not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError

from portal.kernel import clock
from portal.kernel.jobs import valkey

log = structlog.get_logger(__name__)

Figures = dict[str, int]


def kept(name: str, age: timedelta, count: Callable[[], Figures]) -> tuple[Figures, datetime]:
    """What `count` found no longer than `age` ago, and when that was.

    Only for what is shown: no decision and no booking may rest on it. Counts now when Valkey is away.
    """
    key = f"figures:{name}"
    found = _read(key)
    if found is not None and timedelta(0) <= clock.now() - found[1] <= age:
        return found
    counted, moment = count(), clock.now()
    _write(key, counted, moment, age)
    return counted, moment


def _read(key: str) -> tuple[Figures, datetime] | None:
    """What is kept; None when there is nothing, or nothing that this portal wrote."""
    try:
        text = valkey().get(key)
        told = json.loads(text) if isinstance(text, bytes) else {}
        figures = {str(name): int(figure) for name, figure in told["figures"].items()}
        return figures, datetime.fromisoformat(told["at"])
    except (RedisError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _write(key: str, figures: Figures, moment: datetime, age: timedelta) -> None:
    try:
        valkey().set(key, json.dumps({"figures": figures, "at": moment.isoformat()}), ex=age)
    except RedisError as error:
        log.warning("figures_not_kept", error=type(error).__name__)
