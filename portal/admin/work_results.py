"""What a run of a timed job has counted, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.kernel.i18n import lazy
from portal.kernel.models import JobRun
from portal.payments.wallet import COMPARE_JOB, Comparison

RESULT_LABELS: dict[str, str] = {
    "accepted": lazy("Accepted"),
    "adults": lazy("Grown up"),
    "requests": lazy("Questions that have ended"),
    "books": lazy("In the books"),
    "broken": lazy("Broken off"),
    "confirmed": lazy("Confirmed"),
    "bytes": lazy("Files without a name removed"),
    "canceled": lazy("Canceled"),
    "copies": lazy("Copies of data removed"),
    "lost_copies": lazy("Copies of data that failed for good"),
    "counts": lazy("Counts of days forgotten"),
    "days": lazy("Days counted"),
    "degraded": lazy("Degraded"),
    "difference": lazy("Difference"),
    "due": lazy("To be done"),
    "ended": lazy("Ended"),
    "erased": lazy("Erased"),
    "expired": lazy("Expired"),
    "failed": lazy("Failed"),
    "follow_ups": lazy("Follow-ups forgotten"),
    "healthy": lazy("Healthy"),
    "held": lazy("Kept apart"),
    "known": lazy("Known already"),
    "lines": lazy("Sums kept"),
    "made": lazy("Made"),
    "matured": lazy("Made available"),
    "activated": lazy("Have stayed"),
    "on_its_way": lazy("On its way"),
    "opened": lazy("Opened"),
    "paid": lazy("Paid"),
    "passed": lazy("Passed over"),
    "pending": lazy("Pending"),
    "people": lazy("People"),
    "periods": lazy("Periods"),
    "pictures": lazy("Pictures removed"),
    "pots": lazy("Pots"),
    "previews": lazy("Pictures of shared links removed"),
    "partially_refunded": lazy("Partly refunded"),
    "processing": lazy("In progress"),
    "promised": lazy("Promised"),
    "queued": lazy("Handed to the queue"),
    "refunded": lazy("Refunded"),
    "refused": lazy("Refused"),
    "reminded": lazy("Reminded"),
    "returned": lazy("Came back"),
    "review": lazy("To check"),
    "runs": lazy("Runs forgotten"),
    "sent": lazy("Sent"),
    "settled": lazy("Brought to an end"),
    "shares": lazy("Shares"),
    "told": lazy("Announced"),
    "succeeded": lazy("Succeeded"),
    "rows": lazy("Rows of the audit log"),
    "months": lazy("Months of the audit log prepared"),
    "throttled": lazy("Held up by Wave"),
    "unanswered": lazy("Without an answer"),
    "unhealthy": lazy("Unhealthy"),
    "units": lazy("Units checked"),
    "unknown": lazy("Unknown"),
    "views": lazy("Views"),
    "waiting": lazy("Waiting"),
    "wave": lazy("At Wave"),
}
_TENTH = timedelta(milliseconds=100)
_SUMS_OF_MONEY = {*Comparison.__slots__, "difference"}


def results_of(run: JobRun) -> Iterator[tuple[str, int, bool]]:
    """What was counted: its name, how many, and whether it is XOF; of a list kept, its length."""
    for name, counted in run.counts.items():
        if isinstance(counted, str):
            # Not a number: what the next run begins from.
            continue
        is_money = run.job_name == COMPARE_JOB and name in _SUMS_OF_MONEY
        yield RESULT_LABELS.get(name, name), _number(counted), is_money


def seconds_of(run: JobRun) -> Decimal:
    """How long a finished run took, to a tenth."""
    assert run.finished_at is not None
    return Decimal((run.finished_at - run.started_at) // _TENTH).scaleb(-1)


def _number(counted: Any) -> int:
    return len(counted) if isinstance(counted, list | dict) else int(counted)
