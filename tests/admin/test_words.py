"""Operators read words: every action, job, check and kind of movement that the code names has some."""

from __future__ import annotations

import re
from pathlib import Path

from portal.admin.checks import CHECKS
from portal.admin.trail_words import ACTION_LABELS
from portal.admin.work_words import CHECK_LABELS, JOB_LABELS, TRANSFER_LABELS
from portal.referrals.models import AwardEvent
from portal.schedule import SCHEDULE

PORTAL = Path(__file__).resolve().parents[2] / "portal"


def named_in_code(pattern: str) -> set[str]:
    """What the pattern finds in the portal's own code, first group."""
    sources = (path.read_text(encoding="utf-8") for path in PORTAL.rglob("*.py"))
    return {found for source in sources for found in re.findall(pattern, source)}


def test_every_action_of_the_trail_has_words() -> None:
    recorded = named_in_code(r'\brecord\(\s*"([\w.]+)"')

    assert len(recorded) > 30
    assert recorded - set(ACTION_LABELS) == set()


def test_every_movement_of_the_ledger_has_words() -> None:
    moved = named_in_code(r'\bCause\(\s*"(\w+)"') | {f"points_{event}" for event in AwardEvent}

    assert len(moved) > 10
    assert moved - set(TRANSFER_LABELS) == set()


def test_every_timed_job_and_every_check_has_words() -> None:
    assert {timed.job for timed in SCHEDULE} - set(JOB_LABELS) == set()
    assert {(service, check) for service, check, _probe in CHECKS} - set(CHECK_LABELS) == set()
