"""What tests of guardians share: an adult who has proved an address, and the worker that lets an address know."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.people.asking import ASK_JOB, ask
from portal.people.guardians import confirm_guardianship, name_guardian
from portal.people.minors import Minor, answered_for, asking
from portal.people.models import GuardianRequest, Profile, Relationship
from tests.harness.house import acting
from tests.identity.doorway import open_account

BORN = date(2012, 3, 15)
ADULT = date(1980, 1, 1)
GUARDIAN = "fatou@example.org"


def proved(name: str = "Fatou Sow", *, email: str = GUARDIAN, born: date | None = ADULT, **more: Any) -> User:
    """Somebody who has proved to read at the address."""
    return open_account(name, email=email, email_is_proved=True, born=born, **more)


def name(user: User, contact: str = GUARDIAN, born: date = BORN) -> GuardianRequest:
    """A minor asks the adult at an address to be their parent here."""
    return name_guardian(user.id, born, contact, Relationship.PARENT, by=acting(user))


def let_know() -> None:
    """Do what the worker does after guardians were named."""
    asked = select(OutboxEvent.payload).where(OutboxEvent.job == ASK_JOB).order_by(OutboxEvent.id)
    for payload in db.session.scalars(asked).all():
        ask(UUID(payload["request_id"]), by=SYSTEM)


def agree(minor: User, guardian: User) -> None:
    """The adult whom the minor has asked says yes."""
    confirm_guardianship(minor.id, guardian.id, by=acting(guardian))


def profile_of(session: Session, user: User) -> Profile:
    """The profile as the database has it."""
    session.expire_all()
    return session.get_one(Profile, user.id)


def newest_of(session: Session, user: User) -> GuardianRequest:
    """The minor's newest question as the database has it."""
    session.expire_all()
    newest = select(GuardianRequest).where(GuardianRequest.minor_user_id == user.id)
    return session.scalars(newest.order_by(GuardianRequest.id.desc()).limit(1)).one()


def minors_of(user_id: UUID) -> list[Minor]:
    """The young people on somebody's page: those who ask, then those they answer for."""
    return [*asking(user_id).page.items, *answered_for(user_id)]
