"""What a partner sees of its money, and what another partner does not."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel.ids import new_id
from portal.kernel.roles import MemberRole
from portal.partners.models import Partner
from portal.settlements import deciding
from portal.settlements.models import PartnerSettlement, SettlementAdjustment, SettlementStatus
from portal.web.filters import money
from tests.factories.redeemed import serve, serve_all
from tests.harness.house import acting, make_admin, make_member, send, sign_in
from tests.harness.statements import CountStatements
from tests.settlements.world import (
    approve,
    make_house,
    noon,
    paid,
    settle_at,
    settlement,
    speaking_english,
    table,
)

Database = scoped_session[Session]
S = SettlementStatus
pytestmark = pytest.mark.usefixtures("february")


@pytest.mark.covers("PRT-13", "STL-10")
def test_the_dashboard_says_what_is_owed_now_and_what_came(
    client: FlaskClient, house: tuple[Partner, User]
) -> None:
    partner, owner = house
    serve(partner, 20_000, at=noon(2, 9))
    serve(partner, 5_000)
    sign_in(client, owner)

    shown = client.get("/partner/dashboard")

    assert shown.status_code == 200
    assert money(20_000) in shown.text
    assert money(25_000) in shown.text
    assert "chart__bar" in shown.text


@pytest.mark.covers("PRT-13")
def test_the_balance_is_live_without_the_rest_of_the_page(
    client: FlaskClient, house: tuple[Partner, User]
) -> None:
    sign_in(client, house[1])

    part = client.get("/partner/dashboard", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert "stat__value" in part.text
    assert "<html" not in part.text
    assert "<h1" not in part.text


def test_a_debt_and_a_waiting_correction_are_said_on_the_dashboard(
    client: FlaskClient, house: tuple[Partner, User], db_session: Database
) -> None:
    partner, owner = house
    deciding.correct(partner.id, -7_000, "a broken window", new_id(), by=acting(make_admin()))
    db_session.flush()
    sign_in(client, owner)
    assert money(7_000) in client.get("/partner/dashboard").text

    db_session.expire_all()
    settle_at(noon(3, 1))
    db_session.commit()

    assert money(7_000) in client.get("/partner/dashboard").text


@pytest.mark.covers("STL-10", "PRT-13")
def test_a_partner_opens_its_settlements_lines_and_papers(
    client: FlaskClient, house: tuple[Partner, User], january: UUID
) -> None:
    sign_in(client, house[1])
    number = settlement(january).invoice_number

    listed = client.get("/partner/settlements")
    shown = client.get(f"/partner/settlements/{january}")
    invoice = client.get(f"/partner/settlements/{january}/invoice.pdf")
    lines = client.get(f"/partner/settlements/{january}/lines.csv")

    assert f"/partner/settlements/{january}" in listed.text
    assert "Dîner pour deux" in shown.text
    assert number is not None
    assert number in shown.text
    assert invoice.data.startswith(b"%PDF-")
    assert invoice.headers["Content-Disposition"] == f"attachment; filename={number}-invoice.pdf"
    assert [list(row.values())[4:] for row in table(lines.text)] == [["20000", "16000", "4000"]]


@pytest.mark.covers("STL-06")
def test_a_receipt_exists_once_it_is_paid(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    sign_in(client, house[1])
    assert client.get(f"/partner/settlements/{january}/receipt.pdf").status_code == 404
    paid(january)
    db_session.commit()

    assert client.get(f"/partner/settlements/{january}/receipt.pdf").data.startswith(b"%PDF-")
    assert "pt-0001" in client.get(f"/partner/settlements/{january}").text


@pytest.mark.covers("STL-10", "STL-04")
def test_a_partner_objects_on_the_page_and_reads_the_answer_there(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    partner, owner = house
    sign_in(client, owner)
    answer = send(client, f"/partner/settlements/{january}/dispute", {"reason": "One dinner is missing"})
    assert (answer.status_code, answer.location) == (303, f"/partner/settlements/{january}")
    db_session.expire_all()
    assert settlement(january).status is S.DISPUTED

    again = send(client, f"/partner/settlements/{january}/dispute", {"reason": "And another one"})
    assert again.status_code == 422
    db_session.expire_all()
    assert settlement(january).dispute_reason == "One dinner is missing"

    sign_in(client, make_admin())
    form = {"reason": "We found the dinner", "correction": "4 000"}
    assert send(client, f"/admin/settlements/{january}/resolution", form).status_code == 303
    assert send(client, f"/admin/settlements/{january}/resolution", form).status_code == 422
    sign_in(client, owner)
    assert "We found the dinner" in client.get(f"/partner/settlements/{january}").text
    corrections = db_session.execute(select(SettlementAdjustment.amount_minor)).scalars().all()
    assert corrections == [4_000]
    assert partner.id == settlement(january).partner_id


@pytest.mark.covers("STL-10")
def test_a_refused_objection_writes_nothing(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    paid(january)
    sign_in(client, house[1])

    answer = send(client, f"/partner/settlements/{january}/dispute", {"reason": "Too late, I know"})

    assert answer.status_code == 422
    db_session.expire_all()
    assert (settlement(january).status, settlement(january).dispute_reason) == (S.PAID, None)
    assert "data-submit-once" not in client.get(f"/partner/settlements/{january}").text.split("<main")[1]


@pytest.mark.parametrize("reason", ["", "no", "x" * 501])
def test_an_objection_without_a_usable_reason_comes_back(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, reason: str
) -> None:
    sign_in(client, house[1])

    answer = send(client, f"/partner/settlements/{january}/dispute", {"reason": reason})

    assert answer.status_code == 422
    assert "error-summary" in answer.text


@pytest.mark.covers("STL-10", "PRT-12")
def test_a_stranger_partner_finds_nothing(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    other, owner = make_house(name="Cinéma Pathé")
    sign_in(client, owner)

    for path in ("", "/invoice.pdf", "/receipt.pdf", "/lines.csv"):
        assert client.get(f"/partner/settlements/{january}{path}").status_code == 404, path
    refused = send(client, f"/partner/settlements/{january}/dispute", {"reason": "Not mine at all"})
    assert refused.status_code == 404
    assert str(january) not in client.get("/partner/settlements").text
    assert money(20_000) not in client.get("/partner/statement").text
    db_session.expire_all()
    assert settlement(january).status is S.PENDING
    assert other.id != house[0].id


@pytest.mark.covers("PRT-12", "PRT-13")
@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (MemberRole.STAFF, "dashboard", 200),
        (MemberRole.STAFF, "settlements", 404),
        (MemberRole.STAFF, "statement", 404),
        (MemberRole.STAFF, "payout-account", 404),
        (MemberRole.MANAGER, "settlements", 200),
        (MemberRole.MANAGER, "statement", 200),
        (MemberRole.MANAGER, "payout-account", 404),
        (MemberRole.OWNER, "payout-account", 200),
    ],
)
def test_each_role_opens_its_own_pages(
    client: FlaskClient, house: tuple[Partner, User], role: MemberRole, path: str, status: int
) -> None:
    sign_in(client, make_member(house[0], role))

    assert client.get(f"/partner/{path}").status_code == status


@pytest.mark.covers("PAY-01", "PRT-13")
def test_the_statement_says_what_each_movement_is_and_what_it_left(
    client: FlaskClient, house: tuple[Partner, User], db_session: Database
) -> None:
    partner, owner = house
    serve(partner, 20_000, at=noon(1, 5))
    deciding.correct(partner.id, -1_000, "a broken glass", new_id(), by=acting(make_admin()))
    number = settle_at(noon(2, 1))[0].invoice_number
    paid(db_session.execute(select(PartnerSettlement.id)).scalar_one())
    serve(partner, 5_000)
    sign_in(client, speaking_english(owner))

    shown = client.get("/partner/statement")
    rows = table(client.get("/partner/statement?format=csv").text)

    assert number is not None
    assert number in shown.text
    assert [(row["Amount"], row["Balance"]) for row in rows] == [
        ("4000", "4000"),
        ("-15000", "0"),
        ("-1000", "15000"),
        ("16000", "16000"),
    ]
    assert [row["State"] for row in rows] == ["posted"] * 4
    words = [row["Movement"] for row in rows]
    assert words[0] == "Your share of a gift served: Dîner pour deux"
    assert words[1] == f"Payment of settlement {number}"
    assert words[2] == f"Corrections of settlement {number}"


@pytest.mark.covers("PAY-01", "PAY-03")
def test_a_payment_that_was_called_off_stays_on_the_statement_and_moves_nothing(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    approve(january, acting(make_admin()))
    sign_in(client, speaking_english(house[1]))
    on_its_way = table(client.get("/partner/statement?format=csv").text)
    deciding.dispute(january, house[0].id, "One dinner is missing", by=acting(house[1]))
    db_session.commit()
    called_off = table(client.get("/partner/statement?format=csv").text)

    assert [(row["State"], row["Balance"]) for row in on_its_way] == [("pending", "0"), ("posted", "16000")]
    assert [(row["State"], row["Balance"]) for row in called_off] == [
        ("voided", "16000"),
        ("posted", "16000"),
    ]
    assert called_off[0]["Movement"].endswith("called off")


@pytest.mark.covers("PRT-13")
def test_the_statement_pages_on_and_the_balance_goes_on_with_it(
    client: FlaskClient, house: tuple[Partner, User], count_statements: CountStatements
) -> None:
    partner, owner = house
    for day in range(1, 10):
        serve_all(partner, [1_000] * 6, at=noon(1, day))
    sign_in(client, speaking_english(owner))
    whole = [row["Balance"] for row in table(client.get("/partner/statement?format=csv").text)]
    client.get("/partner/statement")

    seen: list[str] = []
    url: str | None = "/partner/statement"
    while url:
        with count_statements() as asked:
            page = client.get(url)
        assert len(asked) <= 8
        cells = page.text.split('data-label="Balance"')[1:]
        shown = [cell.split('class="money">')[1].split("F")[0] for cell in cells]
        seen += ["".join(filter(str.isdigit, amount)) for amount in shown]
        rest = page.text.split('rel="next" href="')
        url = rest[1].split('"')[0].replace("&amp;", "&") if len(rest) > 1 else None

    assert len(whole) == 54
    assert seen == whole
