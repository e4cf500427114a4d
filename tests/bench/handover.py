"""Messages from their commit to their hand-over at the mail server and the text message provider."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import func, select

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.ids import new_id
from portal.kernel.jobs import queue
from portal.notifications.models import DeliveryStatus, NotificationDelivery
from portal.notifications.services import notify
from tests.bench.ground import WORK, Ground
from tests.bench.report import Report
from tests.bench.size import Size
from tests.bench.traffic import percentile

LONGEST = 5.0
_LOOK_EVERY = 0.25
_PATIENCE = 600.0
_TEXTS_EACH = 4


def messages(ground: Ground, report: Report, size: Size) -> None:
    """Mails and, for each fourth guest, text messages: all of one commit, taken by two workers."""
    report.title("Messages from one commit to their hand-over, by the two workers")
    rows = []
    with ground.working(WORK):
        _finish_what_waits(ground, report)
        committed, run = _queue(ground, 20)
        _waits(ground, run, committed, 20)
        for count in size.messages:
            committed, run = _queue(ground, count)
            waits = _waits(ground, run, committed, count)
            rate = count / max(waits)
            rows.append((f"{count:,}", percentile(waits, 0.5), percentile(waits, 0.95), max(waits), rate))
            if count == size.messages[0]:
                first = percentile(waits, 0.95)
    report.table(("messages", "p50 s", "p95 s", "last s", "a second"), rows)
    report.at_most(f"seconds to hand over, p95 of {size.messages[0]:,} messages", first, LONGEST, " s")


def _finish_what_waits(ground: Ground, report: Report) -> None:
    """Let the workers do what the world left them, such as papers of settlements. Raises `AssertionError`."""
    began = time.monotonic()
    with ground.app(WORK).app_context():
        waiting = queue().count
        while queue().count and time.monotonic() - began < _PATIENCE:
            time.sleep(_LOOK_EVERY)
        assert not queue().count, (
            f"the workers did not finish what waited: {queue().count:,} of {waiting:,} are left"
        )
    if waiting:
        rate = waiting / (time.monotonic() - began)
        report.say(f"  before: {waiting:,} follow-ups were open, done at {rate:.0f} a second")


def _queue(ground: Ground, count: int) -> tuple[datetime, str]:
    """So many invitations in one transaction; when they were committed, and how they are told from others."""
    run = new_id().hex
    with ground.app(WORK).app_context():
        with transaction():
            for number in range(count):
                is_text = number % _TEXTS_EACH == 0
                notify(
                    "invitation",
                    event_key=f"bench:{run}:{number}",
                    data={
                        "sponsor": "Moussa",
                        "name": "Awa",
                        "message": "Viens !",
                        "expires": clock.now(),
                        "link": f"https://teranga.example/r/{run}",
                    },
                    email=None if is_text else f"{run}.{number}@courriel.example",
                    phone=f"+22177{number:07d}" if is_text else None,
                    expires_at=None,
                    by=SYSTEM,
                )
        return datetime.now(UTC), run


def _waits(ground: Ground, run: str, committed: datetime, count: int) -> list[float]:
    """How long each message took, once all are handed over. Raises `AssertionError` when they are not."""
    row = NotificationDelivery
    ours = row.template_data["link"].astext.endswith(run)
    ends = time.monotonic() + _PATIENCE
    with ground.app(WORK).app_context():
        while time.monotonic() < ends:
            time.sleep(_LOOK_EVERY)
            with transaction() as session:
                open_ones = session.scalar(
                    select(func.count()).where(ours, row.status == DeliveryStatus.PENDING)
                )
            if not open_ones:
                break
        with transaction() as session:
            sent = session.scalars(select(row.sent_at).where(ours, row.sent_at.is_not(None))).all()
    assert len(sent) == count, f"{len(sent)} of {count} messages were handed over"
    return [(moment - committed).total_seconds() for moment in sent if moment is not None]
