"""What was found when the portal looked at itself, kept for a week (ADM-18, ADM-19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.config.models import HealthStatus, SystemHealthCheck
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.notifications.services import alert_admins

KEPT = timedelta(days=7)
SHOWN = timedelta(hours=1)
# The checks run every minute; after so long without one, nobody is looking.
STALE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    service: str
    check: str
    status: HealthStatus
    took_ms: int
    data: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def newest_results() -> Sequence[SystemHealthCheck]:
    """The newest result of every check of the last hour, one statement."""
    return db.session.scalars(
        select(SystemHealthCheck)
        .where(SystemHealthCheck.checked_at > clock.now() - SHOWN)
        .order_by(
            SystemHealthCheck.service_name,
            SystemHealthCheck.check_name,
            SystemHealthCheck.checked_at.desc(),
        )
        .ext(distinct_on(SystemHealthCheck.service_name, SystemHealthCheck.check_name))
    ).all()


def is_stale(results: Sequence[SystemHealthCheck]) -> bool:
    """Whether nothing has been looked at for too long."""
    newest = max((result.checked_at for result in results), default=None)
    return newest is None or clock.now() - newest > STALE_AFTER


def keep(findings: Sequence[Finding]) -> None:
    """Write a round of findings, forget old ones, and tell admins of what fails for the second time in a row."""
    before = {(row.service_name, row.check_name): row.status for row in newest_results()}
    moment = clock.now()
    db.session.execute(insert(SystemHealthCheck), [_row(finding, moment) for finding in findings])
    db.session.execute(delete(SystemHealthCheck).where(SystemHealthCheck.checked_at < moment - KEPT))
    for finding in findings:
        failed_before = before.get((finding.service, finding.check)) is HealthStatus.UNHEALTHY
        if finding.status is HealthStatus.UNHEALTHY and failed_before:
            _alert(finding)


def _row(finding: Finding, moment: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "service_name": finding.service,
        "check_name": finding.check,
        "status": finding.status,
        "response_time_ms": finding.took_ms,
        "check_data": finding.data,
        "error_message": finding.error,
        "checked_at": moment,
    }


def _alert(finding: Finding) -> None:
    """Once for each time that a check stops being healthy."""
    since = db.session.scalar(
        select(SystemHealthCheck.checked_at)
        .where(
            SystemHealthCheck.service_name == finding.service,
            SystemHealthCheck.check_name == finding.check,
            SystemHealthCheck.status != HealthStatus.UNHEALTHY,
        )
        .order_by(SystemHealthCheck.checked_at.desc())
        .limit(1)
    )
    episode = since.isoformat() if since else "always"
    alert_admins(
        "operations_alert",
        event_key=f"health:{finding.service}:{finding.check}:{episode}",
        data={"subject": f"{finding.service} ({finding.check})", "detail": finding.error or "—"},
        action_link="/admin/health",
        by=SYSTEM,
    )
