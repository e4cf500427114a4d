"""What the tables of identity promise."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import AuthIdentity, AuthProvider, PasswordResetToken, UserSession
from portal.identity.sessions import start_session
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import violated
from tests.harness.house import make_person
from tests.harness.moments import Clock
from tests.identity.doorway import open_account


def indexes(session: Session, table: str) -> str:
    rows = session.execute(text("SELECT indexdef FROM pg_indexes WHERE tablename = :table"), {"table": table})
    return "\n".join(rows.scalars())


@pytest.mark.parametrize(
    ("table", "definition"),
    [
        pytest.param("users", "UNIQUE INDEX .*lower.*email", marks=pytest.mark.covers("ID-03", "ID-19")),
        pytest.param("users", r"\(email\) WHERE .*active", marks=pytest.mark.covers("ID-19")),
        pytest.param("users", r"UNIQUE INDEX .*\(phone\)", marks=pytest.mark.covers("ID-04", "ID-20")),
        pytest.param("users", r"lower.*username", marks=pytest.mark.covers("ID-07", "ID-21")),
        pytest.param("users", r"btree \(status\)", marks=pytest.mark.covers("ID-21")),
        pytest.param("users", r"gin \(roles\)", marks=pytest.mark.covers("ID-09", "ID-21")),
        pytest.param(
            "users", r"UNIQUE INDEX .*\(referral_code\)", marks=pytest.mark.covers("ID-22", "ID-27")
        ),
        pytest.param("users", r"btree \(referred_by\)", marks=pytest.mark.covers("ID-22")),
        pytest.param("users", r"btree \(created_at\)", marks=pytest.mark.covers("ID-22")),
        pytest.param("users", r"btree \(trust_score\)", marks=pytest.mark.covers("ID-23")),
        pytest.param("users", r"btree \(trust_level\)", marks=pytest.mark.covers("ID-23")),
        pytest.param("user_sessions", r"UNIQUE INDEX .*\(token_hash\)", marks=pytest.mark.covers("ID-44")),
        pytest.param("user_sessions", r"btree \(user_id\)", marks=pytest.mark.covers("ID-44")),
        pytest.param(
            "auth_identities", r"UNIQUE INDEX .*\(provider, provider_uid\)", marks=pytest.mark.covers("ID-34")
        ),
        pytest.param("profiles", r"btree \(date_of_birth\)", marks=pytest.mark.covers("PPL-10")),
        pytest.param(
            "profiles", r"\(guardian_user_id\) WHERE .*NOT NULL", marks=pytest.mark.covers("PPL-14")
        ),
    ],
)
def test_what_is_searched_has_an_index(db_session: Session, table: str, definition: str) -> None:
    assert re.search(definition, indexes(db_session, table))


@pytest.mark.covers("ID-02", "ID-06", "ID-16")
def test_an_account_has_the_columns_that_sign_in_access_and_trust_need(db_session: Session) -> None:
    lengths: dict[str, int | None] = {
        "email": 255,
        "phone": 20,
        "username": 50,
        "password_hash": 255,
        "signup_provider": 50,
        "referral_code": 20,
        "trust_level": 20,
        "roles": None,
        "status": None,
        "referred_by": None,
        "email_verified_at": None,
        "phone_verified_at": None,
        "trust_score": None,
        "last_login_at": None,
        "deleted_at": None,
    }
    columns = text(
        "SELECT column_name, character_maximum_length FROM information_schema.columns"
        " WHERE table_name = 'users' AND table_schema = 'public'"
    )
    found = dict(tuple(row) for row in db_session.execute(columns))

    assert {name: found[name] for name in lengths if name != "status"} == {
        name: length for name, length in lengths.items() if name != "status"
    }
    assert "status" in found
    user = make_person()
    db_session.refresh(user)
    assert (user.trust_score, user.trust_level, user.password_hash) == (0, "starter", None)


@pytest.mark.covers("ID-34")
def test_one_outside_identity_belongs_to_one_account(db_session: Session) -> None:
    first, second = open_account(), open_account(email="moussa@example.org")
    db_session.add(AuthIdentity(user_id=first.id, provider=AuthProvider.GOOGLE, provider_uid="g-1"))
    db_session.flush()
    db_session.add(AuthIdentity(user_id=second.id, provider=AuthProvider.GOOGLE, provider_uid="g-1"))

    with pytest.raises(IntegrityError) as refused:
        db_session.flush()

    assert violated(refused.value) == "uq_auth_identities_provider_provider_uid"


@pytest.mark.covers("ID-40", "ID-46")
@pytest.mark.parametrize("table", ["user_sessions", "password_reset_tokens"])
@pytest.mark.parametrize("column", ["token_hash", "expires_at"])
def test_a_session_or_link_without_hash_or_end_is_refused(
    db_session: Session, table: str, column: str
) -> None:
    user = open_account()
    start_session(user.id, by=SYSTEM)
    db_session.add(PasswordResetToken(user_id=user.id, token_hash="x" * 64, expires_at=user.created_at))
    db_session.flush()

    with pytest.raises(IntegrityError):
        db_session.execute(text(f"UPDATE {table} SET {column} = NULL"))


@pytest.mark.covers("ID-40", "ID-46")
def test_sessions_and_links_go_with_the_account(db_session: Session) -> None:
    user = make_person(has_agreed=False)
    start_session(user.id, by=SYSTEM)
    db_session.add(PasswordResetToken(user_id=user.id, token_hash="x" * 64, expires_at=user.created_at))
    db_session.flush()

    db_session.execute(text("DELETE FROM users WHERE id = :id"), {"id": user.id})

    db_session.expire_all()
    assert db_session.query(UserSession).count() == db_session.query(PasswordResetToken).count() == 0


@pytest.mark.covers("ID-13", "ID-18")
def test_a_change_stamps_its_time_and_hand(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    user, editor = open_account(), open_account(email="moussa@example.org")
    db_session().info["actor"] = Actor(user_id=editor.id)
    later = clock.advance(hours=1)

    user.username = "awa"
    db_session.flush()

    assert (user.updated_at, user.updated_by, user.created_by) == (later, editor.id, user.id)
    assert user.created_at < user.updated_at
