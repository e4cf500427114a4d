"""The till's pages: scan, look, confirm, the list of scans; with and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.kernel.roles import MemberRole
from portal.partners.models import PartnerStatus
from portal.redemptions.codes import grouped
from portal.redemptions.models import QrCode, QrStatus, RedemptionLog
from portal.redemptions.signing import sign
from tests.harness.house import (
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

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


class House:
    """A partner with one place, and a browser at its till."""

    def __init__(self, client: FlaskClient, role: MemberRole = MemberRole.STAFF, **partner: Any) -> None:
        self.client = client
        self.partner = make_partner(**partner)
        self.venue = make_venue(self.partner)
        self.pack = make_pack(self.partner, 15_000, redemption_instructions="Table près de la fenêtre")
        self.code = make_code(self.pack, make_person("Awa Ndiaye"))
        self.typed = grouped(self.code.code)
        sign_in(client, make_member(self.partner, role))

    def scan(self, code: str, **headers: str) -> Any:
        values = {"code": code, "venue": str(self.venue.id), "nonce": "tap"}
        return send(self.client, "/partner/scan", values, headers=headers)


@pytest.fixture
def house(client: FlaskClient, db_session: Session) -> House:
    return House(client)


def permit_in(page: str) -> str:
    found = re.search(r'name="permit" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.covers("QR-16", "PRT-13")
def test_the_scanner_offers_the_camera_and_a_box_to_type(house: House) -> None:
    page = house.client.get("/partner/scan")

    assert page.status_code == 200
    assert 'data-scanner="scan"' in page.text
    assert 'name="code"' in page.text
    assert f'name="venue" value="{house.venue.id}"' in page.text
    assert house.client.get("/partner").location == "/partner/scan"


@pytest.mark.covers("QR-10", "QR-16")
def test_without_script_a_code_is_scanned_shown_and_confirmed(house: House, db_session: Session) -> None:
    scanned = house.scan(house.typed)
    assert scanned.status_code == 303
    shown = house.client.get(scanned.location)
    assert "scan-result--ready" in shown.text
    assert "Awa" in shown.text
    assert "Table près de la fenêtre" in shown.text

    done = send(house.client, "/partner/redemptions", {"permit": permit_in(shown.text), "notes": "table 4"})
    assert done.status_code == 303
    answer = house.client.get(done.location)

    assert "scan-result--redeemed" in answer.text
    db_session.expire_all()
    assert (house.code.status, house.code.partner_notes) == (QrStatus.REDEEMED, "table 4")
    again = send(house.client, "/partner/redemptions", {"permit": permit_in(shown.text)})
    assert again.location == done.location
    used = house.client.get(house.scan(house.typed).location)
    assert "scan-result--already_redeemed" in used.text


@pytest.mark.covers("QR-10", "QR-16")
def test_with_script_each_step_answers_with_its_part_of_the_page(house: House, app: Flask) -> None:
    token = sign(house.code.id, app.config["SETTINGS"].qr_signing_key)

    shown = house.scan(token, **FRAGMENT)
    done = send(house.client, "/partner/redemptions", {"permit": permit_in(shown.text)}, headers=FRAGMENT)

    assert (shown.status_code, done.status_code) == (200, 200)
    assert "<html" not in shown.text
    assert "scan-result--ready" in shown.text
    assert "scan-result--redeemed" in done.text
    assert 'name="nonce" form="scan"' in done.text


@pytest.mark.covers("PRT-10", "QR-10")
def test_where_a_scan_is_enough_one_request_redeems(client: FlaskClient, db_session: Session) -> None:
    house = House(client, auto_approve_redemptions=True)

    first, repeated = house.scan(house.typed), house.scan(house.typed)

    assert first.location == repeated.location
    assert "scan-result--redeemed" in client.get(first.location).text
    db_session.expire_all()
    assert house.code.status is QrStatus.REDEEMED


@pytest.mark.covers("QR-13", "QR-16")
@pytest.mark.parametrize(
    ("prepare", "kind"),
    [
        ("unknown", "unknown"),
        ("forged", "forged"),
        ("canceled", "canceled"),
        ("expired", "expired"),
        ("early", "not_before"),
        ("elsewhere", "wrong_venue"),
        ("other house", "wrong_partner"),
        ("inactive", "canceled"),
    ],
)
def test_each_refusal_has_its_own_answer(
    house: House, app: Flask, db_session: Session, prepare: str, kind: str
) -> None:
    code, text = house.code, house.typed
    if prepare == "unknown":
        text = "2345-6789-ABCD"
    elif prepare == "forged":
        text = sign(code.id, "33" * 32)
    elif prepare == "canceled":
        code.status = QrStatus.CANCELED
    elif prepare == "expired":
        code.expires_at, code.redeemable_from = code.redeemable_from, code.created_at.replace(year=2020)
    elif prepare == "early":
        code.redeemable_from, code.expires_at = code.expires_at, code.expires_at.replace(year=2090)
    elif prepare == "elsewhere":
        house.pack.venue_ids = [make_venue(house.partner, "Ngor").id]
    elif prepare == "other house":
        text = grouped(make_code(make_pack(make_partner("Autre")), make_person("Secret Sarr")).code)
    else:
        house.partner.status = PartnerStatus.SUSPENDED
    db_session.flush()

    answer = house.client.get(house.scan(text).location)
    part = house.scan(text, **FRAGMENT)

    assert f"scan-result--{kind}" in answer.text
    assert f"scan-result--{kind}" in part.text
    assert "Secret" not in answer.text + part.text


def test_a_scan_without_a_code_says_what_to_do(house: House, db_session: Session) -> None:
    for headers in ({}, FRAGMENT):
        answer = house.scan(" ", **headers)
        assert answer.status_code == 422
        assert "error-summary" in answer.text
    assert house.scan("x" * 256).status_code == 422
    assert db_session.execute(select(RedemptionLog)).first() is None


def test_guessing_is_held_up_on_the_page_too(house: House) -> None:
    for _number in range(10):
        house.scan("2345-6789-ABCD")

    answer = house.scan("2345-6789-ABCD", **FRAGMENT)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "error-summary" in answer.text


@pytest.mark.covers("QR-09")
def test_a_confirmation_needs_the_permit_of_this_session(
    house: House, app: Flask, db_session: Session
) -> None:
    permit = permit_in(house.scan(house.typed, **FRAGMENT).text)
    colleague = app.test_client()
    sign_in(colleague, make_member(house.partner))

    for wrong in ("", "nonsense", permit[:-2], "x" * 500):
        assert_too_late(send(house.client, "/partner/redemptions", {"permit": wrong}))
    assert_too_late(send(colleague, "/partner/redemptions", {"permit": permit}))
    stale = send(house.client, "/partner/redemptions", {"permit": "old"}, headers=FRAGMENT)
    assert stale.status_code == 409
    assert house.client.get("/partner/scan/nonsense").location == "/partner/scan"
    db_session.expire_all()
    assert house.code.status is QrStatus.ISSUED


def assert_too_late(answer: Any) -> None:
    """Nothing was done, and the scanner is there for another try."""
    assert answer.status_code == 409
    assert "Please scan the code again." in answer.text
    assert 'name="code"' in answer.text


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_a_note_that_is_too_long_is_refused_and_the_gift_still_waits(
    house: House, headers: dict[str, str]
) -> None:
    permit = permit_in(house.scan(house.typed, **FRAGMENT).text)
    confirmation = {"permit": permit, "notes": "Table " * 60}

    answer = send(house.client, "/partner/redemptions", confirmation, headers=headers)

    assert answer.status_code == 422
    assert "Please use at most 300 characters." in answer.text
    assert f'value="{confirmation["notes"].strip()}"' in answer.text
    assert permit_in(answer.text) == permit
    served = send(house.client, "/partner/redemptions", {"permit": permit, "notes": "Table 4"})
    assert served.status_code == 303


def test_a_device_remembers_its_place(client: FlaskClient, db_session: Session) -> None:
    house = House(client)
    make_venue(house.partner, "Ngor")
    assert "selected>" not in client.get("/partner/scan").text

    house.scan(house.typed)

    assert f'value="{house.venue.id}" selected>Plateau' in client.get("/partner/scan").text


def test_a_house_without_an_open_place_is_told_so(client: FlaskClient, db_session: Session) -> None:
    house = House(client)
    house.venue.is_active = False
    db_session.flush()

    page = client.get("/partner/scan").text

    assert "data-scanner" not in page
    assert "/partner/venues" in page


@pytest.mark.covers("PRT-12", "PRT-13", "QR-12")
def test_the_list_shows_one_s_own_scans_with_filters_and_as_a_file(
    house: House, app: Flask, db_session: Session
) -> None:
    permit = permit_in(house.scan(house.typed, **FRAGMENT).text)
    send(house.client, "/partner/redemptions", {"permit": permit})
    house.scan("=2345-6789-ABCD")
    other = app.test_client()
    theirs = make_partner("Autre")
    make_venue(theirs)
    sign_in(other, make_member(theirs))

    def seen(query: str) -> tuple[bool, bool]:
        text = house.client.get(f"/partner/redemptions?{query}").text
        return "Dîner pour deux · Awa" in text, "2345-6789-ABCD" in text

    assert seen("") == (True, True)
    assert seen("result=redeemed") == (True, False)
    assert seen("result=refused") == (False, True)
    assert seen("from=2090-01-01") == (False, False)
    assert seen("from=nonsense&to=9999-12-31&cursor=x") == (True, True)
    file = house.client.get("/partner/redemptions?format=csv")
    assert "'=2345-6789-ABCD" in file.text
    assert "12000" in file.text
    assert "Awa" not in other.get("/partner/redemptions").text
    assert "Awa" not in other.get(f"/partner/redemptions?partner={house.partner.id}").text
    log_id = db_session.execute(select(RedemptionLog.id).limit(1)).scalar_one()
    assert other.get(f"/partner/redemptions/{log_id}").status_code == 404
    assert house.client.get(f"/partner/redemptions/{new_id()}").status_code == 404


@pytest.mark.covers("QR-09", "PRT-12")
def test_a_scan_of_another_house_s_code_stays_without_details_in_the_list(
    house: House, db_session: Session
) -> None:
    secret = make_code(make_pack(make_partner("Autre"), name="Cadeau secret"), make_person("Secret Sarr"))

    house.scan(grouped(secret.code))

    for path in ("", "?format=csv"):
        text = house.client.get(f"/partner/redemptions{path}").text
        assert "secret" not in text.lower()


@pytest.mark.covers("PRT-12")
@pytest.mark.parametrize("path", ["/partner", "/partner/scan", "/partner/redemptions"])
def test_the_till_is_for_the_team(client: FlaskClient, db_session: Session, path: str) -> None:
    make_partner()
    assert client.get(path).status_code == 303
    sign_in(client, make_person())
    assert client.get(path).status_code == 404
    assert send(client, "/partner/scan", {"code": "2345-6789-ABCD"}).status_code == 404
    assert send(client, "/partner/redemptions", {"permit": "x"}).status_code == 404


@pytest.mark.covers("QR-08")
def test_the_whole_request_of_a_redemption_asks_no_more_than_the_redemption(
    client: FlaskClient, db_session: Session, app: Flask, count_statements: CountStatements
) -> None:
    house = House(client, auto_approve_redemptions=True)
    token = sign(house.code.id, app.config["SETTINGS"].qr_signing_key)
    values = {"code": token, "venue": str(house.venue.id), "nonce": "tap"}
    client.get("/partner/scan")

    with count_statements() as asked:
        assert send(client, "/partner/scan", values, headers=FRAGMENT).status_code == 200

    assert len(asked) == 4, asked
    assert db_session.execute(select(QrCode.status)).scalar_one() is QrStatus.REDEEMED


@pytest.mark.parametrize("path", ["/partner/scan", "/partner/redemptions", "{result}"])
def test_a_page_asks_few_questions(house: House, count_statements: CountStatements, path: str) -> None:
    result = house.scan("2345-6789-ABCD").location

    with count_statements() as asked:
        assert house.client.get(path.format(result=result)).status_code == 200

    assert len(asked) <= 8, asked
