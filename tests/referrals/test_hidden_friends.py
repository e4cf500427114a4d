"""What a sponsor's lists say of a friend who hides: the name that the sponsor wrote down, and nothing of the profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel import clock
from portal.people.models import Profile, UserBlock, UserPrivacy
from portal.pots.models import PotStatus
from portal.referrals.models import AwardEvent
from portal.referrals.points import award
from tests.harness.house import acting, make_pot, sign_in
from tests.referrals.word_of_mouth import came_by_link, give_points, make_sponsor, sign_up

WHOLE, SHOWN = "Mouhamadou Lamine Sarr", "Lamine la flèche"
LISTS = (
    "/home",
    "/sponsor",
    "/sponsor/invitations",
    "/sponsor/invitations?format=csv",
    "/sponsor/points",
)


@dataclass
class Brought:
    """A sponsor and the friend who came by their link, of whom the sponsor has written no name down."""

    sponsor: User
    friend: User


@pytest.fixture
def brought(client: FlaskClient, db_session: Session) -> Brought:
    sponsor = make_sponsor()
    friend = sign_up(sponsor.referral_code, name=WHOLE)
    referral = came_by_link(friend)
    award(referral, AwardEvent.POT_OPENED, by=acting(sponsor))
    db_session.execute(update(Profile).where(Profile.user_id == friend.id).values(display_name=SHOWN))
    make_pot(friend, status=PotStatus.OPEN, birthday=clock.today() + timedelta(days=10))
    give_points(sponsor, 1000)
    db_session.commit()
    sign_in(client, sponsor)
    return Brought(sponsor, friend)


def told(client: FlaskClient) -> dict[str, set[str]]:
    """Which names of the friend each list tells."""
    pages = {path: client.get(path).text for path in LISTS}
    return {path: {name for name in (WHOLE, SHOWN) if name in page} for path, page in pages.items()}


@pytest.mark.covers("PPL-27")
def test_a_sponsor_reads_the_name_that_a_friend_shows(client: FlaskClient, brought: Brought) -> None:
    names = told(client)
    assert names.pop("/home") == set(), "the news says no more than a first name"
    assert names == {path: {SHOWN} for path in LISTS[1:]}
    assert "Lamine has joined you" in client.get("/home").text


@pytest.mark.covers("PPL-27")
def test_a_friend_who_hides_is_in_no_list_by_name(
    client: FlaskClient, db_session: Session, brought: Brought
) -> None:
    hides = update(UserPrivacy).where(UserPrivacy.user_id == brought.friend.id)
    db_session.execute(hides.values(profile_visible=False))
    db_session.commit()

    names = told(client)
    assert names.pop("/sponsor/points") == {SHOWN}, "the pot's own page says who it is for"
    assert set().union(*names.values()) == set()
    assert "A friend has joined you" in client.get("/home").text


@pytest.mark.covers("PPL-27")
def test_whoever_blocks_their_sponsor_is_in_no_list_by_name(
    client: FlaskClient, db_session: Session, brought: Brought
) -> None:
    db_session.add(UserBlock(blocker_user_id=brought.friend.id, blocked_user_id=brought.sponsor.id))
    db_session.commit()

    assert told(client)["/sponsor/invitations"] == set()


@pytest.mark.covers("PPL-27")
def test_a_minor_is_in_no_list_by_name(client: FlaskClient, db_session: Session, brought: Brought) -> None:
    said = update(Profile).where(Profile.user_id == brought.friend.id)
    db_session.execute(said.values(date_of_birth=None, stated_birthday=date(2015, 5, 14)))
    db_session.commit()

    assert told(client)["/sponsor/invitations"] == set()
