"""What runs by itself: the timed jobs of the simulated days, and the follow-ups of every deed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from portal.demo.stage import Stage
from portal.kernel import clock
from portal.kernel.jobs import REGISTRY, FollowUps
from portal.kernel.work import perform, perform_run

_MONDAY = 0
# Papers are written when there is time: until then a page writes what is asked for.
_LEFT_TO_WORKERS = frozenset({"settlements.file_paper"})
_NIGHTLY = ("pots.open_due", "pots.close_due")
_NOW_AND_THEN = (
    "redemptions.expire",
    "redemptions.announce",
    "redemptions.remind",
    "referrals.expire",
    "referrals.mature",
    "teams.expire",
)
_WEEKLY = ("pots.snapshot", "notifications.analytics")
_AT_THE_END = (
    *_NIGHTLY,
    *_NOW_AND_THEN,
    "settlements.compute",
    "payments.match_week",
    "payments.compare_wallet",
    "pots.flush_counters",
    *_WEEKLY,
    "ledger.self_check",
)


def plan_jobs(stage: Stage) -> None:
    """Shortly after midnight, once a week, and a minute ago; the last runs are kept for the page of jobs."""
    for day in range(-176, 1):
        date = stage.days.date(day)
        stage.agenda.at(stage.days.at(day, 0, 12), partial(_run, _NIGHTLY))
        if day % 3 == 0:
            stage.agenda.at(stage.days.at(day, 0, 20), partial(_run, _NOW_AND_THEN))
        if date.weekday() == _MONDAY or date.day == 1:
            stage.agenda.at(stage.days.at(day, 0, 30), partial(_run, ("settlements.compute",)))
        if day % 7 == 0:
            stage.agenda.at(stage.days.at(day, 0, 40), partial(_run, _WEEKLY))
        # It looks seven days back, so that none is left out between two runs.
        if day % 6 == 0:
            stage.agenda.at(stage.days.at(day, 0, 50), partial(_run, ("payments.match_week",)))
    stage.agenda.at(stage.days.now - timedelta(minutes=1), _run_for_the_record)


def do_follow_ups(asked: FollowUps) -> None:
    """What a worker does a moment after a commit, and what that asks for in turn."""
    while asked:
        job_name, event_id = asked.pop(0)
        if job_name not in _LEFT_TO_WORKERS:
            perform(job_name, event_id=str(event_id))


def _run(names: tuple[str, ...]) -> None:
    for name in names:
        REGISTRY[name].function()


def _run_for_the_record() -> None:
    for name in _AT_THE_END:
        perform_run(name, f"demo:{clock.now():%Y%m%d%H%M}")
