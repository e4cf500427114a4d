"""Real scans end up in settlements, also while one is being made."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.db import db, in_transaction
from portal.partners.models import Partner, PaymentTerms
from portal.redemptions.models import PartnerPeriod, QrCode
from portal.redemptions.scanning import Answer, Till, redeem
from portal.settlements.computing import settle_period
from tests.harness.house import acting, make_code, make_member, make_pack, make_person, make_venue
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import books_are_right
from tests.settlements.world import ledger_agrees, make_house, noon, period, settle_at, settlements

Database = scoped_session[Session]
SERVED_ON = date(2026, 1, 20)


def stock(count: int, price: int = 15_000, birthday: date = SERVED_ON) -> tuple[Partner, Till, list[UUID]]:
    """A house, somebody at its till, and codes that are good from a day on."""
    partner, _owner = make_house()
    venue, pack = make_venue(partner), make_pack(partner, price)
    codes = [make_code(pack, make_person(f"Guest {n}"), birthday=birthday).id for n in range(count)]
    return partner, Till(partner.id, venue.id, acting(make_member(partner))), codes


def scan(till: Till, code_id: UUID) -> Answer:
    """Redeem a code at the till."""
    return redeem(code_id, till, f"nonce {code_id}").answer


@pytest.mark.covers("STL-03", "STL-09", "PAY-06")
def test_what_was_scanned_is_settled_to_the_franc(db_session: Database, clock: Clock) -> None:
    clock.travel(noon(1, 20))
    partner, till, codes = stock(3, price=3_333)

    assert [scan(till, code) for code in codes] == [Answer.REDEEMED] * 3
    january = settle_at(noon(2, 1))[0]

    assert (january.total_redemptions_count, january.total_revenue_minor) == (3, 9_999)
    assert january.partner_share_minor == 7_999
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-07", "PRT-05")
def test_new_terms_hold_from_the_next_scan_also_where_both_periods_begin_on_one_day(
    db_session: Database, clock: Clock
) -> None:
    # The first of June 2026 is a Monday.
    clock.travel(noon(6, 1))
    partner, till, codes = stock(2, birthday=date(2026, 6, 1))
    scan(till, codes[0])
    partner.payment_terms = PaymentTerms.WEEKLY
    db_session.flush()
    clock.travel(noon(6, 2))
    scan(till, codes[1])

    made = settle_at(noon(6, 9)) + settle_at(noon(7, 2))

    assert [(period(one), one.total_redemptions_count) for one in made] == [
        ((date(2026, 6, 1), date(2026, 6, 7)), 1),
        ((date(2026, 6, 8), date(2026, 6, 30)), 1),
    ]
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-09", "PAY-08")
def test_scans_and_a_settlement_at_once_lose_no_redemption_and_count_none_twice(
    committed_db: Database, app: Flask, clock: Clock
) -> None:
    clock.travel(noon(1, 20))
    partner, till, codes = stock(7)
    partner_id = partner.id
    db.session.commit()
    in_transaction(partial(scan, till, codes[0]))

    def settle() -> str:
        return str(settle_period(partner_id, date(2026, 1, 31)) is not None)

    done = at_once(
        app,
        [partial(in_transaction, partial(scan, till, code)) for code in codes[1:]]
        + [partial(in_transaction, settle)] * 2,
    )
    settle_at(noon(3, 2))
    db.session.commit()

    assert sorted(done) == sorted(["redeemed"] * 6 + ["True", "False"])
    made = settlements(partner_id)
    assert sum(one.total_redemptions_count for one in made) == 7
    assert sum(one.total_revenue_minor for one in made) == 7 * 15_000
    assert ledger_agrees(partner_id)
    held = committed_db.execute(
        select(PartnerPeriod.settlement_id)
        .join(QrCode, QrCode.partner_period_id == PartnerPeriod.id)
        .where(QrCode.partner_id == partner_id)
    ).scalars()
    assert None not in held.all()
    assert books_are_right()
