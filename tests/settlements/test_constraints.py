"""What the database refuses to keep of a settlement."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from portal.partners.models import Partner
from portal.settlements.models import PartnerSettlement
from tests.factories.redeemed import serve
from tests.settlements.world import (
    make_house,
    noon,
    settle_at,
)

Database = scoped_session[Session]


@pytest.mark.covers("STL-04")
def test_a_settlement_starts_as_pending_with_zero_totals(db_session: Database) -> None:
    partner, _owner = make_house()
    bare = PartnerSettlement(
        partner_id=partner.id,
        period_start=date(2026, 1, 1),
        period_end=date(2026, 1, 31),
        terms="monthly",
        is_carried=True,
    )
    db_session.add(bare)
    db_session.flush()
    db_session.refresh(bare)

    totals = (
        bare.total_redemptions_count,
        bare.total_revenue_minor,
        bare.partner_share_minor,
        bare.platform_commission_minor,
    )
    assert (bare.status, totals) == ("pending", (0, 0, 0, 0))


@pytest.mark.covers("STL-01", "STL-02", "STL-03", "STL-04", "STL-05", "STL-08", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("partner_share_minor = partner_share_minor + 1", "ck_partner_settlements"),
        ("platform_commission_minor = 0", "shares_are_the_revenue"),
        ("payable_minor = payable_minor - 1", "carry_adds_up"),
        ("payable_minor = -1, carried_in_minor = -1 - partner_share_minor", "payable_not_negative"),
        ("is_carried = true", "pays_all_or_carries_all"),
        ("payable_minor = payable_minor - 1, carried_out_minor = 1", "pays_all_or_carries_all"),
        ("currency = 'EUR'", "currency_xof"),
        ("total_redemptions_count = -1", "count_not_negative"),
        ("period_end = period_start - 1", "range lower bound|period_forward"),
        ("status = 'lost'", "ck_partner_settlements_status"),
        ("status = 'paid', approved_by = NULL", "paid_has_time|approved_has_hand"),
        ("status = 'approved'", "approved_has_hand"),
        ("status = 'disputed'", "dispute_has_reason"),
        ("period_start = '2026-01-15', period_end = '2026-02-10'", "ex_partner_settlements_period"),
        ("invoice_number = 'the same'", "uq_partner_settlements_invoice_number"),
    ],
)
def test_the_database_refuses_a_settlement_that_cannot_be(
    db_session: Database, change: str, constraint: str
) -> None:
    partner, _owner = make_house()
    serve(partner, 20_000, at=noon(1, 5))
    serve(partner, 20_000, at=noon(2, 5))
    settle_at(noon(3, 1))

    with pytest.raises(Exception, match=constraint):
        db_session.execute(text(f"UPDATE partner_settlements SET {change}"))


@pytest.mark.covers("STL-01", "DEV-15")
def test_the_database_refuses_two_settlements_of_one_day_but_not_of_two_partners(
    db_session: Database,
) -> None:
    one, other = make_house()[0], make_house(name="Another")[0]

    def insert(partner: Partner, start: date, end: date) -> None:
        db_session.add(
            PartnerSettlement(
                partner_id=partner.id, period_start=start, period_end=end, terms="weekly", is_carried=True
            )
        )
        db_session.flush()

    insert(one, date(2026, 1, 1), date(2026, 1, 10))
    insert(one, date(2026, 1, 11), date(2026, 1, 20))
    insert(other, date(2026, 1, 5), date(2026, 1, 15))
    for start, end in [(date(2026, 1, 20), date(2026, 1, 25)), (date(2026, 1, 1), date(2026, 1, 10))]:
        with pytest.raises(IntegrityError, match=r"(ex|uq)_partner_settlements"), db_session.begin_nested():
            insert(one, start, end)


@pytest.mark.covers("STL-09", "DEV-15")
def test_the_database_keeps_one_open_running_total_and_every_redemption_in_one(db_session: Database) -> None:
    partner, _owner = make_house()
    code = serve(partner, at=noon(1, 5))

    with pytest.raises(IntegrityError, match="redeemed_is_counted"), db_session.begin_nested():
        db_session.execute(text("UPDATE qr_codes SET partner_period_id = NULL"))
    with pytest.raises(IntegrityError, match="uq_partner_periods_open"), db_session.begin_nested():
        db_session.execute(
            text(
                "INSERT INTO partner_periods (id, partner_id, period_start, period_end, split_percentage,"
                " created_at, updated_at) SELECT gen_random_uuid(), partner_id, period_start, period_end,"
                " split_percentage, now(), now() FROM partner_periods"
            )
        )
    assert code.partner_period_id is not None
