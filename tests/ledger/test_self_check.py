"""The ledger looks at itself, and says what is wrong and where."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.models import JobRun, JobRunStatus
from portal.kernel.work import perform_run
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, user_wallet
from portal.ledger.jobs import SELF_CHECK, LedgerOutOfBalance, self_check
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from tests.harness.database import become_owner

pytestmark = pytest.mark.covers("PAY-04", "MON-07")


@pytest.fixture
def wallet(committed_db: Session) -> UUID:
    """The account of somebody who holds 70 F."""
    account = user_wallet(uuid4())
    with transaction():
        cause = Cause("test", "tests", uuid4(), f"test:{uuid4()}")
        ledger.move(platform(Purpose.REVENUE), account, 70, cause, by=SYSTEM)
    assert self_check()["units"] == {"XOF": 0}
    return account.id


@pytest.mark.parametrize("column", ["posted_minor", "pending_out_minor", "pending_in_minor"])
def test_a_cached_balance_that_is_not_its_entries_is_named(wallet: UUID, column: str) -> None:
    with transaction() as session:
        session.execute(
            text(f"UPDATE ledger_accounts SET {column} = {column} + 1 WHERE id = :id"),
            {"id": wallet},
        )

    with pytest.raises(LedgerOutOfBalance, match=str(wallet)):
        self_check()


def test_a_unit_that_does_not_sum_to_zero_is_named_and_fails_the_run(
    wallet: UUID, committed_db: Session
) -> None:
    with transaction() as session:
        # As somebody could who has the database in their hands: around the triggers that refuse it.
        become_owner(session)
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)"
                " SELECT gen_random_uuid(), transfer_id, account_id, 9, 5, now() FROM ledger_entries"
                " WHERE account_id <> :id"
            ),
            {"id": wallet},
        )

    with pytest.raises(LedgerOutOfBalance, match="'XOF': 5"):
        perform_run(SELF_CHECK, "one")

    run = committed_db.execute(select(JobRun).where(JobRun.job_name == SELF_CHECK)).scalar_one()
    assert run.status is JobRunStatus.FAILED
    assert "'XOF': 5" in (run.error or "")
