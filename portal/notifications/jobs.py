"""Background work of the room: hand messages over, put digests together, count."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.jobs import job, wake
from portal.notifications.analytics import DAYS_REBUILT, count_day
from portal.notifications.deliveries import BATCH, claim, record_outcomes
from portal.notifications.digest import close_carried, put_together
from portal.notifications.handover import courier
from portal.notifications.services import DRAIN
from portal.notifications.unproved import to_unproved_numbers

# Well inside the job's time, so that the last batch is written down before the worker is stopped.
_SECONDS_FOR_NEW_BATCHES = 200.0
DIGEST_PORTION = 100


@job(DRAIN, timeout=300)
def deliver() -> dict[str, int]:
    """Hand every due delivery to its provider, batch by batch: claim, call, write down (R-54, NTF-39).

    Several workers may drain at once; each delivery is claimed by one of them. What the day has no room for
    (`unproved.py`) is counted as it is claimed, and the locks of the count end before anything is sent.
    """
    counts: Counter[str] = Counter()
    last_start = time.monotonic() + _SECONDS_FOR_NEW_BATCHES
    with courier() as messenger:
        while time.monotonic() < last_start:
            with transaction():
                claimed = claim()
                if len(claimed) == BATCH:
                    # There is more than one worker's share: another one that is free takes its part.
                    wake(DRAIN)
                let_through = to_unproved_numbers(claimed)
            if not claimed:
                break
            outcomes = [*let_through.ended, *messenger.hand_over(let_through.parcels)]
            with transaction():
                record_outcomes(outcomes)
                close_carried(outcomes)
            counts.update("sent" if outcome.is_sent else "failed" for outcome in outcomes)
    return dict(counts)


@job("notifications.digest", timeout=600)
def send_digests() -> dict[str, int]:
    """Put the messages that waited into one mail for each person whose hour has come (NTF-43)."""
    people = 0
    while True:
        with transaction():
            portion = put_together(DIGEST_PORTION)
        if not portion:
            return {"people": people}
        people += portion


@job("notifications.analytics", timeout=600)
def count() -> dict[str, int]:
    """Rebuild the counts of the last days, a transaction for each (NTF-48)."""
    for back in range(DAYS_REBUILT):
        with transaction():
            count_day(clock.today() - timedelta(days=back))
    return {"days": DAYS_REBUILT}
