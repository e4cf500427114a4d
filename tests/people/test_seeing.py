"""What a stranger, somebody signed in, a connection, a sponsor, a partner and an admin see of one profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity.administration import suspend_user
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.notifications.models import Notification
from portal.people.connections import accept_connection, request_connection
from portal.people.models import Profile, UserBlock, UserLocation, UserPrivacy
from tests.harness.house import acting, make_admin, make_member, make_partner, send, sign_in
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account
from tests.referrals.word_of_mouth import make_friend

NOTHING: frozenset[str] = frozenset()
CARD = frozenset({"shown name", "words", "interest", "region", "score"})
INSIDE = CARD | {"town", "handle"}
NEAR = INSIDE | {"whole name", "birthday"}
EVERYTHING = frozenset({"whole name", "birthday", "region", "town"})
# What of the profile is recognised by which words of a page.
TRACES = {
    "shown name": "Ndeye la star",
    "whole name": "Ndeye Astou Diop",
    "words": "Je chante le soir",
    "interest": "Lutte avec frappe",
    "region": "Ziguinchor",
    "town": "Oussouye",
    "handle": "ndeye.chante",
    "birthday": "14\u00a0mai",
    "score": "1 friend brought",
    "letter": 'name="words"',
}


@dataclass
class Neighbourhood:
    """One person, and everybody who looks at them."""

    person: User
    viewers: dict[str, User | None]

    def seen_by(self, client: FlaskClient, who: str) -> frozenset[str]:
        """Which of the traces the page of this viewer shows; an admin's page is their own."""
        viewer = self.viewers[who]
        if viewer is None:
            client = client.application.test_client()
        else:
            sign_in(client, viewer)
        address = f"/admin/users/{self.person.id}" if who == "admin" else f"/people/{self.person.id}"
        answer = client.get(address, headers={"Accept-Language": "fr"})
        assert answer.status_code in (200, 404)
        page = answer.text.split("<main")[1].split("</main>")[0]
        found = frozenset(name for name, words in TRACES.items() if words in page)
        assert answer.status_code == 200 or found == NOTHING
        return found


@pytest.fixture
def neighbourhood(db_session: Session) -> Neighbourhood:
    person = open_account("Ndeye Astou Diop", email="ndeye@example.org", born=date(1990, 5, 14))
    profile = db_session.get_one(Profile, person.id)
    profile.display_name, profile.bio = TRACES["shown name"], TRACES["words"]
    profile.interests, profile.social_handles = [TRACES["interest"]], {"instagram": TRACES["handle"]}
    db_session.add(UserLocation(user_id=person.id, region="Ziguinchor", city="Oussouye"))
    friend = open_account("Fatou Sow", email="fatou@example.org")
    asked = request_connection(friend.id, person.id, by=acting(friend))
    accept_connection(asked.id, person.id, by=acting(person))
    sponsor = open_account("Binta Ba", email="binta@example.org")
    person.referred_by = sponsor.id
    _friend, referral = make_friend(person)
    assert referral.accepted_at is not None
    db_session.commit()
    return Neighbourhood(
        person,
        {
            "guest": None,
            "signed in": open_account("Modou Gueye", email="modou@example.org"),
            "connection": friend,
            "sponsor": sponsor,
            "partner": make_member(make_partner()),
            "admin": make_admin(),
        },
    )


def switch(session: Session, user: User, **switches: bool) -> None:
    session.execute(update(UserPrivacy).where(UserPrivacy.user_id == user.id).values(switches))
    session.commit()


ALL_ON = {
    "profile_visible": True,
    "share_referral_stats": True,
    "allow_contact_by_sponsors": True,
    "share_birthday": True,
}
# Which switch is off, and what each then sees; whoever is not named sees the same as with all switches on.
SEEN: dict[str, dict[str, frozenset[str]]] = {
    "": {
        "guest": CARD,
        "signed in": INSIDE,
        "connection": NEAR - {"shown name"},
        "sponsor": INSIDE | {"letter"},
        "partner": INSIDE,
        "admin": EVERYTHING,
    },
    "profile_visible": dict.fromkeys(("guest", "signed in", "connection", "sponsor", "partner"), NOTHING),
    "share_referral_stats": {
        "guest": CARD - {"score"},
        "signed in": INSIDE - {"score"},
        "connection": NEAR - {"shown name", "score"},
        "sponsor": (INSIDE | {"letter"}) - {"score"},
        "partner": INSIDE - {"score"},
    },
    "allow_contact_by_sponsors": {"sponsor": INSIDE},
    "share_birthday": {"connection": NEAR - {"shown name", "birthday"}},
}


@pytest.mark.covers("PPL-27", "PPL-28", "PPL-31")
@pytest.mark.parametrize("off", SEEN, ids=lambda name: f"without {name}" if name else "all on")
def test_each_switch_hides_what_it_says_from_everybody(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood, off: str
) -> None:
    switch(db_session, neighbourhood.person, **(ALL_ON | ({off: False} if off else {})))
    wanted = SEEN[""] | SEEN[off]

    assert {who: neighbourhood.seen_by(client, who) for who in wanted} == wanted


@pytest.mark.covers("PPL-27", "PPL-31")
def test_a_new_account_shows_its_card_and_keeps_its_birthday(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood
) -> None:
    assert neighbourhood.seen_by(client, "guest") == CARD
    assert neighbourhood.seen_by(client, "connection") == NEAR - {"shown name", "birthday"}


@pytest.mark.covers("PPL-27")
def test_a_block_in_either_direction_hides_everything(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood
) -> None:
    person = neighbourhood.person
    friend, stranger = neighbourhood.viewers["connection"], neighbourhood.viewers["signed in"]
    assert friend is not None
    assert stranger is not None
    db_session.add(UserBlock(blocker_user_id=person.id, blocked_user_id=friend.id))
    db_session.add(UserBlock(blocker_user_id=stranger.id, blocked_user_id=person.id))
    db_session.commit()

    assert neighbourhood.seen_by(client, "connection") == NOTHING
    assert neighbourhood.seen_by(client, "signed in") == NOTHING


@pytest.mark.covers("PPL-15", "PPL-27")
def test_a_minor_is_seen_by_connections_and_the_guardian_alone(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood
) -> None:
    guardian = open_account("Khady Sow", email="khady@example.org", born=date(1980, 1, 1))
    neighbourhood.viewers["guardian"] = guardian
    profile = db_session.get_one(Profile, neighbourhood.person.id)
    profile.guardian_user_id, profile.relationship_type = guardian.id, "parent"
    profile.date_of_birth, profile.guardian_refused_at = date(2015, 5, 14), profile.created_at
    db_session.commit()

    assert neighbourhood.seen_by(client, "guest") == NOTHING
    assert neighbourhood.seen_by(client, "signed in") == NOTHING
    assert neighbourhood.seen_by(client, "sponsor") == NOTHING
    assert neighbourhood.seen_by(client, "guardian") == NOTHING
    assert neighbourhood.seen_by(client, "connection") == NEAR - {"shown name", "birthday"}
    profile = db_session.get_one(Profile, neighbourhood.person.id)
    profile.guardian_confirmed_at, profile.guardian_refused_at = profile.created_at, None
    db_session.commit()
    assert neighbourhood.seen_by(client, "guardian") == INSIDE
    switch(db_session, neighbourhood.person, profile_visible=False)
    assert neighbourhood.seen_by(client, "guardian") == INSIDE
    assert neighbourhood.seen_by(client, "connection") == NOTHING
    assert f'href="/people/{neighbourhood.person.id}"' in guardians_page(client, guardian)


def guardians_page(client: FlaskClient, guardian: User) -> str:
    """The page of the young people somebody answers for."""
    sign_in(client, guardian)
    return client.get("/guardian").text


@pytest.mark.covers("PPL-27")
def test_a_closed_account_is_nobody(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood
) -> None:
    suspend_user(neighbourhood.person.id, reason="test", by=SYSTEM)
    db_session.commit()

    assert neighbourhood.seen_by(client, "guest") == NOTHING
    assert neighbourhood.seen_by(client, "connection") == NOTHING


@pytest.mark.parametrize("who", ["guest", "signed in", "connection", "sponsor"])
def test_a_card_asks_few_statements(
    client: FlaskClient, neighbourhood: Neighbourhood, count_statements: CountStatements, who: str
) -> None:
    viewer = neighbourhood.viewers[who]
    if viewer is not None:
        sign_in(client, viewer)

    with count_statements() as asked:
        assert client.get(f"/people/{neighbourhood.person.id}").status_code == 200

    assert len(asked) <= 9, asked


def test_people_see_themselves_as_others_do(client: FlaskClient, db_session: Session) -> None:
    awa = open_account()
    sign_in(client, awa)
    assert "This is what people who are signed in see" in client.get(f"/people/{awa.id}").text

    switch(db_session, awa, profile_visible=False)
    assert "Your profile is hidden" in client.get(f"/people/{awa.id}").text


@pytest.mark.covers("PPL-28")
def test_a_sponsor_writes_only_to_those_they_brought_and_who_let_them(
    client: FlaskClient, db_session: Session, neighbourhood: Neighbourhood
) -> None:
    person, letter = neighbourhood.person, f"/people/{neighbourhood.person.id}/letter"
    sponsor, stranger = neighbourhood.viewers["sponsor"], neighbourhood.viewers["connection"]
    assert sponsor is not None
    assert stranger is not None

    sign_in(client, sponsor)
    assert send(client, letter, {"words": ""}).status_code == 422
    assert send(client, letter, {"words": "Confirmez sur wave-sn.example/x"}).status_code == 422
    assert send(client, letter, {"words": "Viens <b>fêter</b> avec nous"}).status_code == 303
    (told,) = letters(person)
    assert "Viens <b>fêter</b> avec nous" in told.message
    assert "Binta Ba" in told.message

    sign_in(client, stranger)
    assert send(client, letter, {"words": "Bonjour"}).status_code == 404
    switch(db_session, person, allow_contact_by_sponsors=False)
    sign_in(client, sponsor)
    assert send(client, letter, {"words": "Bonjour"}).status_code == 404
    assert len(letters(person)) == 1


def letters(person: User) -> list[Notification]:
    """What a sponsor has written to them."""
    about = select(Notification).where(
        Notification.user_id == person.id, Notification.action_link.startswith("/people/")
    )
    return [*db.session.scalars(about)]
