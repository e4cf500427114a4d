"""Where an invitation leads."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config.values import LINKS_PER_MINUTE
from portal.identity.models import User, UserStatus
from portal.kernel.db import db
from portal.referrals.inviting import Invitee, invite
from portal.referrals.models import InvitationStatus, Referral, ReferralClick
from portal.referrals.policies import Standing, standing
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import sign_up as go_through_sign_up
from tests.referrals.word_of_mouth import (
    came_by_link,
    make_friend,
    make_sponsor,
    send_invitation,
    set_value,
    sign_up,
    some_phone,
)

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 12; Tecno Spark) Chrome/120"}


@pytest.fixture(autouse=True)
def spring(clock: Clock) -> None:
    clock.travel(2026, 5, 4, 12)


@pytest.fixture
def referral(sponsor: User) -> Referral:
    made = invite(
        sponsor.id, Invitee("Fatou", some_phone(), None, "Viens, <b>Fatou</b> !"), by=acting(sponsor)
    )
    db.session.commit()
    return made


def look(client: FlaskClient, code: str, query: str = "") -> TestResponse:
    return client.get(f"/r/{code}{query}", headers=PHONE)


def clicks() -> list[ReferralClick]:
    return list(db.session.scalars(select(ReferralClick).order_by(ReferralClick.id)))


@pytest.mark.covers("REF-05", "REF-09", "REF-13")
def test_an_invitation_says_who_asks_and_leads_to_sign_up_with_its_code(
    client: FlaskClient, referral: Referral
) -> None:
    response = look(client, referral.referral_code, "?utm_source=sms&utm_campaign=tabaski&x=1")

    assert response.status_code == 200
    assert "Awa" in response.text
    assert "Ndiaye" not in response.text
    assert "Viens, &lt;b&gt;Fatou&lt;/b&gt; !" in response.text
    link = next(part for part in response.text.split('"') if part.startswith("/sign-up?")).replace(
        "&amp;", "&"
    )
    assert parse_qs(urlsplit(link).query) == {
        "invitation_code": [referral.referral_code],
        "utm_source": ["sms"],
        "utm_campaign": ["tabaski"],
    }
    cookie = client.get_cookie("invitation")
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == (referral.referral_code, True, "Lax")
    assert cookie.max_age == 30 * 24 * 3600
    assert response.headers["X-Robots-Tag"].startswith("noindex")


@pytest.mark.covers("REF-05", "REF-19", "ID-32")
@pytest.mark.parametrize("personal", [True, False], ids=["personal link", "single invitation"])
def test_from_the_link_to_the_account(
    client: FlaskClient, sponsor: User, referral: Referral, personal: bool
) -> None:
    code = sponsor.referral_code if personal else referral.referral_code
    page = look(client, code, "?utm_source=whatsapp").text
    link = next(part for part in page.split('"') if part.startswith("/sign-up?")).replace("&amp;", "&")
    assert client.get(link).status_code == 200
    form = {
        "full_name": "Fatou Sarr",
        "email": "fatou@exemple.sn",
        "password": "un cheval correct agrafe",
        "date_of_birth": "14/05/1990",
    }

    assert go_through_sign_up(client, form, link).status_code == 303

    db.session.expire_all()
    friend = db.session.scalars(select(User).where(User.email == "fatou@exemple.sn")).one()
    brought = came_by_link(friend)
    assert standing(brought) is Standing.ACCEPTED
    assert (brought.referrer_id, brought.utm_source) == (sponsor.id, "whatsapp")
    assert (brought.id == referral.id) is not personal


@pytest.mark.covers("REF-19")
def test_a_visit_counts_one_click_however_often_the_page_is_loaded(
    client: FlaskClient, referral: Referral, sponsor: User
) -> None:
    for _reload in range(3):
        look(client, referral.referral_code.lower(), "?utm_source=sms")
    look(client, sponsor.referral_code)
    client.delete_cookie("form")
    look(client, referral.referral_code)

    assert [click.referral_id for click in clicks()] == [referral.id, None, referral.id]
    assert clicks()[0].utm == {"utm_source": "sms"}


def test_programs_and_the_sponsor_are_not_counted(
    client: FlaskClient, referral: Referral, sponsor: User
) -> None:
    preview = client.get(f"/r/{referral.referral_code}", headers={"User-Agent": "WhatsApp/2.24"})
    assert "og:title" in preview.text
    client.delete_cookie("form")
    sign_in(client, sponsor)
    look(client, sponsor.referral_code)

    assert clicks() == []


def test_the_first_look_asks_few_statements(
    client: FlaskClient, referral: Referral, count_statements: CountStatements
) -> None:
    with count_statements() as asked:
        look(client, referral.referral_code)

    assert len(asked) <= 5, asked


@pytest.mark.covers("REF-09")
def test_an_invitation_is_declined_by_a_post_only(client: FlaskClient, referral: Referral) -> None:
    address = f"/r/{referral.referral_code}/decline"
    look(client, referral.referral_code)
    assert client.get(address).status_code == 405

    for _twice in range(2):
        assert send(client, address).status_code == 303

    db.session.refresh(referral)
    assert referral.invitation_status is InvitationStatus.DECLINED
    assert client.get_cookie("invitation") is None
    after = look(client, referral.referral_code)
    assert after.status_code == 410
    assert "/decline" not in after.text
    assert client.get_cookie("invitation") is None


def test_a_decline_without_its_token_does_nothing(client: FlaskClient, referral: Referral) -> None:
    assert client.post(f"/r/{referral.referral_code}/decline").status_code in (303, 400)

    db.session.refresh(referral)
    assert referral.invitation_status is InvitationStatus.SENT


@pytest.mark.covers("REF-07")
def test_an_expired_invitation_says_so_before_the_job_has_run(
    client: FlaskClient, referral: Referral, clock: Clock
) -> None:
    clock.advance(days=7)

    response = look(client, referral.referral_code)

    assert response.status_code == 410
    assert client.get_cookie("invitation") is None
    assert f"invitation_code={referral.referral_code}" not in response.text
    assert send(client, f"/r/{referral.referral_code}/decline").status_code == 409


@pytest.mark.parametrize("finished", [True, False])
def test_an_invitation_that_was_used_says_so(client: FlaskClient, sponsor: User, finished: bool) -> None:
    if finished:
        _friend, used = make_friend(sponsor)
    else:
        used = send_invitation(sponsor)
        sign_up(used.referral_code, born=None)
    db.session.commit()

    assert look(client, used.referral_code).status_code == 410


@pytest.mark.parametrize(
    "code", ["NOBODY123", "NOBODY123456", "x", "A" * 40, "%00%00", "..%2F", "%F0%9F%92%A9", "' OR 1=1 --"]
)
def test_an_unknown_code_is_a_page_of_its_own(client: FlaskClient, db_session: Session, code: str) -> None:
    response = look(client, code)

    assert response.status_code == 404
    assert "<h1" in response.text
    assert clicks() == []


def test_the_link_of_a_suspended_sponsor_leads_nowhere(
    client: FlaskClient, sponsor: User, referral: Referral
) -> None:
    db.session.execute(update(User).where(User.id == sponsor.id).values(status=UserStatus.SUSPENDED))
    db.session.commit()

    for code in (sponsor.referral_code, referral.referral_code):
        assert look(client, code).status_code == 404


def test_somebody_who_has_an_account_is_told_the_truth(
    client: FlaskClient, sponsor: User, referral: Referral
) -> None:
    sign_in(client, make_sponsor("Ibou Fall"))

    response = look(client, referral.referral_code)

    assert response.status_code == 200
    assert "/sign-up" not in response.text
    assert "/decline" not in response.text
    assert client.get_cookie("invitation") is None


def test_links_are_not_tried_out_by_the_thousand(client: FlaskClient, db_session: Session) -> None:
    set_value(LINKS_PER_MINUTE, 3)
    db.session.commit()

    answers = [look(client, "NOBODY123").status_code for _ in range(5)]

    assert answers == [404, 404, 404, 429, 429]
