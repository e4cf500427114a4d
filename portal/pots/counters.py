"""Views and shares, counted without touching the pot's row: in Valkey first, into the rows once a minute.

Losing Valkey loses the counts of a minute and nothing that matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Integer, Uuid, column, update, values

from portal.kernel.db import transaction
from portal.kernel.jobs import valkey
from portal.pots.models import Pot

log = structlog.get_logger(__name__)

# Programs that open a link to draw its preview are no readers.
_PROGRAMS = ("bot", "whatsapp", "facebookexternalhit", "preview", "crawler", "spider", "curl", "python")


class Counter(StrEnum):
    """What is counted, named as its key in Valkey."""

    VIEWS = "pots:views"
    SHARES = "pots:shares"


def count(counter: Counter, pot_id: UUID) -> None:
    """One more of the pot; silently nothing while Valkey is away."""
    try:
        valkey().hincrby(counter, str(pot_id), 1)
    except RedisError as error:
        log.warning("counter_unreachable", counter=counter, error=type(error).__name__)


def is_reader(user_agent: str | None) -> bool:
    """Whether a person is likely to look, not a program."""
    name = (user_agent or "").lower()
    return bool(name) and not any(program in name for program in _PROGRAMS)


def flush() -> dict[str, int]:
    """Add what was counted since the last time to the pots, each counter in one statement (POT-12, POT-25)."""
    return {
        "views": _add(_taken(Counter.VIEWS), "view_count"),
        "shares": _add(_taken(Counter.SHARES), "share_count"),
    }


def _taken(counter: Counter) -> dict[UUID, int]:
    """The counts so far, taken out of Valkey in one step so that none is added twice."""
    try:
        with valkey().pipeline(transaction=True) as pipeline:
            pipeline.hgetall(counter)
            pipeline.delete(counter)
            counts: Mapping[bytes, bytes] = pipeline.execute()[0]
    except RedisError as error:
        log.warning("counter_unreachable", counter=counter, error=type(error).__name__)
        return {}
    return {UUID(pot_id.decode()): int(number) for pot_id, number in counts.items()}


def _add(counts: Mapping[UUID, int], name: str) -> int:
    if not counts:
        return 0
    added = values(column("pot_id", Uuid), column("number", Integer), name="added").data([*counts.items()])
    with transaction() as session:
        session.execute(
            update(Pot)
            .where(Pot.id == added.c.pot_id)
            .values({name: getattr(Pot, name) + added.c.number, "updated_at": Pot.updated_at}),
            execution_options={"synchronize_session": False},
        )
    return sum(counts.values())
