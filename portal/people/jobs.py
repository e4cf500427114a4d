"""What the people's room does by itself."""

from __future__ import annotations

from portal.kernel.jobs import job
from portal.people import fading


@job("people.forget_scans", timeout=900)
def forget_scans() -> dict[str, int]:
    """Forget the scans of papers that were decided long ago."""
    return {"scans": fading.forget_scans()}


@job("people.grow_up", timeout=900)
def grow_up() -> dict[str, int]:
    """Make everybody who has turned 18 an adult."""
    return {"adults": fading.end_guardianships()}
