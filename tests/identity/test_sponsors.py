"""Who brought a person, and where sign-up leads."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.events import user_registered
from portal.identity.models import User
from portal.identity.services import tie_to_sponsor
from portal.kernel.db import violated
from portal.kernel.errors import Conflict
from portal.people.models import UserMetadata
from tests.harness.house import make_person, send
from tests.identity.doorway import GUEST, PASSWORD, PHONE, last_code, open_account, sign_up

FORM = {"full_name": " Awa  Ndiaye ", "email": "Awa@Example.org", "password": PASSWORD}


def test_the_invitation_and_its_origin_travel_through_sign_up(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    heard: list[dict[str, object]] = []

    def listen(user: User, **facts: object) -> None:
        heard.append({"user": user.id, **facts})

    with user_registered.connected_to(listen):
        page = client.get("/sign-up?code=abcd23456&utm_source=affiche&next=/pots")
        assert 'name="invitation_code" value="ABCD23456"' in page.text
        brought = FORM | {"invitation_code": "ABCD23456", "next": "/pots"}
        answer = sign_up(client, brought, "/sign-up?utm_source=affiche")

        other = app.test_client()
        other.set_cookie("invitation", "ZZZZ99999")
        send(other, "/sign-in/code?utm_source=tract", {"phone": PHONE, "next": "/pots"})
        send(other, "/sign-in/code/enter", {"code": last_code()})
        by_phone = send(other, "/sign-up/phone", {"full_name": "Moussa Sarr"})

    assert [answer.location, by_phone.location] == ["/pots", "/pots"]
    assert [facts["invitation_code"] for facts in heard] == ["ABCD23456", "ZZZZ99999"]
    assert [facts["utm"] for facts in heard] == [{"utm_source": "affiche"}, {"utm_source": "tract"}]
    kept = db_session.execute(select(UserMetadata.first_source).order_by(UserMetadata.created_at)).scalars()
    assert [*kept] == ["affiche", "tract"]


@pytest.mark.parametrize(
    "following",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x" * 600],
)
def test_nobody_is_sent_to_another_host(client: FlaskClient, db_session: Session, following: str) -> None:
    answer = sign_up(client, FORM | {"next": following, "invitation_code": "<b>" + "x" * 3000})

    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.covers("ID-29", "ID-30", "ID-31")
def test_a_sponsor_is_tied_once_and_only_while_the_account_is_opened(db_session: Session) -> None:
    sponsor, other = open_account(), open_account(email="other@example.org")
    refused: list[str] = []

    def tie(user: User, **_facts: object) -> None:
        for wrong in (user.id,):
            with pytest.raises(Conflict):
                tie_to_sponsor(user.id, wrong, by=GUEST)
        tie_to_sponsor(user.id, sponsor.id, by=GUEST)
        with pytest.raises(Conflict):
            tie_to_sponsor(user.id, other.id, by=GUEST)
        refused.append("second")

    with user_registered.connected_to(tie):
        user = open_account(email="new@example.org")

    assert user.referred_by == sponsor.id
    assert refused == ["second"]
    for late in (user.id, other.id):
        with pytest.raises(Conflict):
            tie_to_sponsor(late, sponsor.id, by=GUEST)
    assert other.referred_by is None


@pytest.mark.covers("ID-05", "ID-09", "ID-30", "ID-31", "DEV-15")
@pytest.mark.parametrize(
    ("who", "change", "constraint"),
    [
        ("tied", "referred_by = :other", "users_keep_sponsor"),
        ("other", "referred_by = id", "ck_users_not_referred_by_self"),
        ("tied", "email = NULL, phone = NULL", "check_contact_method"),
        ("tied", "roles = '{king}'", "ck_users_roles_known"),
        ("tied", "roles = '{}'", "ck_users_roles_known"),
        ("tied", "status = 'gone'", "ck_users_status"),
        ("tied", "email = 'OTHER@example.org'", "uq_users_email_lower"),
    ],
)
def test_the_database_keeps_the_rules_of_an_account(
    db_session: Session, who: str, change: str, constraint: str
) -> None:
    sponsor, other = open_account(), open_account(email="other@example.org")
    tied = open_account(email="new@example.org")
    tied.referred_by = sponsor.id
    db_session.flush()
    row = {"tied": tied, "other": other}[who]

    with pytest.raises(IntegrityError) as refused:
        db_session.execute(
            text(f"UPDATE users SET {change} WHERE id = :id"),
            {"id": row.id} | ({"other": other.id} if ":other" in change else {}),
        )

    assert violated(refused.value) == constraint


@pytest.mark.covers("ID-29")
def test_the_sponsor_becomes_empty_if_that_row_ever_goes(db_session: Session) -> None:
    sponsor, user = make_person(has_agreed=False), open_account(email="new@example.org")
    user.referred_by = sponsor.id
    db_session.flush()
    db_session.execute(text("DELETE FROM users WHERE id = :id"), {"id": sponsor.id})

    db_session.expire_all()
    assert db_session.get_one(User, user.id).referred_by is None
