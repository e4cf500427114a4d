"""A settlement of many redemptions, beside one raw aggregate over the same redemptions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.ledger import services as ledger
from portal.ledger.accounts import partner_payable, platform, provider_clearing
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.partners.models import PaymentTerms
from portal.partners.periods import period_of
from portal.payments.models import WAVE_PROVIDER_ID
from portal.settlements.computing import settle_period
from tests.bench.ground import WORK, Ground
from tests.bench.houses import FIRST_NUMBER, PRICE
from tests.bench.report import Report, milliseconds
from tests.bench.size import Size
from tests.harness.house import make_pack, make_partner, make_person

MOST = 5.0
_STATEMENTS = Path(__file__).with_name("settling.sql")
_RAW = text(
    "SELECT count(*), sum(price_minor), sum(partner_share_minor), sum(commission_minor) FROM qr_codes"
    " WHERE partner_id = :partner AND status = 'redeemed' AND redeemed_at >= :first AND redeemed_at < :next"
)
_RAW_BOOKS = text(
    "SELECT count(*), sum(amount_minor) FROM ledger_entries JOIN qr_codes"
    " ON qr_codes.redeem_transfer_id = ledger_entries.transfer_id"
    " WHERE partner_id = :partner AND status = 'redeemed' AND redeemed_at >= :first AND redeemed_at < :next"
)


def settlement(ground: Ground, report: Report, size: Size) -> None:
    """The same settlement again and again, undone each time but the last."""
    report.title(f"A settlement of {size.redemptions:,} redemptions")
    start, end = period_of(PaymentTerms.MONTHLY, clock.today().replace(day=1) - timedelta(days=1))
    with ground.app(WORK).app_context():
        partner_id = _serve(size.redemptions, start, end)
        days = {"partner": partner_id, "first": clock.start_of_day(start)}
        days["next"] = clock.start_of_day(end + timedelta(days=1))
        takes: dict[str, list[float]] = {"raw": [], "raw over the books": [], "settlement": []}
        takes["without policies"] = []
        for _round in range(size.rounds + 1):
            takes["raw"].append(_timed(lambda: db.session.execute(_RAW, days).one(), undo=True))
            takes["raw over the books"].append(
                _timed(lambda: db.session.execute(_RAW_BOOKS, days).one(), undo=True)
            )
            takes["settlement"].append(_timed(lambda: settle_period(partner_id, end), undo=True))
            ground.lock_rows(WORK, is_on=False)
            takes["without policies"].append(_timed(lambda: settle_period(partner_id, end), undo=True))
            ground.lock_rows(WORK, is_on=True)
        kept = _timed(lambda: settle_period(partner_id, end), undo=False)
    raw, books, whole, free = (median(times[1:]) for times in takes.values())
    report.table(
        ("what", "ms", "of raw"),
        [
            ("one raw aggregate over the codes", milliseconds(raw), 1.0),
            ("one raw aggregate over their ledger entries", milliseconds(books), books / raw),
            ("the settlement, checked against the ledger", milliseconds(whole), whole / raw),
            ("the same without policies on rows", milliseconds(free), free / raw),
            ("the settlement with its commit, once", milliseconds(kept), kept / raw),
        ],
    )
    report.at_most("a settlement, of one raw aggregate", whole / raw, MOST)


def _timed(work: Callable[[], Any], *, undo: bool) -> float:
    began = time.perf_counter()
    assert work() is not None
    if undo:
        took = time.perf_counter() - began
        db.session.rollback()
        return took
    db.session.commit()
    return time.perf_counter() - began


def _serve(redemptions: int, start: date, end: date) -> Any:
    """A house and its redemptions in that month, with everything that the books know of them."""
    last = FIRST_NUMBER + redemptions - 1
    with transaction() as session:
        partner = make_partner("Bench settled")
        owner, pack = make_person("Awa Bench"), make_pack(partner, PRICE)
        cause = Cause("qr_issued", "bench", partner.id, f"bench:{partner.id}:issued")
        paid, held = provider_clearing(WAVE_PROVIDER_ID), platform(Purpose.VOUCHERS)
        ledger.move(paid, held, PRICE * redemptions, cause, by=SYSTEM)
        known = {
            "partner": partner.id,
            "owner": owner.id,
            "pack": pack.id,
            "price": PRICE,
            "period": new_id(),
            "period_start": start,
            "period_end": end,
            "first": FIRST_NUMBER,
            "last": last,
            "vouchers": held.id,
            "commission": platform(Purpose.COMMISSION).id,
            "payable": partner_payable(partner.id).id,
        }
        # Half a million rows whose keys are right by construction; the proof at the end counts them.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _STATEMENTS.read_text().split("\n\n")[1:]:
            session.execute(text(statement), {name: known[name] for name in known if f":{name}" in statement})
        session.execute(text("ANALYZE"))
        return partner.id
