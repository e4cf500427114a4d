"""Keeping things for their time and no longer: each rule and errand with a dry run, and a run that counts (PRV-12).

Rows go in portions, each in a transaction of its own: killed at any moment, the next run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from portal.audit.archives import outlived_archives, remove_outlived_archives
from portal.audit.keeping import old_rows, remove_old_trail
from portal.config import privacy_values as keep
from portal.config.people_values import PAPER_DAYS
from portal.config.values import EXPORT_DAYS, Setting, value_of
from portal.kernel.db import db, transaction
from portal.kernel.i18n import lazy
from portal.kernel.models import JobRun
from portal.people.fading import due_scans, forget_scans
from portal.privacy.old_copies import old_copies, remove_old_copies
from portal.privacy.rules import RULES, Rule

JOB = "privacy.keep_in_time"
_PORTION = 1000


@dataclass(frozen=True, slots=True)
class Errand:
    """What is more than rows of one table: how many things are due, and doing it."""

    key: str
    label: str
    setting: Setting[int]
    due: Callable[[], int]
    do: Callable[[], int]
    #: Which people's table ends by it.
    table: str = ""

    @property
    def days(self) -> int:
        """The period in force."""
        return value_of(self.setting)


ERRANDS: tuple[Errand, ...] = (
    Errand("copies", lazy("Copies of one's data"), EXPORT_DAYS, old_copies, remove_old_copies),
    Errand(
        "papers",
        lazy("Scans of identity papers"),
        PAPER_DAYS,
        due_scans,
        forget_scans,
        table="identity_documents",
    ),
    Errand(
        "audit_trail",
        lazy("Old months of the audit log"),
        keep.KEEP_AUDIT,
        old_rows,
        remove_old_trail,
        table="audit_logs",
    ),
    Errand(
        "audit_archives",
        lazy("Archives of the audit log"),
        keep.KEEP_FINANCIAL,
        outlived_archives,
        remove_outlived_archives,
    ),
)


def due_now() -> dict[str, int]:
    """The dry run: how many rows each rule would touch now; nothing is changed."""
    counts = [
        select(func.count()).select_from(rule.model).where(rule.is_due()).scalar_subquery().label(rule.key)
        for rule in RULES
    ]
    rows = dict(db.session.execute(select(*counts)).one()._mapping)
    return rows | {errand.key: errand.due() for errand in ERRANDS}


def last_run() -> JobRun | None:
    """What the job counted last; None before its first run."""
    return db.session.scalars(
        select(JobRun).where(JobRun.job_name == JOB).order_by(JobRun.started_at.desc()).limit(1)
    ).one_or_none()


def keep_in_time() -> dict[str, int]:
    """Do what is due, one by one; how many rows or things each has touched (PRV-12). Commits."""
    return {rule.key: _apply(rule) for rule in RULES} | {errand.key: errand.do() for errand in ERRANDS}


def _apply(rule: Rule) -> int:
    touched = 0
    while True:
        with transaction() as session:
            ids = session.scalars(
                select(rule.model.id).where(rule.is_due()).order_by(rule.model.id).limit(_PORTION)
            ).all()
            if ids:
                which = rule.model.id.in_(ids)
                statement: Any = (
                    delete(rule.model).where(which)
                    if rule.loses is None
                    else update(rule.model).where(which).values(rule.loses)
                )
                session.execute(statement.execution_options(synchronize_session=False))
        touched += len(ids)
        if len(ids) < _PORTION:
            return touched
