"""Messages of a past that is only told: listed for the person, and never sent to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from portal.notifications.deliveries import WIPED
from portal.notifications.models import DeliveryStatus

_is_told: ContextVar[bool] = ContextVar("told_past", default=False)


@contextmanager
def as_history() -> Iterator[None]:
    """Take every delivery written inside the block for handed over at the moment it is written (clock.now).

    For the demo world: people find months of messages in the portal, and no mailbox gets one of them.
    """
    token = _is_told.set(True)
    try:
        yield
    finally:
        _is_told.reset(token)


def is_history() -> bool:
    """Whether what is written now belongs to a past that is only told."""
    return _is_told.get()


def handed_over(row: dict[str, Any], moment: datetime, *, confidential: bool) -> dict[str, Any]:
    """The delivery `row` as it is once a provider has taken it; a code or a link is wiped, as then."""
    if row["status"] is not DeliveryStatus.PENDING:
        return row
    done = row | {"status": DeliveryStatus.SENT, "sent_at": moment, "awaits_digest": False}
    if confidential:
        done |= {"body": WIPED, "body_html": None, "template_data": {}}
    return done
