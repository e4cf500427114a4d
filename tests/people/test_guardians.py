"""The adult behind a minor."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.administration import suspend_user
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import violated
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.people.events import birthday_set, guardian_confirmed
from portal.people.guardians import confirm_guardianship, name_guardian, refuse_guardianship
from portal.people.models import Profile, ProfileCompletion, Relationship, UserBlock
from portal.people.queries import minors_of
from portal.people.services import require_confirmed_guardian
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account, sent_to

BORN = date(2012, 3, 15)
GUARDIAN = "fatou@example.org"
FORM = {"contact": GUARDIAN, "relationship": "parent"}


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


@pytest.fixture
def fatou(db_session: Session) -> User:
    """An adult with an account."""
    return open_account("Fatou Sow", email=GUARDIAN, phone="77 765 43 21", born=date(1980, 1, 1))


@pytest.fixture
def ibou(client: FlaskClient, db_session: Session) -> User:
    """A boy of 14, signed in, whose day of birth is not known yet."""
    user = open_account("Ibou Sow", email="ibou@example.org")
    sign_in(client, user)
    return user


def profile_of(session: Session, user: User) -> Profile:
    session.expire_all()
    return session.get_one(Profile, user.id)


def name(user: User, contact: str = GUARDIAN, born: date = BORN) -> Profile:
    return name_guardian(user.id, born, contact, Relationship.PARENT, by=acting(user))


def tell_birthday(client: FlaskClient) -> None:
    answer = send(client, "/profile/birthday", {"date_of_birth": "15/03/2012", "next": "/home"})
    assert (answer.status_code, answer.location) == (303, "/profile/guardian?next=/home")


@pytest.mark.covers("PPL-04", "PPL-11", "PPL-12", "PPL-13", "PPL-15")
def test_a_minor_names_an_adult_who_confirms_from_their_own_account(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    heard: list[UUID] = []
    tell_birthday(client)
    assert profile_of(db_session, ibou).date_of_birth is None
    assert "15\u00a0mars 2012" in client.get("/profile/guardian").text

    with (
        birthday_set.connected_to(lambda profile, by: heard.append(profile.user_id)),
        guardian_confirmed.connected_to(lambda profile, by: heard.append(profile.user_id)),
    ):
        answer = send(client, "/profile/guardian", FORM | {"next": "/home"})
        assert (answer.status_code, answer.location) == (303, "/home")
        profile = profile_of(db_session, ibou)
        assert (profile.date_of_birth, profile.guardian_user_id) == (BORN, fatou.id)
        assert (profile.relationship_type, profile.guardian_confirmed_at) == (Relationship.PARENT, None)
        assert heard == [ibou.id]
        with pytest.raises(Conflict):
            require_confirmed_guardian(ibou.id)
        assert db_session.get_one(ProfileCompletion, ibou.id).missing == [
            "guardian",
            "photo",
            "place",
            "contact",
        ]
        assert len(sent_to("+221777654321", "guardian_asked")) == 1
        assert len(sent_to(GUARDIAN, "guardian_asked")) == 1

        sign_in(client, fatou)
        page = client.get("/guardian").text
        assert "Ibou Sow" in page
        assert "14" in page
        assert send(client, f"/guardian/{ibou.id}/confirm").location == "/guardian"
        assert send(client, f"/guardian/{ibou.id}/confirm").location == "/guardian"

    assert heard == [ibou.id, ibou.id]
    assert profile_of(db_session, ibou).guardian_confirmed_at is not None
    assert len(sent_to("ibou@example.org", "guardian_confirmed")) == 1
    require_confirmed_guardian(ibou.id)
    actions = db_session.execute(
        select(AuditLog.action, AuditLog.actor_user_id)
        .where(AuditLog.resource_type == "profiles")
        .order_by(AuditLog.id)
    ).all()
    assert actions == [("guardian_named", ibou.id), ("guardian_confirmed", fatou.id)]


@pytest.mark.covers("PPL-15")
def test_a_refusal_keeps_the_birthday_and_asks_for_somebody_else(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    other = open_account("Modou Sow", email="modou@example.org", born=date(1975, 1, 1))
    name(ibou)
    sign_in(client, fatou)
    assert client.get(f"/guardian/{ibou.id}/refuse").status_code == 200
    send(client, f"/guardian/{ibou.id}/refuse")
    send(client, f"/guardian/{ibou.id}/refuse")

    profile = profile_of(db_session, ibou)
    assert profile.date_of_birth == BORN
    assert profile.guardian_refused_at is not None
    assert minors_of(fatou.id) == []
    assert len(sent_to("ibou@example.org", "guardian_refused")) == 1
    assert send(client, f"/guardian/{ibou.id}/confirm").status_code == 409
    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)

    sign_in(client, ibou)
    assert send(client, "/profile/guardian", FORM | {"contact": "modou@example.org"}).status_code == 303
    confirm_guardianship(ibou.id, other.id, by=acting(other))
    require_confirmed_guardian(ibou.id)


@pytest.mark.covers("PPL-15")
def test_a_guardian_steps_back_later(db_session: Session, fatou: User, ibou: User) -> None:
    name(ibou)
    confirm_guardianship(ibou.id, fatou.id, by=acting(fatou))
    with pytest.raises(Conflict):
        name(ibou)

    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))

    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)
    assert name(ibou).guardian_refused_at is None


@pytest.mark.covers("PPL-13")
def test_whoever_cannot_be_a_guardian_is_refused_with_one_sentence(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    open_account("Young Sow", email="young@example.org")
    minor = open_account("Minor Sow", email="minor@example.org")
    name(minor)
    closed = open_account("Closed Sow", email="closed@example.org", born=date(1980, 1, 1))
    suspend_user(closed.id, reason="test", by=SYSTEM)
    blocked = open_account("Blocked Sow", email="blocked@example.org", born=date(1980, 1, 1))
    db_session.add(UserBlock(blocker_user_id=blocked.id, blocked_user_id=ibou.id))
    db_session.commit()
    tell_birthday(client)

    told = set()
    for contact in ("nobody@example.org", "young@example.org", "minor@example.org", "closed@example.org"):
        answer = send(client, "/profile/guardian", FORM | {"contact": contact})
        assert answer.status_code == 422
        told.add(answer.text.split("error-summary__list")[1].split("</ul>")[0])
    for contact in ("blocked@example.org", "77 000 00 00", "' OR '1'='1"):
        answer = send(client, "/profile/guardian", FORM | {"contact": contact})
        told.add(answer.text.split("error-summary__list")[1].split("</ul>")[0])

    assert len(told) == 1
    assert profile_of(db_session, ibou).date_of_birth is None
    assert profile_of(db_session, ibou).guardian_user_id is None


@pytest.mark.covers("PPL-13")
def test_nobody_is_their_own_guardian(db_session: Session, ibou: User) -> None:
    with pytest.raises(InvalidInput):
        name(ibou, "ibou@example.org")
    assert profile_of(db_session, ibou).guardian_user_id is None


@pytest.mark.covers("PPL-13")
def test_a_second_account_on_the_same_mailbox_is_no_guardian(db_session: Session, ibou: User) -> None:
    open_account("Maman", email="IBOU+maman@example.org", born=date(1980, 1, 1))
    with pytest.raises(InvalidInput):
        name(ibou, "ibou+maman@example.org")
    assert profile_of(db_session, ibou).guardian_user_id is None


@pytest.mark.covers("PPL-13")
def test_a_guardian_is_found_by_phone_too(db_session: Session, fatou: User, ibou: User) -> None:
    assert name(ibou, "77 765 43 21").guardian_user_id == fatou.id


@pytest.mark.covers("PPL-15")
def test_strangers_answer_for_nobody(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    name(ibou)
    stranger = open_account("Stranger", email="stranger@example.org", born=date(1980, 1, 1))
    for person in (stranger, ibou):
        sign_in(client, person)
        for path in (
            f"/guardian/{ibou.id}/confirm",
            f"/guardian/{ibou.id}/refuse",
            f"/guardian/{fatou.id}/confirm",
        ):
            assert send(client, path).status_code == 404
        assert client.get(f"/guardian/{ibou.id}/refuse").status_code == 404
        assert "Ibou Sow" not in client.get("/guardian").text
    assert profile_of(db_session, ibou).guardian_confirmed_at is None


@pytest.mark.covers("PPL-12")
def test_who_turns_18_needs_nobody_any_more(
    db_session: Session, fatou: User, ibou: User, clock: Clock
) -> None:
    name(ibou)
    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)
    clock.travel(2030, 3, 15)

    require_confirmed_guardian(ibou.id)
    assert minors_of(fatou.id) == []
    with pytest.raises(NotFound):
        confirm_guardianship(fatou.id, ibou.id, by=acting(ibou))


def test_an_adult_names_no_guardian(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    with pytest.raises(Conflict):
        name(ibou, born=date(1990, 1, 1))
    assert client.get("/profile/guardian").location.startswith("/profile/birthday")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", ""),
        ("contact", "x" * 256),
        ("contact", "a\x00b"),
        ("relationship", ""),
        ("relationship", "king"),
    ],
)
def test_a_wrong_form_names_nobody(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User, field: str, value: str
) -> None:
    tell_birthday(client)

    assert send(client, "/profile/guardian", FORM | {field: value}).status_code == 422
    assert profile_of(db_session, ibou).guardian_user_id is None


def test_nobody_tries_out_addresses_without_end(client: FlaskClient, db_session: Session, ibou: User) -> None:
    tell_birthday(client)

    answers = [
        send(client, "/profile/guardian", FORM | {"contact": f"p{number}@example.org"})
        for number in range(21)
    ]

    assert 429 in {answer.status_code for answer in answers}


@pytest.mark.covers("PPL-11", "PPL-12", "PPL-13", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("date_of_birth = CURRENT_DATE - 6000", "check_minor_has_guardian"),
        (
            "date_of_birth = CURRENT_DATE - 6000, guardian_user_id = :other",
            "check_minor_has_guardian",
        ),
        (
            "date_of_birth = (CURRENT_DATE - INTERVAL '18 years')::date + 1, relationship_type = 'parent'",
            "check_minor_has_guardian",
        ),
        ("guardian_user_id = user_id", "ck_profiles_not_own_guardian"),
        ("relationship_type = 'friend'", "ck_profiles_relationship_type"),
        ("date_of_birth = '1899-12-31'", "ck_profiles_date_of_birth_sane"),
        ("guardian_confirmed_at = now(), guardian_refused_at = now()", "ck_profiles_one_guardian_answer"),
        ("full_name = ' '", "ck_profiles_full_name_present"),
    ],
)
def test_the_database_keeps_minors_and_guardians_apart(
    db_session: Session, fatou: User, ibou: User, change: str, constraint: str
) -> None:
    statement = text(f"UPDATE profiles SET {change} WHERE user_id = :id")
    facts = {"id": ibou.id} | ({"other": fatou.id} if ":other" in change else {})

    with pytest.raises(IntegrityError) as refused:
        db_session.execute(statement, facts)

    assert violated(refused.value) == constraint


@pytest.mark.covers("PPL-12")
@pytest.mark.parametrize(
    "change",
    [
        "date_of_birth = (CURRENT_DATE - INTERVAL '18 years')::date",
        "date_of_birth = CURRENT_DATE - 6000, guardian_user_id = :other, relationship_type = 'sibling'",
        "date_of_birth = NULL",
    ],
)
def test_the_database_lets_pass_what_the_rule_allows(
    db_session: Session, fatou: User, ibou: User, change: str
) -> None:
    facts = {"id": ibou.id} | ({"other": fatou.id} if ":other" in change else {})

    db_session.execute(text(f"UPDATE profiles SET {change} WHERE user_id = :id"), facts)


def test_the_guardians_page_costs_the_same_for_one_or_twenty(
    client: FlaskClient, db_session: Session, fatou: User, count_statements: CountStatements
) -> None:
    for number in range(20):
        name(open_account(f"Child {'abcdefghijklmnopqrst'[number]}", email=f"c{number}@example.org"))
    sign_in(client, fatou)

    with count_statements() as asked:
        page = client.get("/guardian").text

    assert page.count("/confirm") == 20
    assert len(asked) <= 8
