"""Many hands on the same accounts at once: no lost update, no deadlock left standing, books in balance."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction, transaction
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_wallet
from portal.ledger.errors import InsufficientFunds
from portal.ledger.jobs import self_check
from portal.ledger.models import Purpose
from portal.ledger.queries import balances, disagreements, trial_balance
from portal.ledger.services import Cause

THREADS = 10
MOVES = 60
ROUNDS = 40
START = 10_000


def cause(key: str) -> Cause:
    return Cause("concurrent", "tests", uuid4(), key)


@pytest.mark.covers("PAY-04", "PAY-08")
def test_ten_threads_move_value_among_six_accounts(app: Flask, committed_db: object) -> None:
    accounts = [user_wallet(uuid4()) for _ in range(6)]
    with transaction():
        for number, account in enumerate(accounts):
            ledger.move(platform(Purpose.REVENUE), account, START, cause(f"start:{number}"), by=SYSTEM)
    refused: list[int] = []

    def work(thread: int) -> None:
        chance = random.Random(thread)
        with app.app_context():
            for move in range(MOVES):
                source, target = chance.sample(accounts, 2)
                amount = chance.randint(1, 6000)
                key = f"move:{thread}:{move}"

                def once(source=source, target=target, amount=amount, key=key) -> object:  # type: ignore[no-untyped-def]
                    return ledger.move(source, target, amount, cause(key), by=SYSTEM)

                try:
                    in_transaction(once)
                except InsufficientFunds:
                    refused.append(1)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    with transaction():
        found = balances(accounts)
        assert sum(balance.posted for balance in found.values()) == START * len(accounts)
        assert all(balance.posted >= 0 for balance in found.values())
        assert disagreements() == []
        assert trial_balance() == {"XOF": 0}
    assert 0 < len(refused) < THREADS * MOVES


@pytest.mark.covers("PAY-22")
def test_one_key_in_many_threads_moves_once(app: Flask, committed_db: object) -> None:
    pot = pot_funds(uuid4())

    def work(_thread: int) -> tuple[UUID, bool]:
        with app.app_context():
            moved = in_transaction(
                lambda: ledger.move(platform(Purpose.REVENUE), pot, 500, cause("one key"), by=SYSTEM)
            )
        return moved.transfer_id, moved.is_new

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(work, range(THREADS)))

    assert len({transfer for transfer, _new in answers}) == 1
    assert sum(is_new for _transfer, is_new in answers) == 1
    with transaction():
        assert balances([pot])[pot].available == 500


@pytest.mark.covers("PAY-04")
def test_the_self_check_reports_balanced_books(app: Flask, committed_db: object) -> None:
    with transaction():
        ledger.move(platform(Purpose.REVENUE), user_wallet(uuid4()), 70, cause("checked"), by=SYSTEM)

    assert self_check()["units"] == {"XOF": 0}


@pytest.mark.covers("PAY-04", "PAY-08")
def test_many_open_one_account_at_once(app: Flask, committed_db: object) -> None:
    accounts = [pot_funds(uuid4()) for _ in range(ROUNDS)]
    together = Barrier(THREADS)

    def work(thread: int) -> None:
        with app.app_context():
            for account in accounts:
                key = f"open:{thread}:{account.owner_id}"
                together.wait()
                in_transaction(
                    lambda account=account, key=key: ledger.move(  # type: ignore[misc]
                        platform(Purpose.REVENUE), account, 500, cause(key), by=SYSTEM
                    )
                )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    with app.app_context(), transaction():
        assert {balance.posted for balance in balances(accounts).values()} == {500 * THREADS}
        assert disagreements() == []


@pytest.mark.covers("PAY-04")
@pytest.mark.parametrize(
    ("table", "key_of_the_upsert"), [("ledger_accounts", "id"), ("ledger_transfers", "idempotency_key")]
)
def test_only_the_key_an_upsert_looks_for_is_checked_at_once(
    app: Flask, table: str, key_of_the_upsert: str
) -> None:
    """Any other key would refuse a row that another transaction is moving, before the upsert can try again."""
    with app.app_context(), transaction() as session:
        keys = session.scalars(
            text("""
                SELECT pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid = CAST(:table AS regclass) AND contype IN ('u', 'p') AND NOT condeferrable
            """),
            {"table": table},
        ).all()
    # An id is the key of the upsert, or new with every try.
    assert {"PRIMARY KEY (id)"} <= set(keys) <= {"PRIMARY KEY (id)", f"UNIQUE ({key_of_the_upsert})"}
