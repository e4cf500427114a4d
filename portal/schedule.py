"""The one schedule: what runs by itself and how often. `python -m portal.schedule` keeps the time.

Every job finds its own work from the rows, so that three days of downtime cost a delay and nothing else,
and two schedulers at once run each slot once (the key of the run is unique).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rq.cron import CronJob, CronScheduler
from rq.job import Job

from portal import create_app
from portal.kernel.db import transaction
from portal.kernel.jobs import QUEUE_NAME, REGISTRY, enqueue, valkey
from portal.notifications.templates import sync_templates

MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Timed:
    """A registered job and the seconds between two runs."""

    job: str
    every: int


SCHEDULE: tuple[Timed, ...] = (
    Timed("kernel.sweep", 10),
    Timed("kernel.forget", 24 * HOUR),
    Timed("kernel.clear_files", 24 * HOUR),
    Timed("admin.health", MINUTE),
    Timed("admin.lifetime_values", 24 * HOUR),
    Timed("audit.make_months", 24 * HOUR),
    Timed("audit.seal", 15),
    Timed("audit.verify", HOUR),
    Timed("identity.close_staff_work", 5 * MINUTE),
    Timed("identity.clear_unfinished", HOUR),
    Timed("ledger.self_check", HOUR),
    Timed("notifications.deliver", 10),
    Timed("notifications.digest", HOUR),
    Timed("notifications.analytics", HOUR),
    Timed("payments.poll_open", 30),
    Timed("payments.ask_refunds", 5 * MINUTE),
    Timed("payments.compare_wallet", HOUR),
    Timed("payments.match_week", 24 * HOUR),
    Timed("people.expire_guardian_requests", HOUR),
    Timed("people.grow_up", HOUR),
    Timed("pots.open_due", MINUTE),
    Timed("pots.close_due", MINUTE),
    Timed("pots.flush_counters", MINUTE),
    Timed("pots.snapshot", HOUR),
    Timed("pots.clear_previews", 24 * HOUR),
    Timed("privacy.erase_due", HOUR),
    Timed("privacy.keep_in_time", 24 * HOUR),
    Timed("redemptions.announce", 15),
    Timed("redemptions.expire", 10 * MINUTE),
    Timed("redemptions.remind", HOUR),
    Timed("referrals.expire", MINUTE),
    Timed("referrals.mature", 5 * MINUTE),
    Timed("referrals.accept", HOUR),
    Timed("referrals.activate", HOUR),
    Timed("settlements.compute", 10 * MINUTE),
    Timed("payouts.poll", 30),
    Timed("teams.expire", 10 * MINUTE),
)


class SlotJob(CronJob):
    """A timed job whose queue id names its time slot, so that a second scheduler adds nothing."""

    def __init__(self, timed: Timed) -> None:
        super().__init__(
            queue_name=QUEUE_NAME, func=REGISTRY[timed.job].function, interval=timed.every, name=timed.job
        )
        self.timed = timed

    def enqueue(self, connection: Any) -> Job:
        slot = int(time.time()) // self.timed.every
        slug = self.timed.job.replace(".", "-")
        enqueue(self.timed.job, job_id=f"cron-{slug}-{slot}", run_key=f"{self.timed.every}s-{slot}")
        return None  # type: ignore[return-value]


def main() -> None:
    """Keep the schedule until told to stop; first store the words of messages that this version speaks anew."""
    app = create_app()
    with app.app_context():
        with transaction():
            sync_templates()
        scheduler = CronScheduler(connection=valkey(), logging_level="WARNING")
        scheduler.get_jobs().extend(SlotJob(timed) for timed in SCHEDULE)
        scheduler.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
