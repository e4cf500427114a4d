"""Naming a guardian tells a minor nothing of who has an account: not by words, status, statements or pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.identity.administration import suspend_user
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.phones import for_people
from portal.people.models import UserBlock
from portal.privacy.copying import data_of
from portal.privacy.person import person_of
from tests.harness.house import send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account
from tests.people.questions import ADULT, let_know, proved

PAGES = ("/home", "/profile", "/profile/guardian", "/guardian", "/pots", "/pots/new", "/sponsor", "/messages")
# Of every answer its own; a cookie is told by its name.
_OF_ITS_OWN = {"X-Request-Id", "Set-Cookie", "Date"}
_NEW_EACH_TIME = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<=name=\"csrf_token\" value=\")[^\"]+|(?<=\"X-CSRFToken\": \")[^\"]+"
)


@dataclass(frozen=True, slots=True)
class Contact:
    """An address and a number for one kind of holder."""

    email: str
    phone: str

    def has(self, name: str = "Fatou Sow", born: date | None = ADULT) -> User:
        """Somebody who has proved both."""
        return proved(name, email=self.email, phone=self.phone, born=born)


def _nobody(_contact: Contact, _minor: User) -> None:
    """There is no account."""


def _not_proved(contact: Contact, _minor: User) -> None:
    open_account("Fatou Sow", email=contact.email, born=ADULT)


def _suspended(contact: Contact, _minor: User) -> None:
    suspend_user(contact.has().id, reason="test", by=SYSTEM)


def _blocks(contact: Contact, minor: User) -> None:
    db.session.add(UserBlock(blocker_user_id=contact.has().id, blocked_user_id=minor.id))


HOLDERS: tuple[Callable[[Contact, User], object], ...] = (
    _nobody,
    lambda contact, _minor: contact.has(),
    lambda contact, _minor: contact.has("Aida Sow", date(2011, 1, 1)),
    lambda contact, _minor: contact.has(born=None),
    _not_proved,
    _suspended,
    _blocks,
)


@dataclass(slots=True)
class Seen:
    """Everything that one minor has seen, without what is new each time or the minor's own."""

    minor: User
    contact: Contact
    answers: list[tuple[Any, ...]] = field(default_factory=list)

    def note(self, answer: TestResponse, asked: list[str] | None = None) -> None:
        headers = sorted((key, value) for key, value in answer.headers if key not in _OF_ITS_OWN)
        cookies = sorted(cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
        self.answers.append((answer.status_code, headers, cookies, self.alike(answer.text), asked))

    def alike(self, text: str) -> str:
        contact, minor = self.contact, self.minor
        spelled = (contact.email, contact.phone, for_people(contact.phone))
        text = text.replace("\u00a0", " ")
        for own in (*spelled, minor.email, minor.referral_code):
            text = text.replace(str(own), "…")
        return _NEW_EACH_TIME.sub("…", text)


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


def a_minor(number: int) -> User:
    return open_account(
        "Ibou Sow", email=f"minor{number}@example.org", born=date(2012, 3, 15), locale="fr-SN"
    )


@pytest.mark.covers("PPL-13", "ID-48")
@pytest.mark.parametrize("kind", ["email", "phone"])
def test_who_has_the_address_makes_no_difference_to_the_minor(
    client: FlaskClient, db_session: Session, count_statements: CountStatements, kind: str
) -> None:
    def look(number: int, make: Callable[[Contact, User], object]) -> Seen:
        contact = Contact(f"c{number}@example.org", f"+22177000{number:04}")
        minor = a_minor(number)
        make(contact, minor)
        db_session.flush()
        seen = Seen(minor, contact)
        sign_in(client, minor)
        client.get("/profile/guardian")
        named = {"contact": getattr(contact, kind), "relationship": "parent"}
        with count_statements() as asked:
            answer = send(client, "/profile/guardian", named)
        seen.note(answer, asked)
        assert answer.status_code == 303
        let_know()
        db_session.flush()
        for path in PAGES:
            with count_statements() as asked:
                answer = client.get(path)
            seen.note(answer, asked)
        seen.answers.append((seen.alike(str(_copy(minor.id))),))
        with count_statements() as asked:
            answer = send(client, "/profile/guardian/withdraw")
        seen.note(answer, asked)
        seen.note(client.get("/profile"))
        return seen

    look(99, _nobody)
    first, *others = [look(number, make).answers for number, make in enumerate(HOLDERS, start=11)]

    assert len(first) == len(PAGES) + 4
    for other in others:
        for place, answer in enumerate(first):
            assert other[place] == answer


def _copy(user_id: UUID) -> dict[str, Any]:
    """What the minor is handed out of their own data."""
    return {title: rows for title, rows in data_of(person_of(user_id)).items() if rows}
