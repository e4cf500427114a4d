"""What operators change here, each change with its row in the trail."""

from __future__ import annotations

from typing import Any

from portal.audit.services import record
from portal.config.services import set_value
from portal.config.values import REGISTRY
from portal.kernel.actor import Actor
from portal.kernel.clock import now
from portal.kernel.jobs import enqueue


def change_value(key: str, typed: Any, *, reason: str, by: Actor) -> bool:
    """Put an operator value in force; False when it was that already (ADM-07 to ADM-11).

    Raises `InvalidInput` naming the bounds, `NotFound` for an unknown key.
    """
    before, after = set_value(key, typed, by=by)
    if before == after:
        return False
    told = REGISTRY[key].told
    record(
        "operator_value_changed",
        ("system_config", None),
        by=by,
        old={key: told(before)},
        new={key: told(after)},
        reason=reason,
    )
    return True


def run_now(job_name: str, *, by: Actor) -> bool:
    """Queue a timed job once, out of its turn; False when the queue does not take it."""
    slug, moment = job_name.replace(".", "-"), int(now().timestamp())
    if not enqueue(job_name, job_id=f"manual-{slug}", run_key=f"manual-{moment}"):
        return False
    record("job_started", ("job", None), by=by, details={"job": job_name})
    return True
