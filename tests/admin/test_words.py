"""Operators read words: every action, job, check and kind of movement that the code names has some."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from portal.admin.checks import CHECKS
from portal.admin.trail_values import FIELDS
from portal.admin.trail_words import ACTION_LABELS
from portal.admin.words import SUBJECT_LABELS
from portal.admin.work_results import RESULT_LABELS
from portal.admin.work_words import CHECK_LABELS, JOB_LABELS, TRANSFER_LABELS
from portal.config.values import REGISTRY
from portal.packs.services import PackFacts
from portal.partners.services import Organisation, Terms
from portal.partners.venues import Place
from portal.payments.models import PaymentStatus
from portal.payments.wallet import Comparison
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


@pytest.mark.covers("ADM-14")
@pytest.mark.parametrize("action", sorted(ACTION_LABELS))
def test_an_action_of_the_trail_names_its_subject_and_what_was_done(action: str) -> None:
    subject, _, done = action.removesuffix("_again").rpartition("_")

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", subject)
    assert done.endswith("ed") or done in {"chosen", "forgotten", "given", "sent", "withdrawn"}


@pytest.mark.covers("ADM-14")
def test_no_action_of_the_trail_is_spelled_in_another_way() -> None:
    """Also those that a condition chooses, or a helper hands on."""
    spelled = {
        constant.value
        for path in PORTAL.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _name_of(call.func) in {"record", "_change", "_move", "_set_roles"}
        for argument in call.args
        for constant in ast.walk(argument)
        if isinstance(constant, ast.Constant)
        and isinstance(constant.value, str)
        and re.search(r"[._](\w+ed|sent|given)$", constant.value)
    }

    assert spelled <= set(ACTION_LABELS)
    assert {"user_suspended", "user_role_granted", "refund_completed", "partner_suspended"} <= spelled


def test_every_field_of_the_trail_has_words() -> None:
    """Those that `record` is handed as they stand, and those of the facts that are handed on whole."""
    spelled = {
        key.value
        for path in PORTAL.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _name_of(call.func) == "record"
        for keyword in call.keywords
        if keyword.arg in {"old", "new", "details"} and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    whole = {*PackFacts.__slots__, *Organisation.__slots__, *Terms.__slots__, *Place.__slots__}

    assert {"amount_minor", "status", "guardian_user_id"} <= spelled
    assert (spelled | whole) - set(FIELDS) == set()


def test_everything_that_a_timed_job_counts_has_words() -> None:
    jobs = "\n".join(path.read_text(encoding="utf-8") for path in PORTAL.rglob("jobs.py"))
    counted = set(re.findall(r'return \{"(\w+)"', jobs)) | set(re.findall(r'counts\["(\w+)"\]', jobs))

    assert {"expired", "waiting", "opened"} <= counted
    assert (counted | set(PaymentStatus) | {*Comparison.__slots__, "difference"}) - set(
        RESULT_LABELS
    ) == set()


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_movement_of_the_ledger_has_words() -> None:
    moved = named_in_code(r'\bCause\(\s*"(\w+)"') | {f"points_{event}" for event in AwardEvent}

    assert len(moved) > 10
    assert moved - set(TRANSFER_LABELS) == set()


def test_every_timed_job_and_every_check_has_words() -> None:
    assert {timed.job for timed in SCHEDULE} - set(JOB_LABELS) == set()
    assert {(service, check) for service, check, _probe in CHECKS} - set(CHECK_LABELS) == set()


def test_every_subject_of_the_values_has_words() -> None:
    subjects = {key.partition(".")[0] for key in REGISTRY}

    assert subjects - set(SUBJECT_LABELS) == set()
