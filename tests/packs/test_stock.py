"""What is on offer, and who gets the last one."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.packs.availability import on_offer
from portal.packs.models import Pack
from portal.packs.stock import NotOnOffer, SoldOut, Taken, give_back_one, take_one
from portal.partners.models import PartnerStatus
from tests.harness.house import make_pack, make_partner
from tests.harness.moments import Clock

NOON = (2026, 11, 21, 12)


@pytest.mark.covers("PACK-06")
def test_taking_one_freezes_what_it_costs(db_session: Session) -> None:
    pack = make_pack(make_partner(), 15_000, discounted_price_minor=12_000, validity_days=30)

    taken = take_one(pack.id, by=SYSTEM)

    assert taken == Taken(pack.id, pack.partner_id, pack.name, 12_000, 30, 1)
    db_session.refresh(pack)
    assert pack.quantity_taken == 1


@pytest.mark.covers("PACK-06")
def test_the_last_one_is_taken_once_and_can_come_back(db_session: Session) -> None:
    pack = make_pack(make_partner(), total_available_quantity=1)
    take_one(pack.id, by=SYSTEM)

    with pytest.raises(SoldOut):
        take_one(pack.id, by=SYSTEM)
    give_back_one(pack.id, by=SYSTEM)

    assert take_one(pack.id, by=SYSTEM).pack_id == pack.id


@pytest.mark.covers("PACK-06")
def test_of_many_who_reach_for_the_last_one_exactly_one_gets_it(app: Flask, committed_db: Session) -> None:
    pack_id = make_pack(make_partner(), total_available_quantity=3, quantity_taken=2).id
    db.session.commit()
    results: list[str] = []
    together = threading.Barrier(8)

    def reach() -> None:
        with app.app_context():
            together.wait()
            try:
                in_transaction(lambda: take_one(pack_id, by=SYSTEM))
                results.append("taken")
            except SoldOut:
                results.append("sold out")

    threads = [threading.Thread(target=reach) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["sold out"] * 7 + ["taken"]
    assert db.session.execute(select(Pack.quantity_taken)).scalar_one() == 3


@pytest.mark.covers("PACK-04")
@pytest.mark.parametrize(
    ("moment", "offered"),
    [
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=portal_clock.UTC), False),
        (datetime(2026, 11, 21, tzinfo=portal_clock.UTC), True),
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=portal_clock.UTC), True),
        (datetime(2026, 12, 1, tzinfo=portal_clock.UTC), False),
    ],
)
def test_a_pack_is_offered_inside_its_window(
    db_session: Session, clock: Clock, moment: datetime, offered: bool
) -> None:
    clock.travel(moment)
    start = datetime(2026, 11, 21, tzinfo=portal_clock.UTC)
    pack = make_pack(
        make_partner(), available_from=start, available_until=datetime(2026, 12, 1, tzinfo=portal_clock.UTC)
    )

    found = db_session.execute(select(Pack.id).where(on_offer(portal_clock.now()))).scalar()

    assert (found == pack.id) is offered
    if not offered:
        with pytest.raises(NotOnOffer):
            take_one(pack.id, by=SYSTEM)


@pytest.mark.covers("PACK-04", "PACK-08", "PRT-09")
@pytest.mark.parametrize(
    ("pack", "house"),
    [
        ({"is_active": False}, {}),
        ({}, {"status": PartnerStatus.SUSPENDED}),
        ({}, {"status": PartnerStatus.PENDING, "verified_at": None}),
        ({}, {"status": PartnerStatus.TERMINATED}),
        ({}, {"is_venue": False, "is_provider": True}),
    ],
)
def test_a_paused_pack_or_house_offers_nothing(
    db_session: Session, pack: dict[str, Any], house: dict[str, Any]
) -> None:
    row = make_pack(make_partner(**house), **pack)

    with pytest.raises(NotOnOffer):
        take_one(row.id, by=SYSTEM)


def test_what_does_not_exist_cannot_be_taken(db_session: Session) -> None:
    with pytest.raises(NotFound):
        take_one(new_id(), by=SYSTEM)


@pytest.mark.covers("PACK-01", "PACK-02", "PACK-03", "PACK-04", "PACK-05", "PACK-06", "PACK-11", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("base_price_minor = 0", "base_price_positive"),
        ("discounted_price_minor = 0", "discount_below_base"),
        ("discounted_price_minor = base_price_minor + 1", "discount_below_base"),
        ("available_from = now(), available_until = now() - interval '1 second'", "window_forward"),
        ("validity_days = 0", "validity_positive"),
        ("max_redemptions_per_user = 0", "max_redemptions_positive"),
        ("total_available_quantity = 1, quantity_taken = 2", "stock_not_oversold"),
        ("quantity_taken = -1", "stock_not_oversold"),
        ("currency = 'EUR'", "currency_xof"),
        ("name = ' '", "name_present"),
        ("category = 'bank'", "category"),
    ],
)
def test_the_database_refuses_an_impossible_pack(db_session: Session, change: str, constraint: str) -> None:
    make_pack(make_partner())

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(f"UPDATE packs SET {change}"))


@pytest.mark.covers("PACK-05", "PACK-11")
def test_a_pack_has_the_usual_limits(db_session: Session) -> None:
    pack = make_pack(make_partner())
    db_session.refresh(pack)

    assert (pack.max_redemptions_per_user, pack.validity_days, pack.is_active) == (1, 90, True)
    assert pack.created_at <= portal_clock.now() + timedelta(seconds=1)
