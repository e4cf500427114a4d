"""How the portal looks at itself. No transaction is open while a provider is asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from rq import Worker
from sqlalchemy import func, select, text

from portal import gateways
from portal.admin.books import last_proof_of_the_trail, last_self_check
from portal.admin.health import Finding
from portal.audit.models import AuditLog
from portal.config.models import HealthStatus
from portal.config.texting import codes_today, unproved_today
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.jobs import queue, valkey
from portal.kernel.models import JobRun, JobRunStatus, OutboxEvent
from portal.kernel.rights import owns_tables
from portal.kernel.settings import Settings
from portal.ledger.models import Account, OwnerType
from portal.notifications.unproved import waiting_for_room
from portal.payments.models import Refund
from portal.payments.policies import RUNNING
from portal.payouts.models import Payout, PayoutStatus
from portal.pots.models import Pot, PotStatus

_LONG_QUEUE = 500
_FULL_QUEUE = 5_000
_LATE_BY = timedelta(minutes=2)
_UNPROVED_AFTER = timedelta(hours=3)
_UNSEALED_AFTER = timedelta(minutes=5)
_UNANSWERED_AFTER = timedelta(days=1)
_NEARLY = 0.8
_DISK_LOW, _DISK_FULL = 0.10, 0.03

# A verdict: the state, what was measured, and why it is not healthy.
Verdict = tuple[HealthStatus, dict[str, Any], str | None]
HEALTHY, DEGRADED, UNHEALTHY = HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.UNHEALTHY


def look() -> list[Finding]:
    """Run every check; one that raises is unhealthy and does not stop the others."""
    return [_run(service, check, probe) for service, check, probe in CHECKS]


def database() -> Verdict:
    """PostgreSQL answers, and how large it is."""
    with transaction():
        size = db.session.scalar(text("SELECT pg_database_size(current_database())"))
    return HEALTHY, {"bytes": size}, None


def rights() -> Verdict:
    """The portal works as a role that policies and triggers hold (R-18)."""
    with transaction() as session:
        is_owner = owns_tables(session.connection())
    if not is_owner:
        return HEALTHY, {}, None
    is_real = current_app.config["SETTINGS"].is_production
    return (UNHEALTHY if is_real else DEGRADED), {}, "the portal owns its tables"


def cache() -> Verdict:
    """Valkey answers."""
    valkey().ping()
    return HEALTHY, {}, None


def waiting_jobs() -> Verdict:
    """How many jobs wait for a worker."""
    count = int(queue().count)
    return _by_limit(count, _LONG_QUEUE, _FULL_QUEUE, "jobs wait")


def workers() -> Verdict:
    """Somebody works."""
    alive = [worker.name for worker in Worker.all(connection=valkey())]
    return (HEALTHY, {"workers": len(alive)}, None) if alive else (UNHEALTHY, {"workers": 0}, "no worker")


def schedule() -> Verdict:
    """Timed jobs start when they should: the most frequent one has run just now."""
    with transaction():
        last = db.session.scalar(select(func.max(JobRun.started_at)).where(JobRun.job_name == "kernel.sweep"))
    return _by_age(last, _LATE_BY, "the schedule stands still")


def follow_ups() -> Verdict:
    """Nothing has been given up."""
    with transaction():
        failed = db.session.scalar(
            select(func.count()).select_from(OutboxEvent).where(OutboxEvent.failed_at.is_not(None))
        )
    return _by_limit(failed or 0, 1, 50, "follow-ups were given up")


def ledger() -> Verdict:
    """The newest self check found every sum at zero, not long ago (PAY-04)."""
    with transaction():
        last = last_self_check()
        if last is not None and last.status is JobRunStatus.FAILED:
            return UNHEALTHY, {}, (last.error or "the self check failed")[:500]
        checked_at = last.started_at if last else None
    return _by_age(checked_at, _UNPROVED_AFTER, "the ledger has not been checked", worst=DEGRADED)


def trail() -> Verdict:
    """The newest proof found the audit trail whole, not long ago (ADM-15)."""
    with transaction():
        last = last_proof_of_the_trail()
        if last is not None and last.status is JobRunStatus.FAILED:
            return UNHEALTHY, {}, (last.error or "the audit trail is broken")[:500]
        proved_at = last.started_at if last else None
    return _by_age(proved_at, _UNPROVED_AFTER, "the audit log has not been proved", worst=DEGRADED)


def seals() -> Verdict:
    """What happened is in the chain of the trail soon after."""
    late = select(func.count()).where(
        AuditLog.position.is_(None), AuditLog.occurred_at < clock.now() - _UNSEALED_AFTER
    )
    with transaction():
        waiting = db.session.scalar(late) or 0
    return (
        (DEGRADED, {"count": waiting}, "rows of the audit log wait")
        if waiting
        else (HEALTHY, {"count": 0}, None)
    )


def money_on_its_way() -> Verdict:
    """No refund and no payout has waited for the provider's answer since yesterday."""
    since = clock.now() - _UNANSWERED_AFTER
    asked_at = func.coalesce(Refund.processed_at, Refund.created_at)
    refunds = select(func.count()).where(Refund.status.in_(RUNNING), asked_at <= since)
    payouts = select(func.count()).where(
        Payout.status == PayoutStatus.PROCESSING, Payout.processing_at <= since
    )
    with transaction():
        waiting = db.session.scalar(select(refunds.scalar_subquery() + payouts.scalar_subquery()))
    return _by_limit(waiting or 0, 1, 1, "refunds or payouts have no answer since yesterday")


def money_at_rest() -> Verdict:
    """No settled pot holds money that nobody is taking anywhere, as after a refund that was refused."""
    held = (
        select(func.count())
        .select_from(Pot)
        .join(Account, (Account.owner_id == Pot.id) & (Account.owner_type == OwnerType.POT))
        .where(
            Pot.status == PotStatus.CLOSED,
            Pot.choose_until.is_(None),
            Account.posted_minor > Account.pending_out_minor,
        )
    )
    with transaction():
        forgotten = db.session.scalar(held)
    return _by_limit(forgotten or 0, 1, 1, "closed pots still hold money")


def codes() -> Verdict:
    """The codes by SMS of today are not used up."""
    with transaction():
        sent, most = codes_today()
    data = {"count": sent, "most": most}
    if sent >= most:
        return UNHEALTHY, data, "no more codes today"
    is_close = sent >= _NEARLY * most
    return (DEGRADED, data, "few codes are left today") if is_close else (HEALTHY, data, None)


def texts() -> Verdict:
    """No message to a number that nobody has proved waits because the day had no room for it."""
    with transaction():
        (sent, most), waiting = unproved_today(), db.session.scalar(select(waiting_for_room()))
    data = {"count": sent, "most": most}
    if waiting:
        return UNHEALTHY, data, "text messages wait for tomorrow"
    is_close = sent >= _NEARLY * most
    return (
        (DEGRADED, data, "little room is left for text messages today") if is_close else (HEALTHY, data, None)
    )


def wave() -> Verdict:
    """Wave answers with our balance."""
    settings: Settings = current_app.config["SETTINGS"]
    balance = gateways.wave(settings).get_balance()
    return HEALTHY, {"amount": balance.amount, "currency": balance.currency}, None


def disk() -> Verdict:
    """There is room for files and logs."""
    settings: Settings = current_app.config["SETTINGS"]
    usage = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else "/")
    free = usage.free / usage.total
    data = {"free_percent": round(100 * free)}
    if free < _DISK_FULL:
        return UNHEALTHY, data, "the disk is nearly full"
    return (DEGRADED, data, "little room is left") if free < _DISK_LOW else (HEALTHY, data, None)


CHECKS: tuple[tuple[str, str, Callable[[], Verdict]], ...] = (
    ("PostgreSQL", "answers", database),
    ("PostgreSQL", "rights", rights),
    ("Valkey", "answers", cache),
    ("jobs", "queue", waiting_jobs),
    ("jobs", "workers", workers),
    ("jobs", "schedule", schedule),
    ("jobs", "follow-ups", follow_ups),
    ("ledger", "self check", ledger),
    ("audit", "whole", trail),
    ("audit", "sealed", seals),
    ("money", "on its way", money_on_its_way),
    ("money", "at rest", money_at_rest),
    ("messages", "codes", codes),
    ("messages", "unproved", texts),
    ("Wave", "answers", wave),
    ("disk", "room", disk),
)


def _run(service: str, check: str, probe: Callable[[], Verdict]) -> Finding:
    start = time.monotonic()
    try:
        status, data, error = probe()
    except Exception as problem:
        status, data, error = UNHEALTHY, {}, f"{type(problem).__name__}: {problem}"[:500]
    return Finding(service, check, status, round(1000 * (time.monotonic() - start)), data, error)


def _by_limit(count: int, degraded: int, unhealthy: int, words: str) -> Verdict:
    if count < degraded:
        return HEALTHY, {"count": count}, None
    status = UNHEALTHY if count >= unhealthy else DEGRADED
    return status, {"count": count}, f"{count} {words}"


def _by_age(
    moment: datetime | None, limit: timedelta, words: str, *, worst: HealthStatus = UNHEALTHY
) -> Verdict:
    data = {"last": moment.isoformat() if moment else None}
    is_recent = moment is not None and clock.now() - moment <= limit
    return (HEALTHY, data, None) if is_recent else (worst, data, words)
