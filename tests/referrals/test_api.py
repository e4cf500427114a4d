"""Referrals for programs: thirteen fields and no more, the same services as the pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.referrals.inviting import Invitee
from portal.referrals.models import Referral
from tests.harness.house import form_token, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.referrals.word_of_mouth import make_friend, make_sponsor, send_invitation

FIELDS = {
    *("id", "referrer", "referred_name", "referred_email", "referred_phone", "referred_country", "visa_type"),
    *("referral_link", "referral_code", "status", "converted_at", "created_at", "updated_at"),
}
URL = "/api/v1/referrals"


@pytest.fixture
def sponsor(client: FlaskClient, db_session: Session) -> User:
    user = make_sponsor()
    sign_in(client, user)
    return user


def post(client: FlaskClient, body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(URL, json=body, headers={"X-CSRFToken": form_token(client)})
    return answer.status_code, answer.get_json()


@pytest.mark.covers("REF-24")
def test_a_referral_has_the_fields_that_programs_know(client: FlaskClient, sponsor: User) -> None:
    referral = send_invitation(sponsor)
    db.session.commit()

    shown = client.get(f"{URL}/{referral.id}").get_json()

    assert set(shown) == FIELDS
    assert (shown["id"], shown["referrer"]) == (str(referral.id), str(sponsor.id))
    assert (shown["status"], shown["referral_code"]) == ("pending", referral.referral_code)
    assert shown["created_at"] == referral.created_at.isoformat()
    assert shown["converted_at"] is None


@pytest.mark.covers("REF-23", "REF-24")
def test_the_list_holds_my_own_a_page_at_a_time(
    client: FlaskClient, sponsor: User, count_statements: CountStatements
) -> None:
    mine = {str(send_invitation(sponsor).id) for _one in range(27)}
    _friend, accepted = make_friend(sponsor)
    send_invitation(make_sponsor("Ibou Fall"))
    db.session.commit()

    seen: list[str] = []
    address = URL
    while address:
        with count_statements() as asked:
            answer = client.get(address)
        assert len(asked) <= 4, asked
        assert all(set(row) == FIELDS for row in answer.get_json()["results"])
        seen += [row["id"] for row in answer.get_json()["results"]]
        address = answer.get_json()["next"]

    assert len(seen) == len(set(seen))
    assert set(seen) == mine | {str(accepted.id)}
    narrowed = client.get(f"{URL}?state=accepted").get_json()["results"]
    assert [row["id"] for row in narrowed] == [str(accepted.id)]


@pytest.mark.covers("REF-23", "REF-24")
def test_a_program_invites_as_a_person_does(client: FlaskClient, sponsor: User) -> None:
    status, body = post(client, {"referred_name": "Fatou", "referred_phone": "77 123 45 67"})

    assert status == 201
    assert set(body) == FIELDS
    assert body["referred_phone"] == "+221771234567"
    status, body = post(client, {"referred_phone": "+221771234567"})
    assert (status, set(body)) == (409, {"error"})


@pytest.mark.covers("REF-24")
@pytest.mark.parametrize(
    "body",
    [
        *(
            {"referred_phone": "77 123 45 67", name: "2026-01-01"}
            for name in ("id", "created_at", "updated_at")
        ),
        {"referred_phone": "77 123 45 67", "status": "completed"},
        {"referred_phone": 771234567},
        {"referred_phone": "7"},
        {"referred_phone": "77 123 45 67", "message": "m" * 501},
        {"referred_phone": "77 123 45 67", "referred_name": "\x00"},
        {},
        [],
        "text",
        None,
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_is_kept(
    client: FlaskClient, sponsor: User, body: object
) -> None:
    status, answer = post(client, body)

    assert status == 422
    assert answer["error"]
    assert db.session.execute(select(func.count()).select_from(Referral)).scalar_one() == 0


@pytest.mark.covers("REF-24")
def test_referrals_of_others_and_without_a_session_are_not_shown(client: FlaskClient, sponsor: User) -> None:
    other = send_invitation(make_sponsor("Ibou Fall"))
    db.session.commit()
    assert client.get(f"{URL}/{other.id}").status_code == 404
    assert client.get(f"{URL}/{new_id()}").get_json()["error"]["status"] == 404
    assert client.post(URL, json={"referred_phone": "77 123 45 67"}).status_code == 400

    client.post("/sign-out", data={"csrf_token": form_token(client)})
    answer = client.get(f"{URL}/{other.id}")
    assert (answer.status_code, answer.mimetype) == (401, "application/json")


@pytest.mark.covers("REF-24")
def test_numbers_and_addresses_are_whole_only_a_while_after_a_proof(
    client: FlaskClient, sponsor: User, clock: Clock
) -> None:
    phoned = send_invitation(sponsor, Invitee("Fatou", "+221771234567", None))
    mailed = send_invitation(sponsor, Invitee("Binta", None, "binta.ba@exemple.sn"))
    db.session.commit()
    whole = {row["id"]: row for row in client.get(URL).get_json()["results"]}
    assert whole[str(phoned.id)]["referred_phone"] == "+221771234567"

    clock.advance(minutes=11)

    listed = {row["id"]: row for row in client.get(URL).get_json()["results"]}
    one = client.get(f"{URL}/{phoned.id}").get_json()
    assert listed[str(phoned.id)]["referred_phone"] == one["referred_phone"] == "+22177•••67"
    assert listed[str(mailed.id)]["referred_email"] == "bi•••@exemple.sn"
