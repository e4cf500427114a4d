"""The people of these tests: sponsors who may invite, friends who sign up, threads that race."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import insert, select, update

from portal.config.models import DataType, SystemConfig
from portal.config.values import Setting, forget_cached_values
from portal.identity.models import User
from portal.identity.services import PERSONAL_CODE_LENGTH, NewAccount, register_user
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, in_transaction
from portal.kernel.ids import new_id, random_code
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, user_points
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.people.models import Profile, Relationship, UserPreferences, UserPrivacy
from portal.referrals.addresses import Reachable
from portal.referrals.inviting import Invitee, invite
from portal.referrals.models import Referral, SponsorContact
from tests.harness.house import acting, make_person

Result = TypeVar("Result")

ADULT = date(1990, 5, 14)


def make_sponsor(name: str = "Awa Ndiaye", *, born: date | None = ADULT) -> User:
    """Somebody whose birthday is known, so who may invite."""
    user = make_person(name)
    user.referral_code = random_code(PERSONAL_CODE_LENGTH)
    db.session.execute(update(Profile).where(Profile.user_id == user.id).values(date_of_birth=born))
    db.session.add(UserPreferences(user_id=user.id))
    db.session.add(UserPrivacy(user_id=user.id))
    db.session.flush()
    db.session.expire_all()
    return user


def some_phone() -> str:
    """A Senegalese number that nobody has."""
    return f"+22177{new_id().int % 10**7:07d}"


def some_invitee(name: str | None = "Fatou Sarr", message: str | None = None) -> Invitee:
    """Somebody whom nobody has invited."""
    return Invitee(name, some_phone(), None, message)


def send_invitation(sponsor: User, invitee: Invitee | None = None) -> Referral:
    """An invitation of the sponsor, to a stranger unless told."""
    return invite(sponsor.id, invitee or some_invitee(), by=acting(sponsor))


def sign_up(
    code: str | None,
    *,
    born: date | None = ADULT,
    phone: str | None = None,
    name: str = "Fatou Sarr",
    utm: dict[str, str] | None = None,
) -> User:
    """A new account, opened with that code."""
    account = NewAccount(
        full_name=name,
        phone=phone or some_phone(),
        date_of_birth=born,
        invitation_code=code,
        utm=utm or {},
        page="/sign-up/phone",
    )
    return register_user(account, by=Actor())


def make_friend(sponsor: User) -> tuple[User, Referral]:
    """Somebody who came through the sponsor's invitation and was accepted."""
    referral = send_invitation(sponsor)
    friend = sign_up(referral.referral_code, phone=referral.referred_phone)
    db.session.refresh(referral)
    return friend, referral


def give_guardian(minor: User, guardian: User, *, born: date) -> None:
    """The minor's birthday and a guardian who has agreed."""
    db.session.execute(
        update(Profile)
        .where(Profile.user_id == minor.id)
        .values(
            date_of_birth=born,
            guardian_user_id=guardian.id,
            relationship_type=Relationship.PARENT,
            guardian_confirmed_at=clock.now(),
        )
    )
    db.session.expire_all()


def years_ago(years: int, *, days: int = 0) -> date:
    """The birthday of somebody of that age, `days` older."""
    today = clock.today()
    return today.replace(year=today.year - years, day=min(today.day, 28)) - timedelta(days=days)


def fill_list(sponsor: User, count: int) -> list[SponsorContact]:
    """A contact list of `count` people."""
    base = new_id().int % 10**4
    rows = [
        SponsorContact(
            id=new_id(),
            sponsor_user_id=sponsor.id,
            position=place,
            name=f"Ami {place}",
            phone=f"+22176{base:04d}{place:03d}",
        )
        for place in range(count)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def give_points(sponsor: User, points: int) -> None:
    """Points that can be used at once."""
    cause = Cause("test", "tests", sponsor.id, f"tests:{new_id()}")
    ledger.move(platform(Purpose.POINTS_ISSUED, "PTS"), user_points(sponsor.id), points, cause, by=SYSTEM)


def set_value(setting: Setting[Any], value: object) -> None:
    """An operator's value."""
    data_type = DataType.NUMBER if isinstance(value, int) else DataType.STRING
    row = {
        "id": new_id(),
        "config_key": setting.key,
        "config_value": value,
        "data_type": data_type,
        "description": "test",
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    db.session.execute(insert(SystemConfig), row)
    forget_cached_values()


def reachable(number: int) -> Reachable:
    """One of many people."""
    return Reachable(f"Ami {number}", f"+2217700{number:05d}", None)


def race(app: Flask, work: list[Callable[[], Result]]) -> list[Result | Exception]:
    """Do every piece of work in a thread and a transaction of its own, all at once; errors are results."""

    def alone(piece: Callable[[], Result]) -> Result | Exception:
        with app.app_context():
            try:
                return in_transaction(piece)
            except Exception as error:
                return error

    with ThreadPoolExecutor(max_workers=min(len(work), 16)) as pool:
        running = [pool.submit(copy_context().run, alone, piece) for piece in work]
        return [each.result() for each in running]


def came_by_link(friend: User) -> Referral:
    """The referral that brought this person."""
    return db.session.scalars(select(Referral).where(Referral.referred_user_id == friend.id)).one()
