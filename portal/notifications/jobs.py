"""Background work of the room."""

from __future__ import annotations

from portal.kernel.jobs import job


@job("notifications.deliver", timeout=300)
def deliver() -> dict[str, int]:
    """Hand every due delivery to its provider."""
    return {}
