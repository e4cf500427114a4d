"""Admins follow every scan and take codes back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.redemptions.codes import grouped
from portal.redemptions.models import QrStatus
from portal.redemptions.scanning import Till, redeem, scan
from tests.harness.house import (
    acting,
    make_admin,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
    send,
    sign_in,
)
from tests.harness.statements import CountStatements


@pytest.mark.covers("QR-12", "QR-17")
def test_every_scan_is_found_by_answer_day_house_and_code(client: FlaskClient, db_session: Session) -> None:
    partner, other = make_partner("Le Djoloff"), make_partner("Pathé")
    venue, staff = make_venue(partner), acting(make_member(partner))
    code = make_code(make_pack(partner, name="Dîner"))
    till = Till(partner.id, venue.id, staff)
    redeem(code.id, till, "n1")
    scan("2345-6789-ABCD", till, "n2")
    scan("=SUM(A1)", Till(other.id, None, acting(make_member(other))), "n3")
    sign_in(client, make_admin())

    def seen(query: str) -> list[bool]:
        text = client.get(f"/admin/redemptions?{query}").text
        return [words in text for words in ("Dîner", "2345-6789-ABCD", "=SUM(A1)")]

    assert seen("") == [True, True, True]
    assert seen("result=redeemed") == [True, False, False]
    assert seen(f"partner={other.id}") == [False, False, True]
    assert seen("to=2020-01-01") == [False, False, False]
    assert seen("code=2345") == [False, True, False]
    assert client.get(f"/admin/redemptions?code={grouped(code.code)}").location.endswith(str(code.id))
    file = client.get("/admin/redemptions?format=csv").text
    assert "'=SUM(A1)" in file
    assert "127.0.0.1" in file


@pytest.mark.covers("QR-06", "QR-17")
def test_an_admin_cancels_a_code_with_a_reason(client: FlaskClient, db_session: Session) -> None:
    code = make_code(make_pack(make_partner()))
    sign_in(client, make_admin())
    address = f"/admin/redemptions/codes/{code.id}"

    assert client.get(address).status_code == 200
    assert send(client, address, {"reason": " "}).status_code == 422
    assert send(client, address, {"reason": "La maison a fermé"}).status_code == 303
    again = send(client, address, {"reason": "encore"})

    db_session.expire_all()
    assert (code.status, again.status_code) == (QrStatus.CANCELED, 422)
    assert "La maison a fermé" in client.get(address).text


@pytest.mark.covers("QR-17")
def test_only_admins_find_these_pages(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    code = make_code(make_pack(partner))
    paths = ("/admin/redemptions", f"/admin/redemptions/codes/{code.id}")
    assert [client.get(path).status_code for path in paths] == [303, 303]
    sign_in(client, make_member(partner))
    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert send(client, paths[1], {"reason": "x"}).status_code == 404
    sign_in(client, make_admin())
    assert client.get(f"/admin/redemptions/codes/{new_id()}").status_code == 404
    assert send(client, f"/admin/redemptions/codes/{new_id()}", {"reason": "x"}).status_code == 404


def test_a_page_asks_few_questions(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    partner = make_partner()
    till = Till(partner.id, make_venue(partner).id, acting(make_member(partner)))
    code_id = make_code(make_pack(partner), make_person()).id
    for number in range(5):
        scan(f"nonsense {number}", till, "n")
    redeem(code_id, till, "n")
    sign_in(client, make_admin())

    for path in ("/admin/redemptions", f"/admin/redemptions/codes/{code_id}"):
        with count_statements() as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= 8, asked
