"""What the people's room does by itself."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.jobs import job
from portal.people import asking, fading


@job("people.grow_up", timeout=900)
def grow_up() -> dict[str, int]:
    """Make everybody who has turned 18 an adult."""
    return {"adults": fading.end_guardianships()}


@job(asking.ASK_JOB)
def ask_guardian(request_id: str) -> None:
    """Let the adult whom a minor has named know, once."""
    with transaction():
        asking.ask(UUID(request_id), by=SYSTEM)


@job("people.expire_guardian_requests", timeout=900)
def expire_guardian_requests() -> dict[str, int]:
    """End the questions to guardians that nobody has answered in time."""
    return {"requests": asking.expire_requests()}
