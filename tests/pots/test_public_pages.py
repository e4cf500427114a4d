"""What everybody sees who has a pot's link: visibility, the wall, what moves."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from portal.identity.models import User, UserStatus
from portal.people.models import ConnectionStatus, Profile, UserBlock, UserConnection, UserPrivacy
from portal.people.services import save_portrait
from portal.pots.closing import end_pot
from portal.pots.finding import lock_pot
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Visibility
from tests.harness.house import acting, make_pack, make_partner, make_person, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.pots.gifts import ask_back as ask_gift_back
from tests.pots.gifts import (
    fail,
    give_to,
    make_open_pot,
    make_owner,
    paid_gift,
    pay,
    send_back,
)

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 12; Infinix)"}
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def connect(session: Session, one: User, other: User, status: ConnectionStatus) -> None:
    session.add(UserConnection(requester_user_id=one.id, addressee_user_id=other.id, status=status))
    session.commit()


@pytest.mark.covers("POT-07", "POT-21")
@pytest.mark.parametrize(
    ("visibility", "viewer", "status"),
    [
        ("private", "guest", 200),
        ("private", "stranger", 200),
        ("private", "friend", 200),
        ("private", "owner", 200),
        ("public", "guest", 200),
        ("public", "stranger", 200),
        ("public", "owner", 200),
        ("friends_only", "guest", 404),
        ("friends_only", "stranger", 404),
        ("friends_only", "asked", 404),
        ("friends_only", "friend", 200),
        ("friends_only", "blocked friend", 404),
        ("friends_only", "owner", 200),
    ],
)
def test_who_may_open_a_pot(
    client: FlaskClient, db_session: Session, visibility: str, viewer: str, status: int
) -> None:
    owner, other = make_owner(), make_person("Moussa Fall")
    pot = make_open_pot(owner, visibility=Visibility(visibility))
    if viewer in ("friend", "blocked friend"):
        connect(db_session, other, owner, ConnectionStatus.ACCEPTED)
    if viewer == "asked":
        connect(db_session, other, owner, ConnectionStatus.PENDING)
    if viewer == "blocked friend":
        db_session.add(UserBlock(blocker_user_id=owner.id, blocked_user_id=other.id))
    if viewer != "guest":
        sign_in(client, owner if viewer == "owner" else other)

    for path in ("", "/preview.jpg", "/qr.svg", "/give"):
        assert client.get(f"/p/{pot.public_slug}{path}").status_code == status, path
    assert client.get(f"/p/{pot.public_slug}/live", headers=FRAGMENT).status_code == status
    assert send(client, f"/p/{pot.public_slug}/shares", {"method": "sms"}).status_code == (
        204 if status == 200 else 404
    )


@pytest.mark.covers("POT-07", "POT-21")
def test_only_public_pots_are_listed_and_indexed(client: FlaskClient, db_session: Session) -> None:
    pots = {
        kind: make_open_pot(make_owner(), title=f"Fête {kind}", visibility=Visibility(kind))
        for kind in ("private", "public", "friends_only")
    }

    page = client.get("/pots/public").text

    assert "Fête public" in page
    assert "Fête private" not in page
    assert "Fête friends_only" not in page
    assert "noindex" in client.get(f"/p/{pots['private'].public_slug}").headers["X-Robots-Tag"]
    assert "X-Robots-Tag" not in client.get(f"/p/{pots['public'].public_slug}").headers


@pytest.mark.covers("POT-21")
def test_an_unknown_address_and_a_suspended_owner_look_alike(
    client: FlaskClient, db_session: Session
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    owner.status = UserStatus.SUSPENDED
    db_session.commit()

    assert client.get(f"/p/{pot.public_slug}").status_code == 404
    assert client.get("/p/AAAAAAAAAAAAAAAA").status_code == 404
    assert client.get("/p/" + "x" * 400).status_code == 404


@pytest.mark.covers("DON-17", "POT-22", "DON-06", "DON-07")
@pytest.mark.parametrize(
    ("settings", "gift", "shown", "hidden"),
    [
        ({}, {}, ["Moussa Fall", "Bon vent", "4\u202f100"], []),
        ({}, {"is_anonymous": True}, ["Bon vent", "4\u202f100"], ["Moussa Fall"]),
        ({}, {"show_amount": False}, ["Moussa Fall", "Bon vent"], ["4\u202f100"]),
        ({"show_names": False}, {}, ["Bon vent", "4\u202f100"], ["Moussa Fall"]),
        ({"allow_anonymous": False}, {"is_anonymous": True}, ["Moussa Fall"], []),
    ],
)
def test_the_wall_shows_what_donor_and_owner_allow(
    client: FlaskClient,
    db_session: Session,
    settings: dict[str, Any],
    gift: dict[str, Any],
    shown: list[str],
    hidden: list[str],
) -> None:
    pot = make_open_pot(target=10_000, **settings)
    paid_gift(pot, 4_100, **({"name": "Moussa Fall", "message": "Bon vent"} | gift))
    paid_gift(pot, 900, name="Fatou Sarr")

    page = client.get(f"/p/{pot.public_slug}").text

    assert [words for words in shown if words not in page] == []
    assert [words for words in hidden if words in page] == []


@pytest.mark.covers("POT-11", "POT-22", "DON-06")
def test_messages_given_before_they_were_switched_off_are_hidden(
    client: FlaskClient, db_session: Session
) -> None:
    pot = make_open_pot()
    paid_gift(pot, message="Bon vent")
    pot.enable_messages = False
    db_session.commit()

    assert "Bon vent" not in client.get(f"/p/{pot.public_slug}").text


@pytest.mark.covers("DON-13", "DON-17")
def test_the_wall_shows_only_gifts_that_count(client: FlaskClient, db_session: Session) -> None:
    pot = make_open_pot(target=50_000)
    give_to(pot, name="Pending Person")
    fail(give_to(pot, name="Failed Person"))
    held = give_to(pot, name="Held Person")
    held.risk_score = 75
    pay(held)
    send_back(ask_gift_back(paid_gift(pot, name="Refunded Person")))
    paid_gift(pot, 1_234, name="Counted Person")

    page = client.get(f"/p/{pot.public_slug}").text

    assert "Counted Person" in page
    for name in ("Pending", "Failed", "Held", "Refunded"):
        assert f"{name} Person" not in page
    assert "1\u202f234" in page


@pytest.mark.covers("DON-17")
def test_a_long_wall_is_read_page_by_page(client: FlaskClient, db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner(), target=90_000)
    for number in range(15):
        clock.advance(seconds=1)
        paid_gift(pot, 500, name=f"Donor-{number:02}")

    first = client.get(f"/p/{pot.public_slug}").text
    link = first.split('href="/p/' + pot.public_slug + "?cursor=")[1].split('"')[0]
    second = client.get(f"/p/{pot.public_slug}?cursor={link.split('#')[0]}").text

    assert "Donor-14" in first
    assert "Donor-02" not in first
    assert "Donor-02" in second
    assert "Donor-14" not in second


@pytest.mark.covers("DON-17")
def test_words_of_donors_are_shown_as_words(client: FlaskClient, db_session: Session) -> None:
    pot = make_open_pot(title="<b>Fête</b>", story="<script>alert(1)</script>")
    paid_gift(pot, name="<i>Ali</i>", message='"><img src=x onerror=alert(1)>')

    page = client.get(f"/p/{pot.public_slug}").text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>Ali" not in page


@pytest.mark.covers("POT-21")
def test_a_moving_page_asks_again_and_hears_nothing_new_cheaply(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    pot = make_open_pot(target=50_000)
    paid_gift(pot, 1_000, name="First Person")
    page = client.get(f"/p/{pot.public_slug}").text
    url = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    with count_statements() as asked:
        quiet = client.get(url, headers=FRAGMENT)
    paid_gift(pot, 2_000, name="Second Person")
    db_session.commit()
    news = client.get(url, headers=FRAGMENT)

    assert (quiet.status_code, quiet.data, len(asked)) == (204, b"", 1)
    assert news.status_code == 200
    assert "3\u202f000" in news.text
    assert "Second Person" in news.text
    assert "<html" not in news.text
    assert client.get(url).location == f"/p/{pot.public_slug}"


@pytest.mark.covers("POT-21")
@pytest.mark.parametrize("who", ["guest", "person"])
def test_the_public_page_asks_few_statements_however_many_gave(
    client: FlaskClient, db_session: Session, count_statements: CountStatements, who: str
) -> None:
    pack = make_pack(make_partner())
    pot = make_open_pot(target=900_000, preferred_pack_id=pack.id)
    if who == "person":
        sign_in(client, make_person())
    client.get(f"/p/{pot.public_slug}")
    counts = []
    for _round in range(2):
        for _number in range(15):
            paid_gift(pot, 500, message="Bravo")
        with count_statements() as asked:
            assert client.get(f"/p/{pot.public_slug}", headers=PHONE).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 8


@pytest.mark.covers("POT-16", "POT-18")
def test_a_pot_that_is_not_open_says_so_and_has_no_way_to_give(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1)
    owner = make_owner(date(2026, 9, 20))
    waiting = create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner))
    ended = make_open_pot(make_owner())
    end_pot(lock_pot(ended.id), by=acting(owner))
    db_session.commit()

    for pot in (waiting, ended):
        page = client.get(f"/p/{pot.public_slug}")
        assert page.status_code == 200
        assert "/give" not in page.text
        answer = client.get(f"/p/{pot.public_slug}/give")
        assert (answer.status_code, answer.location) == (303, f"/p/{pot.public_slug}")


@pytest.mark.covers("PPL-27")
@pytest.mark.parametrize("why", ["shown", "hidden", "minor"])
def test_a_pot_shows_the_portrait_of_nobody_whose_profile_is_not_shown(
    client: FlaskClient, db_session: Session, why: str
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner, visibility=Visibility.PUBLIC)
    portrait_file = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(portrait_file, "PNG")
    save_portrait(owner.id, portrait_file.getvalue(), by=acting(owner))
    if why == "hidden":
        db_session.add(UserPrivacy(user_id=owner.id, profile_visible=False))
    profile = db_session.get_one(Profile, owner.id)
    portrait = profile.avatar_file_id
    if why == "minor":
        profile.date_of_birth, profile.stated_birthday = None, date(2020, 3, 20)
    db_session.commit()

    page = client.get(f"/p/{pot.public_slug}").text

    assert profile.first_name in page
    assert (f"/files/{portrait}" in page) is (why == "shown")
