"""House accounts are no queue: payments that all touch the same ones book as fast as payments that share none."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from uuid import UUID

from flask import Flask

from portal import create_app
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, pot_funds, provider_clearing
from portal.ledger.services import Cause
from portal.payments.models import WAVE_PROVIDER_ID
from tests.bench.ground import WORK, Ground
from tests.bench.report import Report
from tests.bench.size import Size

THREADS = 8
LEAST = 0.8
Accounts = Callable[[int, int], tuple[AccountRef, AccountRef]]


def house_accounts(ground: Ground, report: Report, size: Size) -> None:
    """Gifts to a pot each, through one clearing account and through one for each thread, in turn."""
    report.title(f"{THREADS} threads that book gifts, a transaction each")
    own = [new_id() for _thread in range(THREADS)]
    one_pot = new_id()
    kinds: dict[str, Accounts] = {
        "all through one house account": lambda _thread, _gift: (
            provider_clearing(WAVE_PROVIDER_ID),
            pot_funds(new_id()),
        ),
        "each thread through its own": lambda thread, _gift: (
            provider_clearing(own[thread]),
            pot_funds(new_id()),
        ),
        "all into one pot (a queue, to compare)": lambda _thread, _gift: (
            provider_clearing(WAVE_PROVIDER_ID),
            pot_funds(one_pot),
        ),
    }
    settings = ground.app(WORK).config["SETTINGS"]
    app = create_app(dataclasses.replace(settings, db_pool_size=THREADS))
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    for round_number in range(size.rounds + 1):
        for name, accounts in kinds.items():
            rate = _book(app, accounts, size.postings // size.rounds // THREADS)
            if round_number:
                rates[name].append(rate)
    with app.app_context():
        db.engine.dispose()
    shared, apart, _queue = (median(found) for found in rates.values())
    report.table(
        ("gifts", "a second", "of sharing nothing"),
        [(name, median(found), median(found) / apart) for name, found in rates.items()],
    )
    report.at_least("booking through one house account, of sharing nothing", shared / apart, LEAST)


def _book(app: Flask, accounts: Accounts, each: int) -> float:
    """Gifts a second."""

    def thread(number: int) -> None:
        with app.app_context():
            for gift in range(each):
                gift_id: UUID = new_id()
                with transaction():
                    giver, pot = accounts(number, gift)
                    cause = Cause("donation", "bench", gift_id, f"bench:{gift_id}")
                    ledger.move(giver, pot, 1_000, cause, by=SYSTEM)

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(thread, range(THREADS)))
    return THREADS * each / (time.perf_counter() - began)
