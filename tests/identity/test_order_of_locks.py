"""One order of locks: whatever two do with one account at the same moment, neither is undone for the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config.values import CONFIRM_HOURS, UNLOCK_HOURS
from portal.identity.changing_password import change_password
from portal.identity.contacts import change_email
from portal.identity.half_open import take_second_step, wait_for_second_step
from portal.identity.mailed_links import make_link
from portal.identity.models import UserSession, VerificationPurpose
from portal.identity.recovery import issue_password_reset, set_new_password
from portal.identity.security import end_other_sessions
from portal.identity.sessions import resolve, start_session
from portal.identity.signing_in import sign_in_with_password
from portal.identity.unlocking import unlock_with_link
from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict
from portal.kernel.visitor import Visitor
from tests.harness.locks import END, QUEUE, locked_by, meet, out_of_order
from tests.identity.doorway import GUEST, PASSWORD, open_account

CHOSEN = "the blue pirogue leaves at noon"


@dataclass(frozen=True, slots=True)
class Scene:
    """An account: somebody is signed in, and has every link that leads into it in hand."""

    email: str
    person: Visitor
    reset: str
    unlock: str
    address: str
    waiting: str


def scene(number: int) -> Scene:
    email = f"awa{number}@example.org"
    user = open_account(email=email)
    person = resolve(start_session(user.id, by=SYSTEM))
    assert person is not None
    links = (
        make_link(VerificationPurpose.UNLOCK, email, UNLOCK_HOURS, user_id=user.id),
        make_link(VerificationPurpose.CHANGE_CONTACT, f"new.{email}", CONFIRM_HOURS, user_id=user.id),
    )
    unlock, address = (token for _row, token in links)
    reset = issue_password_reset(user.id, by=SYSTEM)
    return Scene(email, person, str(reset), unlock, address, wait_for_second_step(user.id))


Work = Callable[[Scene], object]


def sign_in(at: Scene) -> object:
    return sign_in_with_password(at.email, PASSWORD, by=GUEST)


def mistype(at: Scene) -> object:
    return sign_in_with_password(at.email, "not the right words", by=GUEST)


def unlock(at: Scene) -> object:
    return unlock_with_link(at.unlock, by=GUEST)


def choose_anew(at: Scene) -> object:
    return set_new_password(at.reset, CHOSEN, by=GUEST)


def change(at: Scene) -> object:
    return change_password(at.person, PASSWORD, CHOSEN, by=GUEST)


def move_away(at: Scene) -> object:
    return change_email(at.person, at.address, by=GUEST)


def take_step(at: Scene) -> object:
    return take_second_step(at.waiting, "000000", by=GUEST)


def end_others(at: Scene) -> object:
    return end_other_sessions(at.person.user_id, at.person.session_id, by=GUEST)


@pytest.mark.covers("DEV-15")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (mistype, unlock),
        (mistype, change),
        (sign_in, choose_anew),
        (take_step, choose_anew),
        (move_away, choose_anew),
        (end_others, choose_anew),
    ],
)
def test_two_who_meet_at_any_lock_are_both_done(
    app: Flask, committed_db: Session, one: Work, other: Work
) -> None:
    numbers = count()

    def come_together(first: Work, second: Work, place: int) -> bool:
        at = in_transaction(lambda: scene(next(numbers)))

        def do(work: Work) -> None:
            # A link that the other has ended is an answer; to have been undone is none.
            with suppress(Conflict):
                work(at)

        return meet(app, lambda: do(first), lambda: do(second), place)

    for first, second in ((one, other), (other, one)):
        places = 1
        while come_together(first, second, places):
            places += 1
        assert places > 1, "they have met nowhere"


@pytest.mark.covers("ID-47", "ID-48")
def test_no_session_begins_by_a_password_that_was_replaced_meanwhile(
    app: Flask, committed_db: Session
) -> None:
    """Compared before, let in after: whoever has the old one would stay in with the session that begins last."""
    at = in_transaction(lambda: scene(0))

    assert meet(app, lambda: choose_anew(at), lambda: sign_in(at), 3)

    live = select(func.count()).select_from(UserSession).where(UserSession.revoked.is_(False))
    assert committed_db.execute(live).scalar_one() == 0


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT pg_advisory_xact_lock(hashtextextended(%(a)s, 0))", (QUEUE,)),
        ("SELECT a FROM links JOIN users ON true WHERE b FOR UPDATE OF links", ("links",)),
        ("SELECT a FROM links JOIN users ON true FOR NO KEY UPDATE", ("links", "users")),
        ("UPDATE user_sessions SET revoked=true WHERE id = 1", ("user_sessions",)),
        ("DELETE FROM passkeys WHERE id = 1", ("passkeys",)),
        ("SELECT a FROM users", ()),
        ("INSERT INTO users (id) VALUES (1)", ("INSERT INTO users",)),
        ("INSERT INTO user_privacy (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1", ()),
    ],
)
def test_what_a_statement_locks_is_read_from_it(statement: str, tables: tuple[str, ...]) -> None:
    assert locked_by(statement) == tables


@pytest.mark.parametrize(
    ("taken", "is_wrong"),
    [
        ([f"{QUEUE} a", "users", "user_sessions", "users"], False),
        (["users", f"{QUEUE} a"], True),
        ([f"{QUEUE} a", "users", f"{QUEUE} b"], True),
        (["password_reset_tokens", "users"], True),
        (["password_reset_tokens", END, "users"], False),
        ([f"{QUEUE} a", "verification_tokens", "users"], False),
        (["verification_tokens", "users"], True),
        (["verification_tokens", "INSERT INTO users", "users"], False),
        (["partners", "users", "user_security"], False),
    ],
)
def test_what_is_locked_too_late_is_found(taken: list[str], is_wrong: bool) -> None:
    assert bool(out_of_order(taken)) is is_wrong
