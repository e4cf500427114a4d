"""What admins see and do about settlements, and how little each page asks."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel.ids import new_id
from portal.partners.models import Partner
from portal.payouts import outcomes
from portal.payouts.models import Payout, PayoutStatus
from portal.settlements import deciding
from portal.settlements.models import SettlementAdjustment, SettlementStatus
from tests.factories.redeemed import serve, serve_all
from tests.harness.house import acting, make_admin, make_person, make_venue, send, sign_in
from tests.harness.statements import CountStatements
from tests.payouts.world import OTHER_NUMBER, destination
from tests.settlements.world import (
    approve,
    make_house,
    noon,
    paid,
    settle_at,
    settlement,
    table,
)

Database = scoped_session[Session]
S = SettlementStatus
pytestmark = pytest.mark.usefixtures("february")


@pytest.mark.covers("STL-11")
def test_only_admins_open_the_admins_pages(
    client: FlaskClient, house: tuple[Partner, User], january: UUID
) -> None:
    for person in (house[1], make_person()):
        sign_in(client, person)
        for path in ("", f"/{january}", f"/{january}/invoice.pdf", f"/{january}/lines.csv"):
            assert client.get(f"/admin/settlements{path}").status_code == 404
        assert send(client, f"/admin/settlements/{january}/approval").status_code == 404


@pytest.mark.covers("STL-11")
def test_an_admin_checks_and_approves_what_was_shown(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    method = destination(house[0].id)
    sign_in(client, make_admin())
    shown = client.get(f"/admin/settlements/{january}")
    assert method.label in shown.text
    assert str(method.id) in shown.text

    answers = [
        send(client, f"/admin/settlements/{january}/approval", {"destination": str(method.id)})
        for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [303] * 3
    db_session.expire_all()
    assert settlement(january).status is S.APPROVED
    assert db_session.execute(select(func.count()).select_from(Payout)).scalar_one() == 1


@pytest.mark.covers("STL-11")
def test_an_admin_who_chose_the_destination_is_offered_no_approval(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    admin = make_admin()
    method = destination(house[0].id)
    method.changed_by = admin.id
    sign_in(client, admin)

    shown = client.get(f"/admin/settlements/{january}")
    answer = send(client, f"/admin/settlements/{january}/approval", {"destination": str(method.id)})

    assert f"/admin/settlements/{january}/approval" not in shown.text
    assert answer.status_code == 403
    db_session.expire_all()
    assert settlement(january).status is S.PENDING


@pytest.mark.covers("STL-11")
def test_a_destination_that_changed_meanwhile_is_looked_at_again(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    sign_in(client, house[1])
    seen = destination(house[0].id).id
    form = {"phone": OTHER_NUMBER, "holder_name": "Awa Diop"}
    assert send(client, "/partner/payout-account", form).status_code == 303
    sign_in(client, make_admin())

    answer = send(client, f"/admin/settlements/{january}/approval", {"destination": str(seen)})

    assert answer.status_code == 409
    db_session.expire_all()
    assert settlement(january).status is S.PENDING


@pytest.mark.covers("STL-11")
def test_admins_find_settlements_by_state_partner_and_number(
    client: FlaskClient, house: tuple[Partner, User], january: UUID
) -> None:
    other = make_house(name="Cinéma Pathé")[0]
    serve(other, 30_000, at=noon(1, 5))
    theirs = settle_at(noon(2, 1))[0]
    approve(theirs.id, acting(make_admin()))
    sign_in(client, make_admin())

    def found(query: str) -> set[UUID]:
        text = client.get(f"/admin/settlements{query}").text
        return {one for one in (january, theirs.id) if str(one) in text}

    assert found("") == {january, theirs.id}
    assert found("?status=approved") == {theirs.id}
    assert found("?status=lost") == {january, theirs.id}
    assert found(f"?partner={house[0].id}") == {january}
    assert found("?q=path") == {theirs.id}
    assert found(f"?q={settlement(january).invoice_number}") == {january}
    assert found("?q=nobody") == set()
    rows = table(client.get("/admin/settlements?status=approved&format=csv").text)
    assert [(row["partner"], row["payable"]) for row in rows] == [("Cinéma Pathé", "24000")]


@pytest.mark.covers("STL-11")
def test_an_admin_notes_a_correction_once_however_often_it_is_sent(
    client: FlaskClient, house: tuple[Partner, User], db_session: Database
) -> None:
    partner = house[0]
    sign_in(client, make_admin())
    path = f"/admin/settlements/corrections/{partner.id}"
    once = client.get(path).text.split('name="once"')[1].split('value="')[1].split('"')[0]
    form = {"correction": "-5 000", "reason": "Counted together", "once": once}

    assert [send(client, path, form).status_code for _ in range(3)] == [303] * 3
    assert send(client, path, form | {"correction": "0"}).status_code == 422
    assert send(client, path, form | {"correction": "a lot"}).status_code == 422
    assert send(client, f"/admin/settlements/corrections/{new_id()}", form).status_code == 404

    rows = db_session.execute(select(SettlementAdjustment.amount_minor)).scalars().all()
    assert rows == [-5_000]


@pytest.mark.parametrize(
    "path",
    [
        "/partner/dashboard",
        "/partner/settlements",
        "/partner/settlements/{january}",
        "/partner/statement",
        "/partner/payout-account",
        "/admin/settlements",
        "/admin/settlements/{january}",
        "/admin/settlements/corrections/{partner}",
        "/admin/payouts",
        "/admin/payouts/{payout}",
    ],
)
def test_no_page_asks_more_than_eight_questions(
    client: FlaskClient,
    house: tuple[Partner, User],
    january: UUID,
    count_statements: CountStatements,
    db_session: Database,
    path: str,
) -> None:
    partner, owner = house
    make_venue(partner)
    serve_all(partner, [1_000] * 8)
    deciding.correct(partner.id, 500, "a rounding", new_id(), by=acting(make_admin()))
    paid(january)
    payout = settlement(january).payout_id
    sign_in(client, owner if path.startswith("/partner") else make_admin())
    url = path.format(january=january, partner=partner.id, payout=payout)

    with count_statements() as asked:
        answer = client.get(url)

    assert answer.status_code == 200
    assert len(asked) <= 8, asked


def test_a_page_is_whole_whatever_state_a_settlement_is_in(
    client: FlaskClient, house: tuple[Partner, User], january: UUID, db_session: Database
) -> None:
    partner, owner = house
    admin, other = make_admin(), acting(make_admin())
    carried = make_house(name="Small")[0]
    serve(carried, 1_000, at=noon(1, 5))
    small = settle_at(noon(2, 1))[0].id

    def look(state: str) -> None:
        db_session.commit()
        for person, prefix in ((owner, "/partner"), (admin, "/admin")):
            sign_in(client, person)
            assert client.get(f"{prefix}/settlements/{january}").status_code == 200, (state, prefix)

    look("pending")
    deciding.dispute(january, partner.id, "One dinner is missing", by=acting(owner))
    look("disputed")
    deciding.resolve(january, "It was counted", 0, by=other)
    look("resolved")
    approve(january, other)
    look("approved")
    payout = db_session.get_one(Payout, settlement(january).payout_id)
    outcomes.claim(payout.id)
    look("on its way")
    outcomes.fail(payout.id, payout.idempotency_key, "recipient-account-blocked", "blocked")
    look("failed")
    assert payout.status is PayoutStatus.FAILED
    sign_in(client, admin)
    assert client.get(f"/admin/settlements/{small}").status_code == 200
    assert f"/admin/settlements/{small}/approval" not in client.get(f"/admin/settlements/{small}").text
