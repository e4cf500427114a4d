"""One person is one friend: also by mailboxes they had before, and by accounts that are gone (REF-59)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.door_models import ContactChange, ContactKind
from portal.identity.events import contact_changed
from portal.identity.models import User, UserStatus
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.states import advance
from portal.privacy.erasing import erase
from portal.privacy.person import person_of
from portal.referrals.hands import is_double
from portal.referrals.models import Referral
from tests.harness.house import acting
from tests.referrals.word_of_mouth import came_by_link, make_sponsor, sign_up, some_phone


@pytest.fixture
def sponsor(db_session: Session) -> User:
    return make_sponsor()


def move_to(user: User, email: str) -> None:
    """Another e-mail address, as changing it leaves it."""
    change = ContactChange(
        id=new_id(), user_id=user.id, kind=ContactKind.EMAIL, old_value=None, new_value=email
    )
    user.email = email
    db.session.add(change)
    db.session.flush()
    contact_changed.send(user, change=change, token=None, by=acting(user))
    db.session.flush()


def make_friend_at(sponsor: User, email: str, phone: str | None = None) -> Referral:
    """Somebody who came by the sponsor's personal link, and reads mail there."""
    friend = sign_up(sponsor.referral_code, phone=phone)
    move_to(friend, email)
    return came_by_link(friend)


def leave_for_good(friend_id: object) -> None:
    """The account is erased."""
    user = db.session.scalars(select(User).where(User.id == friend_id)).one()
    advance(user, UserStatus.PENDING_DELETION, by=SYSTEM)
    advance(user, UserStatus.ERASED, by=SYSTEM)
    db.session.flush()
    erase(person_of(user.id))
    db.session.expire_all()


@pytest.mark.covers("REF-59")
def test_a_sponsor_who_has_moved_on_is_still_the_same(sponsor: User) -> None:
    move_to(sponsor, "awa@gmail.com")
    referral = make_friend_at(sponsor, "a.wa+1@googlemail.com")
    assert is_double(referral)

    move_to(sponsor, "awa@outlook.example")
    assert is_double(referral)


@pytest.mark.covers("REF-59")
def test_a_friend_who_has_moved_on_leaves_no_room_for_another(sponsor: User) -> None:
    first = make_friend_at(sponsor, "awa+1@gmail.com")
    assert not is_double(first)
    move_to(db.session.get_one(User, first.referred_user_id), "awa+1@outlook.example")

    assert is_double(make_friend_at(sponsor, "awa+2@gmail.com"))
    assert is_double(make_friend_at(sponsor, "awa+3@outlook.example"))
    assert not is_double(make_friend_at(sponsor, "binta@gmail.com"))
    assert not is_double(first)
    assert not is_double(make_friend_at(make_sponsor("Ibou Fall"), "awa+4@gmail.com"))


@pytest.mark.covers("REF-59")
def test_a_friend_who_is_gone_is_known_again_and_can_be_read_by_nobody(sponsor: User) -> None:
    phone = some_phone()
    first = make_friend_at(sponsor, "awa@gmail.com", phone)
    leave_for_good(first.referred_user_id)

    kept = db.session.get_one(Referral, first.id).friend_marks
    assert len(kept) == 2
    assert not any("awa" in mark or phone in mark for mark in kept)
    assert is_double(make_friend_at(sponsor, "a.w.a+new@gmail.com"))
    assert is_double(make_friend_at(sponsor, "somebody@else.example", phone))
    assert not is_double(make_friend_at(sponsor, "binta@gmail.com"))
