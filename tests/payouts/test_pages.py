"""The pages of what leaves: where a partner is paid, and what admins see and do."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.money import Money
from portal.kernel.roles import MemberRole
from portal.partners.models import Partner
from portal.payments.methods import destination_in_force, destination_phone
from portal.payouts import outcomes
from portal.payouts.destinations import change_partner_destination
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import cancel_payout, order_payout
from tests.harness.house import acting, make_admin, make_member, make_partner, make_person, send, sign_in
from tests.harness.statements import CountStatements
from tests.payouts.world import HOLDER, NUMBER, OTHER_NUMBER, destination, make_payee, owed

Database = scoped_session[Session]
S = PayoutStatus
ACCOUNT = {"phone": "77 999 88 77", "holder_name": "Awa Diop"}


@pytest.fixture
def payee(db_session: Database) -> tuple[Partner, User]:
    """A house that is owed 100 000 XOF, and its owner."""
    return make_payee(name="Le Djoloff")


@pytest.fixture
def payout(payee: tuple[Partner, User]) -> UUID:
    """A pending payout of 25 000 XOF."""
    method = destination(payee[0].id)
    return order_payout(Money(25_000), method, ("tests", new_id()), "Teranga T-1", by=SYSTEM).id


def now(payout_id: UUID) -> Payout:
    """The payout as it is now."""
    return db.session.get_one(Payout, payout_id, populate_existing=True)


@pytest.mark.covers("PAY-29", "PO-13")
def test_an_owner_sees_the_masked_number_who_chose_it_and_what_wave_says(
    client: FlaskClient, payee: tuple[Partner, User]
) -> None:
    method = destination(payee[0].id)
    method.verification = "MATCH"
    sign_in(client, payee[1])

    shown = client.get("/partner/payout-account").text

    assert method.label in shown
    assert NUMBER not in shown
    assert NUMBER[4:] not in shown
    assert HOLDER in shown
    assert "badge--positive" in shown


def test_a_house_without_a_destination_is_asked_for_one(client: FlaskClient, db_session: Database) -> None:
    partner = make_partner()
    sign_in(client, make_member(partner, MemberRole.OWNER))

    assert "flash--warning" in client.get("/partner/payout-account").text
    assert send(client, "/partner/payout-account", ACCOUNT).status_code == 303

    method = destination_in_force(partner_id=partner.id)
    assert method is not None
    assert (destination_phone(method), method.holder_name) == (OTHER_NUMBER, "Awa Diop")


@pytest.mark.parametrize(
    "change",
    [
        {"phone": ""},
        {"phone": "12"},
        {"phone": "+33 6 12 34 56 78"},
        {"holder_name": ""},
        {"holder_name": "x" * 256},
        {"holder_name": "a\x00b"},
    ],
    ids=str,
)
def test_a_wrong_account_comes_back_and_changes_nothing(
    client: FlaskClient, payee: tuple[Partner, User], db_session: Database, change: dict[str, str]
) -> None:
    sign_in(client, payee[1])

    answer = send(client, "/partner/payout-account", ACCOUNT | change)

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    db_session.expire_all()
    assert destination_phone(destination(payee[0].id)) == NUMBER


def test_an_owner_of_another_house_changes_only_their_own(
    client: FlaskClient, payee: tuple[Partner, User], db_session: Database
) -> None:
    other, owner = make_payee(name="Cinéma Pathé")
    sign_in(client, owner)

    assert send(client, "/partner/payout-account", ACCOUNT).status_code == 303

    db_session.expire_all()
    assert destination_phone(destination(other.id)) == OTHER_NUMBER
    assert destination_phone(destination(payee[0].id)) == NUMBER


def test_changing_it_again_and_again_is_slowed_down(client: FlaskClient, payee: tuple[Partner, User]) -> None:
    sign_in(client, payee[1])

    answers = [
        send(client, "/partner/payout-account", ACCOUNT | {"holder_name": f"Holder {number}"}).status_code
        for number in range(11)
    ]

    assert answers == [303] * 10 + [429]


@pytest.mark.covers("PO-12")
def test_admins_find_payouts_by_state_payee_and_reference(
    client: FlaskClient, payout: UUID, db_session: Database
) -> None:
    other = make_payee(name="Cinéma Pathé")[0]
    paid = order_payout(Money(9_000), destination(other.id), ("tests", new_id()), "Teranga T-2", by=SYSTEM)
    outcomes.claim(paid.id)
    outcomes.complete(paid.id, paid.idempotency_key, outcomes.Paid("pt-found-me", 90))
    sign_in(client, make_admin())

    def found(query: str) -> set[UUID]:
        text = client.get(f"/admin/payouts{query}").text
        return {one for one in (payout, paid.id) if str(one) in text}

    assert found("") == {payout, paid.id}
    assert found("?status=completed") == {paid.id}
    assert found("?q=djoloff") == {payout}
    assert found("?q=pt-found-me") == {paid.id}
    assert found("?q=T-1") == {payout}
    assert found("?q=nobody&status=lost") == set()
    rows = list(
        csv.DictReader(io.StringIO(client.get("/admin/payouts?format=csv&status=completed").text[1:]))
    )
    assert [(row["payee"], row["amount"], row["fee"]) for row in rows] == [("Cinéma Pathé", "9000", "90")]


@pytest.mark.covers("PO-12")
def test_an_admin_stops_and_starts_a_payout_again(
    client: FlaskClient, payee: tuple[Partner, User], payout: UUID, db_session: Database
) -> None:
    sign_in(client, make_admin())
    url = f"/admin/payouts/{payout}"

    assert send(client, f"{url}/stop", {"reason": ""}).status_code == 422
    assert send(client, f"{url}/stop", {"reason": "Wrong amount"}).status_code == 303
    assert now(payout).status is S.CANCELED
    assert owed(payee[0].id).pending_out == 0
    assert send(client, f"{url}/stop", {"reason": "Wrong amount"}).status_code == 422
    assert "Wrong amount" in client.get(url).text

    where = {"destination": str(destination(payee[0].id).id)}
    assert send(client, f"{url}/attempt").status_code == 409
    tried = send(client, f"{url}/attempt", where)
    assert tried.status_code == 303
    other = UUID(tried.location.rsplit("/", 1)[1])
    assert (now(payout).status, now(other).status, now(other).attempt) == (S.CANCELED, S.PENDING, 2)
    assert send(client, f"{url}/attempt", where).status_code == 409
    db_session.expire_all()
    assert owed(payee[0].id).pending_out == 25_000


@pytest.mark.covers("PO-12")
def test_an_admin_sees_where_a_new_attempt_would_go(
    client: FlaskClient, payee: tuple[Partner, User], payout: UUID
) -> None:
    cancel_payout(payout, "wrong amount", by=SYSTEM)
    change_partner_destination(payee[0].id, OTHER_NUMBER, "Modou Gueye", by=acting(payee[1]))
    sign_in(client, make_admin())

    shown = client.get(f"/admin/payouts/{payout}").text

    assert "Modou Gueye" in shown
    assert f'name="destination" value="{destination(payee[0].id).id}"' in shown


@pytest.mark.covers("PO-12")
def test_an_admin_sees_what_wave_said_and_may_ask_again(
    client: FlaskClient, payout: UUID, db_session: Database
) -> None:
    outcomes.claim(payout)
    outcomes.note_unknown(payout, now(payout).idempotency_key, "service-unavailable (503)")
    sign_in(client, make_admin())
    url = f"/admin/payouts/{payout}"

    assert "service-unavailable (503)" in client.get(url).text
    assert send(client, f"{url}/question").status_code == 303
    assert send(client, f"{url}/stop", {"reason": "Too late"}).status_code == 422

    db_session.expire_all()
    assert now(payout).status is S.PROCESSING


@pytest.mark.covers("PO-12")
def test_a_payout_has_a_page_in_every_state(client: FlaskClient, payout: UUID, db_session: Database) -> None:
    sign_in(client, make_admin())
    key = now(payout).idempotency_key
    steps: list[tuple[PayoutStatus, Any]] = [
        (S.PENDING, lambda: None),
        (S.PROCESSING, lambda: outcomes.claim(payout)),
        (S.COMPLETED, lambda: outcomes.complete(payout, key, outcomes.Paid("pt-1", 250))),
    ]
    for status, step in steps:
        step()
        db_session.commit()
        assert now(payout).status is status
        shown = client.get(f"/admin/payouts/{payout}")
        assert shown.status_code == 200
        assert NUMBER[4:] not in shown.text


def test_nobody_else_opens_the_admins_pages(
    client: FlaskClient, payee: tuple[Partner, User], payout: UUID
) -> None:
    for person in (payee[1], make_person()):
        sign_in(client, person)
        for path in ("", f"/{payout}"):
            assert client.get(f"/admin/payouts{path}").status_code == 404
        for path in ("stop", "attempt", "question"):
            assert send(client, f"/admin/payouts/{payout}/{path}").status_code == 404
    sign_in(client, make_admin())
    assert client.get(f"/admin/payouts/{new_id()}").status_code == 404


def test_the_pages_ask_little(
    client: FlaskClient, payee: tuple[Partner, User], payout: UUID, count_statements: CountStatements
) -> None:
    for person, path in ((payee[1], "/partner/payout-account"), (make_admin(), f"/admin/payouts/{payout}")):
        sign_in(client, person)
        with count_statements() as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= 8, asked
