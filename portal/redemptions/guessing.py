"""Typed codes can be guessed at; whoever misses too often has to wait (QR-02).

The count lies in Valkey. When Valkey is away nobody is held up: twelve random signs are their own defence.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from redis.exceptions import RedisError

from portal.config.values import TYPED_MISSES, value_of
from portal.kernel.errors import TooMany
from portal.kernel.i18n import ngettext
from portal.kernel.jobs import valkey

_WINDOW_SECONDS = 600

log = structlog.get_logger(__name__)


def check_misses(user_id: UUID | None) -> None:
    """Raise `TooMany` while somebody has typed too many unknown codes."""
    try:
        with valkey().pipeline() as asked:
            asked.get(_key(user_id))
            asked.ttl(_key(user_id))
            misses, left = asked.execute()
    except RedisError as error:
        log.warning("misses_unreachable", error=type(error).__name__)
        return
    if int(misses or 0) < value_of(TYPED_MISSES):
        return
    seconds = max(int(left), 1)
    minutes = -(-seconds // 60)
    message = ngettext(
        "Too many unknown codes. You can type again in %(num)s minute; the camera works meanwhile.",
        "Too many unknown codes. You can type again in %(num)s minutes; the camera works meanwhile.",
        minutes,
    )
    raise TooMany(message, retry_after=seconds)


def count_miss(user_id: UUID | None) -> None:
    """Remember one more unknown code."""
    try:
        with valkey().pipeline() as told:
            told.incr(_key(user_id))
            told.expire(_key(user_id), _WINDOW_SECONDS, nx=True)
            told.execute()
    except RedisError as error:
        log.warning("misses_unreachable", error=type(error).__name__)


def _key(user_id: UUID | None) -> str:
    return f"redemptions:misses:{user_id}"
