"""A code at the till: the checks in their order, each with its answer and its line in the log."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.kernel.errors import TooMany
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.kernel.money import percentage_share
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.partners.models import PartnerStatus
from portal.redemptions import issuing
from portal.redemptions.codes import grouped
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus, RedemptionLog, ScanError, ScanResult
from portal.redemptions.scanning import Answer, Till, preview, redeem, scan
from portal.redemptions.signing import sign
from tests.harness.house import (
    acting,
    make_admin,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
)
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements

BIRTHDAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class House:
    """A partner with a place, a pack, somebody at the till and a code that is good today."""

    def __init__(self, session: Session, **partner: Any) -> None:
        self.session = session
        self.partner = make_partner(**partner)
        self.venue = make_venue(self.partner)
        self.pack = make_pack(self.partner, 15_000)
        self.staff = make_member(self.partner)
        self.code = make_code(self.pack, make_person("Awa Ndiaye"), birthday=BIRTHDAY)
        self.till = Till(self.partner.id, self.venue.id, acting(self.staff))

    def token(self, app: Flask) -> str:
        return sign(self.code.id, app.config["SETTINGS"].qr_signing_key)

    def lines(self) -> list[RedemptionLog]:
        return list(self.session.execute(select(RedemptionLog).order_by(RedemptionLog.id)).scalars())


@pytest.fixture
def house(db_session: Session, clock: Clock) -> House:
    clock.travel(NOON)
    return House(db_session)


@pytest.mark.covers("QR-07", "QR-09", "QR-10", "QR-12", "QR-13", "QR-16")
def test_a_good_code_is_shown_first_and_redeemed_when_confirmed(house: House, app: Flask) -> None:
    shown = scan(house.token(app), house.till, "n1")
    assert (shown.answer, shown.pack, shown.beneficiary, shown.price_minor) == (
        Answer.READY,
        "Dîner pour deux",
        "Awa",
        15_000,
    )
    assert (house.code.status, house.lines()) == (QrStatus.ISSUED, [])

    done = redeem(house.code.id, house.till, "n1", "table 4")

    house.session.refresh(house.code)
    code = house.code
    assert (done.answer, done.share_minor, code.status) == (Answer.REDEEMED, 12_000, QrStatus.REDEEMED)
    assert (code.redeemed_at, code.redeemed_by_partner_id) == (NOON, house.partner.id)
    assert (code.redeemed_venue_id, code.redeemed_by_user_id) == (house.venue.id, house.staff.id)
    assert (code.partner_notes, code.split_percentage) == ("table 4", Decimal(80))
    assert (code.partner_share_minor, code.commission_minor) == (12_000, 3_000)
    (line,) = house.lines()
    assert (line.id, line.qr_code_id, line.validation_result, line.error_code) == (
        done.log_id,
        code.id,
        ScanResult.SUCCESS,
        None,
    )
    assert (line.scanned_by_user_id, line.partner_id, str(line.ip_address), line.user_agent) == (
        house.staff.id,
        house.partner.id,
        "127.0.0.1",
        "tests",
    )
    assert (line.occurred_at, line.venue_context) == (NOON, {"venue_id": str(house.venue.id)})
    steps = house.session.execute(
        select(StatusHistory).where(StatusHistory.entity_id == code.id, StatusHistory.to_status == "redeemed")
    ).scalar_one()
    assert (steps.from_status, steps.actor_user_id) == ("issued", house.staff.id)
    assert balance(partner_payable(house.partner.id)).available == 12_000
    assert (trial_balance(), disagreements()) == ({"XOF": 0}, [])


@pytest.mark.covers("QR-10", "PRT-10")
def test_where_a_scan_is_enough_the_scan_redeems(house: House, app: Flask) -> None:
    house.partner.auto_approve_redemptions = True
    house.session.flush()

    assert scan(house.token(app), house.till, "n1").answer is Answer.REDEEMED
    assert scan(house.token(app), house.till, "n1").answer is Answer.REDEEMED
    assert scan(house.token(app), house.till, "n2").answer is Answer.ALREADY_REDEEMED


@pytest.mark.covers("QR-16")
def test_a_typed_code_does_what_the_camera_does(house: House) -> None:
    typed = f" {grouped(house.code.code).lower()} "

    assert scan(typed, house.till, "n1").code_id == house.code.id


@pytest.mark.covers("QR-08")
def test_a_repeated_tap_gets_the_same_answer_and_moves_nothing(house: House) -> None:
    first = redeem(house.code.id, house.till, "n1")
    again = redeem(house.code.id, house.till, "n1")

    assert (again.answer, again.log_id, again.share_minor) == (Answer.REDEEMED, first.log_id, 12_000)
    assert len(house.lines()) == 1
    assert balance(partner_payable(house.partner.id)).available == 12_000


@pytest.mark.covers("QR-08")
def test_the_same_number_from_somebody_else_is_a_second_use(house: House) -> None:
    redeem(house.code.id, house.till, "n1")
    other = Till(house.partner.id, house.venue.id, acting(make_member(house.partner)))

    assert redeem(house.code.id, other, "n1").answer is Answer.ALREADY_REDEEMED


@pytest.mark.covers("QR-12", "QR-13")
def test_a_second_use_says_when_where_and_by_whom(house: House, clock: Clock) -> None:
    redeem(house.code.id, house.till, "n1")
    clock.advance(hours=1)

    again = redeem(house.code.id, house.till, "n2")

    assert again.answer is Answer.ALREADY_REDEEMED
    assert (again.redeemed_at, again.redeemed_venue, again.redeemed_by) == (NOON, "Plateau", "Moussa")
    line = house.lines()[-1]
    assert (line.validation_result, line.error_code) == (ScanResult.ALREADY_USED, ScanError.ALREADY_USED)
    assert line.error_message == "used at 2026-11-21T12:00:00+00:00"


@pytest.mark.covers("QR-03", "QR-04", "QR-09", "QR-13")
@pytest.mark.parametrize(
    ("moment", "answer", "result", "error"),
    [
        (datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC), Answer.NOT_BEFORE, "invalid", "too_early"),
        (datetime(2026, 11, 21, tzinfo=UTC), Answer.REDEEMED, "success", None),
        (datetime(2027, 2, 18, 23, 59, 59, 999999, tzinfo=UTC), Answer.REDEEMED, "success", None),
        (datetime(2027, 2, 19, tzinfo=UTC), Answer.EXPIRED, "expired", "expired"),
        (datetime(2030, 1, 1, tzinfo=UTC), Answer.EXPIRED, "expired", "expired"),
    ],
)
def test_a_code_is_good_from_its_first_moment_to_its_last(
    house: House, clock: Clock, moment: datetime, answer: Answer, result: str, error: str | None
) -> None:
    clock.travel(moment)

    assert redeem(house.code.id, house.till, "n1").answer is answer

    (line,) = house.lines()
    assert (line.validation_result, line.error_code) == (result, error)


@pytest.mark.covers("QR-06", "QR-13")
def test_a_canceled_or_ended_code_is_refused(house: House, clock: Clock) -> None:
    other = make_code(house.pack, make_person("Fatou Sarr"), birthday=BIRTHDAY)
    issuing.cancel_code(other.id, "erreur", by=acting(make_admin()))
    assert redeem(other.id, house.till, "n1").answer is Answer.CANCELED

    clock.travel(house.code.expires_at)
    assert issuing.expire_code(house.code.id)
    assert redeem(house.code.id, house.till, "n2").answer is Answer.EXPIRED

    errors = [line.error_code for line in house.lines()]
    assert errors == [ScanError.CANCELED, ScanError.EXPIRED]


@pytest.mark.covers("QR-09", "PRT-12")
def test_another_house_learns_nothing_of_the_code(house: House, app: Flask) -> None:
    other = make_partner("Cinéma Pathé")
    till = Till(other.id, make_venue(other).id, acting(make_member(other)))

    for outcome in (scan(house.token(app), till, "n1"), redeem(house.code.id, till, "n1")):
        assert outcome.answer is Answer.WRONG_PARTNER
        assert (outcome.code_id, outcome.pack, outcome.beneficiary, outcome.price_minor) == (None, "", "", 0)
    assert preview(house.code.id, till).code_id is None
    for line in house.lines():
        assert (line.partner_id, line.error_code) == (other.id, ScanError.WRONG_PARTNER)
        assert line.qr_code_id == house.code.id
    assert house.code.status is QrStatus.ISSUED


@pytest.mark.covers("QR-09", "PACK-09")
@pytest.mark.parametrize("case", ["bound elsewhere", "closed", "another house's", "none"])
def test_a_gift_is_served_only_at_its_own_open_place(house: House, case: str) -> None:
    second = make_venue(house.partner, "Ngor")
    strange = make_venue(make_partner("Autre"), "Mermoz")
    house.pack.venue_ids = [second.id] if case == "bound elsewhere" else []
    house.venue.is_active = case != "closed"
    house.session.flush()
    venue_id = {"another house's": strange.id, "none": None}.get(case, house.venue.id)

    outcome = redeem(house.code.id, Till(house.partner.id, venue_id, house.till.by), "n1")

    assert outcome.answer is Answer.WRONG_VENUE
    assert house.lines()[0].error_code is ScanError.WRONG_VENUE


@pytest.mark.covers("PACK-09")
def test_a_gift_bound_to_this_place_is_served_here(house: House) -> None:
    house.pack.venue_ids = [house.venue.id]
    house.session.flush()

    assert redeem(house.code.id, house.till, "n1").answer is Answer.REDEEMED


@pytest.mark.covers("PRT-09", "QR-09")
def test_a_suspended_house_redeems_nothing(house: House, app: Flask) -> None:
    house.partner.status = PartnerStatus.SUSPENDED
    house.session.flush()

    assert scan(house.token(app), house.till, "n1").answer is Answer.INACTIVE
    assert house.lines()[0].error_code is ScanError.PARTNER_INACTIVE


@pytest.mark.covers("QR-02", "QR-12", "QR-13")
def test_unknown_and_forged_codes_are_refused_and_logged(house: House, app: Flask) -> None:
    stranger = sign(house.code.id, "33" * 32)
    nobody = sign(new_id(), app.config["SETTINGS"].qr_signing_key)

    answers = [
        scan(text, house.till, "n").answer
        for text in (stranger, nobody, "2345-6789-ABCD", "https://x.y", "a\x00b")
    ]

    assert answers == [Answer.FORGED] + [Answer.UNKNOWN] * 4
    lines = house.lines()
    assert [line.qr_code_id for line in lines] == [None] * 5
    assert [line.error_code for line in lines] == [ScanError.FORGED] + [ScanError.UNKNOWN_CODE] * 4
    assert {line.validation_result for line in lines} == {ScanResult.INVALID}
    assert lines[3].scanned_code == "https://x.y"


@pytest.mark.covers("QR-02")
def test_the_log_keeps_no_whole_code_of_ours(house: House, app: Flask) -> None:
    scan(house.code.code, Till(house.partner.id, None, house.till.by), "n")
    scan(house.token(app), Till(house.partner.id, None, house.till.by), "n")
    redeem(house.code.id, house.till, "n")

    for line in house.lines():
        assert line.scanned_code == f"{house.code.code[:4]}-••••-••••"


@pytest.mark.covers("QR-02")
def test_somebody_who_guesses_has_to_wait_while_the_camera_goes_on(house: House, app: Flask) -> None:
    for number in range(10):
        assert scan(f"2345-6789-AB{number % 8 + 2}D", house.till, "n").answer is Answer.UNKNOWN

    with pytest.raises(TooMany) as limit:
        scan(house.code.code, house.till, "n")

    assert 0 < limit.value.retry_after <= 600
    assert scan(house.token(app), house.till, "n").answer is Answer.READY
    other = Till(house.partner.id, house.venue.id, acting(make_member(house.partner)))
    assert scan(house.code.code, other, "n").answer is Answer.READY


def test_a_look_before_the_confirmation_changes_and_logs_nothing(house: House) -> None:
    assert preview(house.code.id, house.till).answer is Answer.READY
    assert preview(new_id(), house.till).answer is Answer.UNKNOWN
    assert house.lines() == []


@pytest.mark.covers("QR-08")
def test_a_redemption_costs_four_statements_and_a_refusal_two(
    house: House, app: Flask, count_statements: CountStatements
) -> None:
    with count_statements() as asked:
        redeem(house.code.id, house.till, "n1")
    assert len(asked) == 4, asked

    with count_statements() as asked:
        scan(house.token(app), house.till, "n2")
    assert len(asked) == 2, asked

    with count_statements() as asked:
        scan(sign(new_id(), "33" * 32), house.till, "n3")
    assert len(asked) == 1, asked


@pytest.mark.covers("QR-12", "QR-17", "DEV-15")
@pytest.mark.parametrize(
    "statement", ["UPDATE qr_redemption_logs SET error_message = 'x'", "DELETE FROM qr_redemption_logs"]
)
def test_no_line_of_the_log_is_ever_changed(house: House, statement: str) -> None:
    redeem(house.code.id, house.till, "n1")

    with pytest.raises(DBAPIError):
        house.session.execute(text(statement))


@pytest.mark.covers("STL-03", "QR-07")
def test_each_redemption_keeps_the_split_of_its_moment(house: House) -> None:
    redeem(house.code.id, house.till, "n1")
    house.partner.revenue_split_percentage = Decimal("50.00")
    house.session.flush()
    later = make_code(make_pack(house.partner, 999), make_person("Fatou Sarr"), birthday=BIRTHDAY)

    assert redeem(later.id, house.till, "n2").share_minor == 500

    splits = house.session.execute(
        select(PartnerPeriod.split_percentage, PartnerPeriod.partner_share_minor)
    ).all()
    assert sorted(splits) == [(Decimal(50), 500), (Decimal(80), 12_000)]


@pytest.mark.covers("STL-07")
def test_a_redemption_is_counted_in_the_period_of_its_day(house: House, clock: Clock) -> None:
    codes = [make_code(house.pack, make_person(f"Invité {day}"), birthday=BIRTHDAY) for day in range(2)]
    clock.travel(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))
    redeem(codes[0].id, house.till, "n1")
    clock.travel(datetime(2026, 12, 1, tzinfo=UTC))
    redeem(codes[1].id, house.till, "n2")

    periods = house.session.execute(
        select(PartnerPeriod.period_start, PartnerPeriod.period_end, PartnerPeriod.redemption_count)
    ).all()

    assert sorted(periods) == [
        (date(2026, 11, 1), date(2026, 11, 30), 1),
        (date(2026, 12, 1), date(2026, 12, 31), 1),
    ]


@pytest.mark.covers("STL-03")
@given(
    prices=st.lists(st.integers(min_value=1, max_value=2_000_000), min_size=1, max_size=12),
    percent=st.decimals(min_value=0, max_value=100, places=2),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_lines_of_a_period_add_up_to_the_share_of_its_total(
    db_session: Session, prices: list[int], percent: Decimal
) -> None:
    with db_session.begin_nested() as undone:
        partner = make_partner(revenue_split_percentage=percent)
        till = Till(partner.id, make_venue(partner).id, acting(make_member(partner)))
        for number, price in enumerate(prices):
            code = make_code(make_pack(partner, price), make_person(f"Invité {number}"))
            redeem(code.id, till, f"n{number}")

        shares = db_session.execute(select(QrCode.partner_share_minor)).scalars().all()
        period = db_session.execute(select(PartnerPeriod)).scalar_one()
        wanted = percentage_share(sum(prices), percent)
        assert (sum(shares), period.partner_share_minor) == (wanted, wanted)
        assert (period.revenue_minor, period.redemption_count) == (sum(prices), len(prices))
        assert balance(partner_payable(partner.id)).posted == wanted
        undone.rollback()
