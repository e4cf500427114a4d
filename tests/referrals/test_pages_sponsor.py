"""A sponsor's pages: score, inviting, invitations, points; with and without mistakes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.values import POINTS_RATE
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.phones import for_people
from portal.ledger.accounts import pot_funds, user_points
from portal.ledger.queries import balance
from portal.pots.models import PotStatus
from portal.referrals.inviting import Invitee, invite
from portal.referrals.limits import day_row, places_today
from portal.referrals.models import PointsConversion, Referral
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.pots.gifts import make_open_pot
from tests.referrals.word_of_mouth import (
    ADULT,
    fill_list,
    give_points,
    make_friend,
    make_sponsor,
    send_invitation,
    set_value,
    sign_up,
)

PAGES = (
    "/sponsor",
    "/sponsor/invite",
    "/sponsor/invitations",
    "/sponsor/contacts",
    "/sponsor/contacts/new",
    "/sponsor/contacts/import",
    "/sponsor/batches",
    "/sponsor/points",
)


@pytest.fixture(autouse=True)
def spring(clock: Clock) -> None:
    clock.travel(2026, 5, 4, 12)


@pytest.fixture
def sponsor(client: FlaskClient, db_session: Session) -> User:
    user = make_sponsor()
    sign_in(client, user)
    return user


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.text[:2000]
    return response.text


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_is_asked_to_sign_in(client: FlaskClient, url: str) -> None:
    response = client.get(url)

    assert response.status_code == 303
    assert "/sign-in" in response.headers["Location"]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_asks_at_most_eight_statements_however_much_there_is(
    client: FlaskClient, sponsor: User, count_statements: CountStatements, url: str
) -> None:
    for _ in range(4):
        make_friend(sponsor)
        send_invitation(sponsor)
    fill_list(sponsor, 60)
    give_points(sponsor, 900)
    make_open_pot(sponsor)
    db.session.commit()

    with count_statements() as asked:
        text_of(client, url)

    assert len(asked) <= 8, "\n".join(asked)


@pytest.mark.covers("REF-32", "REF-43", "REF-61")
def test_the_dashboard_shows_invited_accepted_and_earned(client: FlaskClient, sponsor: User) -> None:
    make_friend(sponsor)
    make_friend(sponsor)
    send_invitation(sponsor)
    give_points(sponsor, 40)
    db.session.commit()

    page = text_of(client, "/sponsor")

    figures = re.findall(r"<dd>([^<]+)</dd>", page)
    assert figures[:3] == ["3", "2", "240"]
    assert f"/r/{sponsor.referral_code}" in page
    assert 'href="/sponsor/invite"' in page


def test_a_sponsor_whose_birthday_is_unknown_is_led_to_it(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_sponsor(born=None))

    away = client.get("/sponsor/invite")

    assert away.status_code == 303
    assert away.headers["Location"].split("?")[0] in text_of(client, "/sponsor")


@pytest.mark.covers("REF-01", "REF-33", "REF-43")
def test_an_invitation_is_sent_from_the_page(client: FlaskClient, sponsor: User) -> None:
    form = {"name": "Fatou", "phone": "77 123 45 67", "email": "", "message": "Viens !"}

    response = send(client, "/sponsor/invite", form)

    assert response.status_code == 303
    referral = db.session.scalars(select(Referral)).one()
    assert (referral.referred_phone, referral.message) == ("+221771234567", "Viens !")
    page = text_of(client, "/sponsor/invite")
    assert "Fatou" in page
    assert "49" in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "Fatou"},
        {"phone": "12"},
        {"email": "fatou@"},
        {"phone": "77 123 45 67", "message": "m" * 501},
        {"phone": "77 123 45 67", "name": "n" * 256},
        {"phone": "77 123 45 67", "name": "a\x00b"},
        {"phone": "7" * 5_000},
        {"email": "a" * 5_000 + "@exemple.sn"},
        {"phone": "own"},
    ],
)
def test_a_wrong_invitation_shows_the_page_again_and_sends_nothing(
    client: FlaskClient, sponsor: User, form: dict[str, str]
) -> None:
    if form.get("phone") == "own":
        form = {"phone": sponsor.phone or ""}

    response = send(client, "/sponsor/invite", form)

    assert response.status_code == 422
    assert 'class="error-summary"' in response.text
    assert db.session.scalars(select(Referral)).all() == []
    assert places_today(sponsor.id).sent == 0


def test_somebody_already_invited_is_named_beside_the_number(client: FlaskClient, sponsor: User) -> None:
    invite(sponsor.id, Invitee("Fatou", "771234567", None), by=acting(sponsor))
    db.session.commit()

    response = send(client, "/sponsor/invite", {"phone": "77 123 45 67"})

    assert response.status_code == 422
    assert 'id="phone-error"' in response.text


@pytest.mark.covers("REF-34", "REF-43")
def test_when_the_day_is_used_up_the_page_says_so_and_a_post_is_refused(
    client: FlaskClient, sponsor: User
) -> None:
    day_row(sponsor.id).invitations_sent_today = 50
    db.session.commit()

    page = text_of(client, "/sponsor/invite")
    assert 'name="phone"' not in page
    assert "00:00" in page or "00 h 00" in page
    response = send(client, "/sponsor/invite", {"phone": "771234567"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) == 12 * 3600


def test_a_contact_fills_the_form(client: FlaskClient, sponsor: User) -> None:
    (contact,) = fill_list(sponsor, 1)
    db.session.commit()

    assert contact.phone is not None
    assert f'value="{for_people(contact.phone)}"' in text_of(client, f"/sponsor/invite?contact={contact.id}")
    text_of(client, f"/sponsor/invite?contact={new_id()}", 404)
    text_of(client, "/sponsor/invite?contact=nonsense")


@pytest.mark.covers("REF-32")
def test_invitations_are_listed_searched_filtered_and_given_as_a_file(
    client: FlaskClient, sponsor: User
) -> None:
    for name in ("Fatou Sarr", "Moussa_100%"):
        invite(sponsor.id, Invitee(name, None, f"{new_id().hex}@exemple.sn"), by=acting(sponsor))
    make_friend(sponsor)
    send_invitation(make_sponsor("Ibou"), Invitee("Someone else's", None, "x@exemple.sn"))
    db.session.commit()

    everything = text_of(client, "/sponsor/invitations")
    assert "Moussa_100%" in everything
    assert "Someone else" not in everything
    found = text_of(client, "/sponsor/invitations?q=_100%25")
    assert "Moussa_100%" in found
    assert "Fatou Sarr" not in found
    assert "Moussa_100%" not in text_of(client, "/sponsor/invitations?state=accepted")
    for nonsense in ("?state=lost", "?cursor=xyz", "?q=%00", "?q=" + "x" * 3000, "?format=pdf"):
        text_of(client, f"/sponsor/invitations{nonsense}")
    file = client.get("/sponsor/invitations?format=csv&state=open")
    assert file.headers["Content-Type"].startswith("text/csv")
    lines = file.text.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("\ufeffname,phone,email,state")


@pytest.mark.covers("REF-33")
def test_an_expired_invitation_is_sent_again_from_the_list(
    client: FlaskClient, sponsor: User, clock: Clock
) -> None:
    referral = send_invitation(sponsor)
    db.session.commit()
    again = f"/sponsor/invitations/{referral.id}/again"
    assert send(client, again).status_code == 409

    clock.travel(clock.now() + timedelta(days=7))
    sign_in(client, sponsor)
    assert again in text_of(client, "/sponsor/invitations")
    assert send(client, again).status_code == 303

    assert len(db.session.scalars(select(Referral.id)).all()) == 2
    stranger = send_invitation(make_sponsor("Ibou"))
    db.session.commit()
    assert send(client, f"/sponsor/invitations/{stranger.id}/again").status_code == 404


def conversion_form(page: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page)
    return {name: value for name, value in fields if name != "csrf_token"}


@pytest.mark.covers("REF-61", "REF-63", "REF-66")
def test_points_are_put_into_a_pot_after_a_look_at_the_francs(client: FlaskClient, sponsor: User) -> None:
    set_value(POINTS_RATE, "2.5")
    pot = make_open_pot(sponsor)
    give_points(sponsor, 701)
    make_friend(sponsor)
    db.session.commit()
    page = text_of(client, "/sponsor/points")
    assert re.findall(r'class="stat__value">([^<]+)<', page) == ["701", "100", "0", "801"]

    shown = text_of(client, f"/sponsor/points/conversion?pot={pot.id}&points=701")
    form = conversion_form(shown)
    assert (form["points"], form["francs"]) == ("700", "1750")
    assert balance(user_points(sponsor.id)).available == 701

    for _double_click in range(2):
        assert send(client, "/sponsor/points/conversion", form).status_code == 303

    made = db.session.scalars(select(PointsConversion)).one()
    assert (made.points_converted, made.credits_issued_minor) == (700, 1750)
    assert balance(pot_funds(pot.id)).available == 1750
    after = text_of(client, "/sponsor/points")
    assert re.findall(r'class="stat__value">([^<]+)<', after) == ["1", "100", "700", "801"]
    assert pot.title in after


@pytest.mark.parametrize(
    "query",
    [
        "pot=&points=",
        "pot=own&points=",
        "pot=own&points=0",
        "pot=own&points=-5",
        "pot=own&points=499",
        "pot=own&points=702",
        "pot=own&points=1e9",
        "pot=own&points=99999999999999999999",
        "pot=strange&points=600",
        "pot=nonsense&points=600",
        "pot=%00&points=%00",
    ],
)
def test_a_question_that_makes_no_sense_is_answered_on_the_page(
    client: FlaskClient, sponsor: User, query: str
) -> None:
    own, strange = make_open_pot(sponsor), make_open_pot(make_sponsor("Ibou", born=ADULT))
    give_points(sponsor, 701)
    db.session.commit()
    query = query.replace("own", str(own.id)).replace("strange", str(strange.id))

    response = client.get(f"/sponsor/points/conversion?{query}")

    assert response.status_code == 422
    assert 'class="error-summary"' in response.text


def test_nothing_asked_leads_back_to_the_points(client: FlaskClient, sponsor: User) -> None:
    response = client.get("/sponsor/points/conversion?cursor=abc")

    assert (response.status_code, response.location) == (303, "/sponsor/points?cursor=abc")


@pytest.mark.parametrize(
    "change",
    [
        {"points": "702"},
        {"francs": "5"},
        {"pot": "strange"},
        {"pot": "nonsense"},
        {"pot": ""},
        {"points": "many"},
        {"submission_key": ""},
        {"submission_key": "k" * 101},
    ],
)
def test_a_conversion_that_was_tampered_with_moves_nothing(
    client: FlaskClient, sponsor: User, change: dict[str, str]
) -> None:
    own, strange = make_open_pot(sponsor), make_open_pot(make_sponsor("Ibou", born=ADULT))
    give_points(sponsor, 701)
    db.session.commit()
    form = {"pot": str(own.id), "points": "600", "francs": "600", "submission_key": str(new_id())} | change
    form["pot"] = form["pot"].replace("strange", str(strange.id))

    answer = send(client, "/sponsor/points/conversion", form)

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert balance(user_points(sponsor.id)).available == 701


def test_a_pot_that_closed_meanwhile_gets_nothing_and_the_page_says_why(
    client: FlaskClient, sponsor: User
) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 701)
    form = {"pot": str(pot.id), "points": "600", "francs": "600", "submission_key": str(new_id())}
    pot.status = PotStatus.CLOSED
    db.session.commit()

    response = send(client, "/sponsor/points/conversion", form)

    assert response.status_code == 422
    assert balance(user_points(sponsor.id)).available == 701


def test_the_home_page_tells_of_friends_points_and_a_missing_birthday(
    client: FlaskClient, sponsor: User
) -> None:
    assert "/sponsor/invite" in text_of(client, "/home")
    make_friend(sponsor)
    give_points(sponsor, 500)
    db.session.commit()
    news = text_of(client, "/home")
    assert "Fatou" in news
    assert "/sponsor/points" in news

    newcomer = sign_up(send_invitation(sponsor).referral_code, born=None)
    sign_in(client, newcomer)
    assert "Awa" in text_of(client, "/home")
