"""More about a person: interests, facts for themselves, handles, and a place anywhere in the world."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.countries import country_names, is_country
from portal.kernel.places import CENTRES, DEPARTMENTS, REGIONS
from portal.people.models import Profile, UserLocation
from tests.harness.house import send, sign_in
from tests.identity.doorway import open_account

PROFILE = {
    "full_name": "Awa Ndiaye",
    "interests": "",
    "country": "SEN",
    "region": "",
    "department": "",
    "city": "",
}
ABOUT = {
    "gender": "woman",
    "occupation": "own_business",
    "household": "7",
    "instagram": "@awa.ndiaye",
    "facebook": "",
    "tiktok": "",
    "x": "awa_nd",
    "linkedin": "",
    "youtube": "",
}


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account()
    sign_in(client, user)
    return user


def profile_of(session: Session, user: User) -> Profile:
    session.expire_all()
    return session.get_one(Profile, user.id)


@pytest.mark.covers("PPL-02")
def test_a_person_says_more_and_takes_it_back(client: FlaskClient, db_session: Session, awa: User) -> None:
    assert send(client, "/profile/about", ABOUT).location == "/profile"
    send(client, "/profile/edit", PROFILE | {"interests": "Musique,  lutte  sénégalaise , musique,, Thé"})

    profile = profile_of(db_session, awa)
    assert profile.demographics == {"gender": "woman", "occupation": "own_business", "household": 7}
    assert profile.social_handles == {"instagram": "awa.ndiaye", "x": "awa_nd"}
    assert profile.interests == ["Musique", "lutte sénégalaise", "Thé"]
    page = client.get("/profile").text
    assert "@awa.ndiaye" in page
    assert "lutte sénégalaise" in page
    assert 'value="awa_nd"' in client.get("/profile/about").text

    send(client, "/profile/about", dict.fromkeys(ABOUT, ""))
    send(client, "/profile/edit", PROFILE)
    profile = profile_of(db_session, awa)
    assert (profile.demographics, profile.social_handles, profile.interests) == ({}, {}, [])


@pytest.mark.covers("PPL-02")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gender", "king"),
        ("occupation", "spy"),
        ("household", "0"),
        ("household", "51"),
        ("household", "many"),
        ("instagram", "https://evil.example/"),
        ("instagram", "a/../b"),
        ("x", "<script>"),
        ("linkedin", "x" * 51),
        ("youtube", "a b"),
    ],
)
def test_what_no_network_would_give_is_refused(
    client: FlaskClient, db_session: Session, awa: User, field: str, value: str
) -> None:
    answer = send(client, "/profile/about", ABOUT | {field: value})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert profile_of(db_session, awa).demographics == {}


@pytest.mark.covers("PPL-23")
def test_the_departments_are_those_of_the_state() -> None:
    assert {*DEPARTMENTS} == {*REGIONS} == {*CENTRES}
    named = [department for inside in DEPARTMENTS.values() for department in inside]
    assert len(named) == len({*named}) == 46


@pytest.mark.covers("PPL-24", "PPL-25")
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"department": "Mbour"}, ("SEN", "Thiès", "Mbour", True)),
        ({"region": "Thiès", "department": "Mbour"}, ("SEN", "Thiès", "Mbour", True)),
        (
            {"country": "FRA", "region_abroad": "Île-de-France", "city": "Paris"},
            ("FRA", "Île-de-France", None, False),
        ),
        ({"country": "FRA", "region": "Dakar"}, ("FRA", None, None, False)),
        ({"region": "Dakar", "region_abroad": "Bretagne"}, ("SEN", "Dakar", None, True)),
    ],
)
def test_a_place_is_kept_whole_at_home_and_elsewhere(
    client: FlaskClient,
    db_session: Session,
    awa: User,
    said: dict[str, str],
    kept: tuple[str, str | None, str | None, bool],
) -> None:
    assert send(client, "/profile/edit", PROFILE | said).status_code == 303

    db_session.expire_all()
    place = db_session.get_one(UserLocation, awa.id)
    assert (place.country, place.region, place.department, place.latitude is not None) == kept


@pytest.mark.covers("PPL-24")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"region": "Dakar", "department": "Mbour"}, "department"),
        ({"country": "FRA", "department": "Mbour"}, "department"),
        ({"country": "FRA", "city": "Paris"}, "region_abroad"),
        ({"city": "Mbour"}, "region"),
    ],
)
def test_parts_of_a_place_that_do_not_fit_are_refused(
    client: FlaskClient, db_session: Session, awa: User, said: dict[str, str], field: str
) -> None:
    answer = send(client, "/profile/edit", PROFILE | said)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert db_session.get(UserLocation, awa.id) is None


@pytest.mark.covers("PPL-25")
def test_every_country_of_the_world_is_on_offer_and_ours_comes_first(client: FlaskClient, awa: User) -> None:
    client.get("/profile/edit")
    named = country_names()

    assert (len(named), next(iter(named))) == (249, "SEN")
    assert all(is_country(code) and name != code for code, name in named.items())
    assert not any(is_country(code) for code in ("DDR", "ZZZ", "FR", "sen", ""))
    send(client, "/language", {"locale": "en"})
    assert "Côte d’Ivoire" in client.get("/profile/edit").text


@pytest.mark.covers("PPL-38")
def test_an_offer_is_on_the_card_while_its_holder_is_free(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    offer = {
        "host_type": "guide",
        "about": "Je montre la Médina <b>le soir</b>",
        "languages": "wolof, français, wolof",
        "is_available": "y",
    }
    card = f"/people/{awa.id}"
    assert send(client, "/profile/services", offer).location == "/profile"
    shown = client.application.test_client().get(card).text
    assert "Je montre la Médina &lt;b&gt;le soir" in shown
    assert "wolof, français" in shown
    assert "wolof, français" in client.get("/profile/services").text

    del offer["is_available"]
    send(client, "/profile/services", offer)
    assert "Je montre la Médina" not in client.get(card).text
    for field, value in (("host_type", "king"), ("about", ""), ("languages", "x" * 41)):
        assert send(client, "/profile/services", offer | {field: value}).status_code == 422
