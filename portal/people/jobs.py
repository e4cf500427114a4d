"""What the people's room does by itself."""

from __future__ import annotations

from portal.kernel.jobs import job
from portal.people import fading


@job("people.grow_up", timeout=900)
def grow_up() -> dict[str, int]:
    """Make everybody who has turned 18 an adult."""
    return {"adults": fading.end_guardianships()}
