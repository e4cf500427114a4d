"""Random interleavings of everything the ledger can do, compared with a model that is a dictionary."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import text

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, platform, pot_funds, user_points, user_wallet
from portal.ledger.errors import InsufficientFunds
from portal.ledger.models import Purpose
from portal.ledger.queries import balances, disagreements, trial_balance
from portal.ledger.services import Cause

AMOUNTS = st.integers(1, 1000)
PERSONAL = [pot_funds(uuid4()), user_wallet(uuid4()), user_wallet(uuid4())]
POINTS = [user_points(uuid4()), user_points(uuid4())]
HOUSE = {"XOF": platform(Purpose.REVENUE), "PTS": platform(Purpose.POINTS_ISSUED, "PTS")}


def cause(key: str | None = None) -> Cause:
    return Cause("property", "tests", uuid4(), key or f"property:{uuid4()}")


class LedgerMachine(RuleBasedStateMachine):
    """The ledger against a dictionary of posted and promised amounts."""

    pending = Bundle("pending")
    posted_transfers = Bundle("posted_transfers")

    @initialize()
    def start(self) -> None:
        self.posted: dict[AccountRef, int] = defaultdict(int)
        self.promised: dict[AccountRef, int] = defaultdict(int)
        # The machine runs many times on one database: it counts from where the accounts stand.
        with transaction():
            for account, found in balances([*PERSONAL, *POINTS]).items():
                self.posted[account] = found.posted
                self.promised[account] = found.pending_out
        self.moves: dict[UUID, tuple[AccountRef, AccountRef, int]] = {}

    def _move(self, source: AccountRef, target: AccountRef, amount: int, *, pending: bool) -> UUID | None:
        try:
            with transaction():
                moved = ledger.move(source, target, amount, cause(), by=SYSTEM, pending=pending)
        except InsufficientFunds:
            assert not source.is_house
            assert self.posted[source] - self.promised[source] < amount
            return None
        assert source.is_house or self.posted[source] - self.promised[source] >= amount
        self.moves[moved.transfer_id] = (source, target, amount)
        return moved.transfer_id

    def _apply(self, transfer: UUID) -> None:
        source, target, amount = self.moves[transfer]
        self.posted[source] -= amount
        self.posted[target] += amount

    @rule(target=posted_transfers, account=st.sampled_from([*PERSONAL, *POINTS]), amount=AMOUNTS)
    def put_in(self, account: AccountRef, amount: int) -> UUID:
        transfer = self._move(HOUSE[account.unit], account, amount, pending=False)
        assert transfer is not None
        self._apply(transfer)
        return transfer

    @rule(
        target=posted_transfers,
        source=st.sampled_from(PERSONAL),
        other=st.sampled_from(PERSONAL),
        amount=AMOUNTS,
    )
    def move(self, source: AccountRef, other: AccountRef, amount: int) -> UUID | None:
        if source == other:
            return None
        transfer = self._move(source, other, amount, pending=False)
        if transfer is not None:
            self._apply(transfer)
        return transfer

    @rule(target=pending, account=st.sampled_from([*PERSONAL, *POINTS]), amount=AMOUNTS)
    def promise(self, account: AccountRef, amount: int) -> UUID | None:
        transfer = self._move(account, HOUSE[account.unit], amount, pending=True)
        if transfer is not None:
            self.promised[account] += amount
        return transfer

    @rule(transfer=consumes(pending), keep=st.booleans())
    def finish(self, transfer: UUID | None, keep: bool) -> None:
        if transfer is None:
            return
        with transaction():
            assert (ledger.settle if keep else ledger.void)(transfer, by=SYSTEM) is True
            assert (ledger.settle if keep else ledger.void)(transfer, by=SYSTEM) is False
        source, _target, amount = self.moves[transfer]
        self.promised[source] -= amount
        if keep:
            self._apply(transfer)

    @rule(transfer=consumes(posted_transfers))
    def reverse(self, transfer: UUID | None) -> None:
        if transfer is None:
            return
        source, target, amount = self.moves[transfer]
        try:
            with transaction():
                ledger.reverse(transfer, cause(f"reverse:{transfer}"), by=SYSTEM)
        except InsufficientFunds:
            assert self.posted[target] - self.promised[target] < amount
            return
        self.posted[source] += amount
        self.posted[target] -= amount

    @rule(account=st.sampled_from(PERSONAL), amount=AMOUNTS)
    def crash_before_the_commit(self, account: AccountRef, amount: int) -> None:
        with pytest.raises(ZeroDivisionError), transaction():
            ledger.move(HOUSE["XOF"], account, amount, cause(), by=SYSTEM)
            _ = 1 // 0

    @invariant()
    def balances_agree(self) -> None:
        with transaction():
            for account, found in balances([*PERSONAL, *POINTS]).items():
                assert (found.posted, found.pending_out) == (self.posted[account], self.promised[account])
                assert found.available >= 0
            assert disagreements() == []
            assert all(total == 0 for total in trial_balance().values())


@pytest.mark.covers("PAY-01", "PAY-02", "PAY-03", "PAY-04", "PAY-08")
def test_every_interleaving_keeps_the_books(app: Flask, committed_db: object) -> None:
    machine = LedgerMachine.TestCase
    machine.settings = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    machine().runTest()
    with transaction() as session:
        assert session.execute(text("SELECT count(*) FROM ledger_transfers")).scalar_one() > 0
    db.session.remove()
