"""Keeping things for their time and no longer: each rule and errand with a dry run, and a run that counts (PRV-12).

Rows go in portions, each in a transaction of its own: killed at any moment, the next run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from portal.audit.archives import outlived_archives, remove_outlived_archives
from portal.audit.keeping import old_rows, remove_old_trail
from portal.config import privacy_values as keep
from portal.config.people_values import PAPER_DAYS
from portal.config.values import EXPORT_DAYS, LEAVING_DAYS, Setting, value_of
from portal.kernel.db import db, transaction
from portal.kernel.i18n import lazy
from portal.kernel.models import JobRun
from portal.people.fading import due_scans, forget_scans
from portal.privacy.by_code import ERASE_JOB
from portal.privacy.forgetting import due_erasures
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
    Errand("copies", lazy("Copies of personal data"), EXPORT_DAYS, old_copies, remove_old_copies),
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


@dataclass(frozen=True, slots=True)
class OwnJob:
    """A period whose end has a job of its own, which counts what it did under `key`."""

    key: str
    label: str
    setting: Setting[int]
    due: Callable[[], Select[int]]
    job: str

    @property
    def days(self) -> int:
        """The period in force."""
        return value_of(self.setting)


OWN_JOBS: tuple[OwnJob, ...] = (
    OwnJob(
        "erased",
        lazy("Accounts whose holders have left, and guests to be forgotten"),
        LEAVING_DAYS,
        due_erasures,
        ERASE_JOB,
    ),
)


def due_now() -> dict[str, int]:
    """The dry run: how many rows each rule would touch now; nothing is changed."""
    return _counts({rule.key: _due_rows(rule) for rule in RULES}) | _due_errands()


def would_go() -> dict[str, int]:
    """As `due_now`, with what has a job of its own."""
    rows = {rule.key: _due_rows(rule) for rule in RULES}
    return _counts(rows | {one.key: one.due() for one in OWN_JOBS}) | _due_errands()


def _due_rows(rule: Rule) -> Select[int]:
    return select(func.count()).select_from(rule.model).where(rule.is_due())


def _due_errands() -> dict[str, int]:
    return {errand.key: errand.due() for errand in ERRANDS}


def _counts(asked: Mapping[str, Select[int]]) -> dict[str, int]:
    """All of them in one statement."""
    row = db.session.execute(select(*[one.scalar_subquery().label(key) for key, one in asked.items()])).one()
    return dict(row._mapping)


def last_runs() -> Mapping[str, JobRun]:
    """When each job that removes things ran last, and what it counted, in one statement."""
    newest = (
        select(JobRun)
        .ext(distinct_on(JobRun.job_name))
        .where(JobRun.job_name.in_([JOB, *(one.job for one in OWN_JOBS)]))
        .order_by(JobRun.job_name, JobRun.started_at.desc())
    )
    return {run.job_name: run for run in db.session.scalars(newest)}


def counted(runs: Mapping[str, JobRun]) -> dict[str, int]:
    """What went in these runs, by the key of its period."""
    own = {one.key: runs[one.job].counts.get(one.key, 0) for one in OWN_JOBS if one.job in runs}
    return own | (runs[JOB].counts if JOB in runs else {})


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
