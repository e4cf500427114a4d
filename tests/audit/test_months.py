"""The months of the trail are made ahead, in any year and after any pause, and the chain knows nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.chain import Head, seal, verify
from portal.audit.jobs import make_months_of_trail
from portal.audit.models import AuditLog
from portal.audit.months import make_months
from portal.audit.services import record
from portal.config.privacy_values import MONTHS_AHEAD
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.rights import grant_to
from portal.supervisor.postgres import WEB_ROLE
from tests.harness.database import become_owner

# The months that the migration made end with 2027.
_LATER = datetime(2031, 3, 31, 23, 30, tzinfo=UTC)


def act(session: Session) -> None:
    """One row of the trail, now."""
    record("user_reopened", ("users", None), by=SYSTEM)
    session.commit()


def tables(session: Session) -> list[str]:
    """In which tables the rows lie, the oldest first."""
    session.rollback()
    place = text("tableoid::regclass::text")
    return [*session.scalars(select(place).select_from(AuditLog).order_by(AuditLog.occurred_at, AuditLog.id))]


@pytest.mark.covers("PRV-10", "ADM-15")
def test_each_row_lies_in_its_month_in_2031_as_well(committed_db: Session) -> None:
    with clock.travel(_LATER):
        act(committed_db)
        assert make_months() > 0, "the rest of the months ahead"
        assert make_months() == 0, "twice is once"
    with clock.travel(_LATER + timedelta(days=1)):
        act(committed_db)
    seal()

    assert tables(committed_db) == ["audit_logs_default", "audit_logs_2031_04"], (
        "what was written before stays where it is"
    )
    assert isinstance(verify(), Head)


@pytest.mark.covers("PRV-10", "PRV-12", "ADM-15")
@pytest.mark.parametrize("pause", [timedelta(days=3), timedelta(days=92)], ids=["three days", "three months"])
def test_no_row_needs_the_default_table_for_years_also_when_nothing_ran_for_a_while(
    committed_db: Session, pause: timedelta
) -> None:
    now = datetime(2027, 1, 15, tzinfo=UTC)
    while now < _LATER:
        with clock.travel(now):
            # Somebody works before the first job has run again.
            act(committed_db)
            make_months_of_trail()
        # A day's work and a pause, then most of a year in which the job runs now and then.
        for step in (timedelta(days=1), pause, timedelta(days=120), timedelta(days=120)):
            now += step
            with clock.travel(now):
                act(committed_db)
                make_months_of_trail()
    while seal():
        continue

    lies_in = tables(committed_db)
    assert "audit_logs_default" not in lies_in
    committed_db.rollback()
    written = committed_db.scalars(select(AuditLog.occurred_at).order_by(AuditLog.occurred_at)).all()
    assert lies_in == [f"audit_logs_{moment.astimezone(UTC):%Y_%m}" for moment in written]
    assert written[-1] >= _LATER - timedelta(days=120)
    committed_db.rollback()
    assert isinstance(verify(), Head)


@pytest.mark.covers("ADM-17", "SEC-12")
def test_a_month_that_was_made_is_guarded_like_every_other(committed_db: Session) -> None:
    with clock.travel(_LATER + timedelta(days=60)):
        make_months()
        act(committed_db)
    assert tables(committed_db) == ["audit_logs_2031_05"]
    for change in (
        "DELETE FROM audit_logs_2031_05",
        "UPDATE audit_logs_2031_05 SET reason = 'x'",
        "DROP TABLE audit_logs_2031_05",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            committed_db.execute(text(change))
        committed_db.rollback()
    for change in ("DELETE FROM audit_logs_2031_05", "UPDATE audit_logs_2031_05 SET reason = 'x'"):
        become_owner(committed_db)
        with pytest.raises(DBAPIError, match="append-only"):
            committed_db.execute(text(change))
        committed_db.rollback()
    # The next migration gives the rights anew; they are no wider.
    become_owner(committed_db)
    grant_to(committed_db.connection(), WEB_ROLE)
    committed_db.commit()
    with pytest.raises(DBAPIError, match="permission denied"):
        committed_db.execute(text("DELETE FROM audit_logs_2031_05"))


@pytest.mark.parametrize(
    ("first", "last"),
    [("2031-01-15", "2031-02-01"), ("2090-01-01", "2090-02-01"), ("2027-01-01", "2033-01-01")],
    ids=["no month", "too far", "too many"],
)
def test_the_function_makes_nothing_else(committed_db: Session, first: str, last: str) -> None:
    with pytest.raises(DBAPIError, match="no months from"):
        committed_db.execute(text(f"SELECT make_months_of_trail('{first}', '{last}')"))


def test_three_months_without_a_run_are_covered_by_the_least_that_can_be_set(db_session: Session) -> None:
    low = MONTHS_AHEAD.low
    assert low is not None
    assert low * 28 > 92
    assert value_of(MONTHS_AHEAD) >= low
