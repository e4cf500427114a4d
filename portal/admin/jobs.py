"""Background work of the room: the portal looks at itself."""

from __future__ import annotations

from collections import Counter

from portal.admin.checks import look
from portal.admin.health import keep
from portal.admin.person import count_lifetime_values
from portal.kernel.db import transaction
from portal.kernel.jobs import job


@job("admin.health", timeout=120)
def check_health() -> dict[str, int]:
    """Look at everything the portal stands on, write it down, tell admins of what fails (ADM-18, ADM-19)."""
    findings = look()
    with transaction():
        keep(findings)
    return dict(Counter(finding.status.value for finding in findings))


@job("admin.lifetime_values", timeout=900)
def keep_lifetime_values() -> dict[str, int]:
    """Count what people have paid so far (PPL-34)."""
    return {"people": count_lifetime_values()}
