"""The adult behind a minor: asked by address, and written down once they have said yes."""

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
from portal.kernel.models import StatusHistory
from portal.notifications.models import Notification
from portal.people.birthdays import state_birthday
from portal.people.events import birthday_set, guardian_confirmed
from portal.people.guardians import (
    confirm_guardianship,
    name_guardian,
    refuse_guardianship,
    withdraw_request,
)
from portal.people.models import (
    GuardianRequest,
    ProfileCompletion,
    Relationship,
    RequestStatus,
    UserBlock,
)
from portal.people.services import require_confirmed_guardian
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account, sent_to
from tests.people.questions import (
    ADULT,
    BORN,
    GUARDIAN,
    agree,
    let_know,
    minors_of,
    name,
    newest_of,
    profile_of,
    proved,
)

FORM = {"contact": GUARDIAN, "relationship": "parent"}


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


@pytest.fixture
def fatou(db_session: Session) -> User:
    """An adult who has proved both an address and a number."""
    return proved(phone="77 765 43 21")


@pytest.fixture
def ibou(client: FlaskClient, db_session: Session) -> User:
    """A boy of 14, signed in, whose day of birth is not known yet."""
    user = open_account("Ibou Sow", email="ibou@example.org")
    sign_in(client, user)
    return user


def tell_birthday(client: FlaskClient) -> None:
    answer = send(client, "/profile/birthday", {"date_of_birth": "15/03/2012", "next": "/home"})
    assert (answer.status_code, answer.location) == (303, "/profile/guardian?next=/home")


@pytest.mark.covers("PPL-04", "PPL-11", "PPL-12", "PPL-13", "PPL-15")
def test_a_minor_names_an_adult_who_confirms_from_their_own_account(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    heard: list[UUID] = []
    tell_birthday(client)
    assert "15\u00a0mars 2012" in client.get("/profile/guardian").text

    with (
        birthday_set.connected_to(lambda profile, by: heard.append(profile.user_id)),
        guardian_confirmed.connected_to(lambda profile, by: heard.append(profile.user_id)),
    ):
        answer = send(client, "/profile/guardian", FORM | {"next": "/home"})
        assert (answer.status_code, answer.location) == (303, "/home")
        profile = profile_of(db_session, ibou)
        assert (profile.date_of_birth, profile.stated_birthday) == (None, BORN)
        assert (profile.guardian_user_id, profile.relationship_type) == (None, None)
        assert heard == []
        with pytest.raises(Conflict):
            require_confirmed_guardian(ibou.id)
        kept = db_session.get_one(ProfileCompletion, ibou.id)
        assert kept.missing == ["guardian", "photo", "place", "contact"]
        let_know()
        assert len(sent_to("+221777654321", "guardian_asked")) == 1
        assert len(sent_to(GUARDIAN, "guardian_asked")) == 1

        sign_in(client, fatou)
        page = client.get("/guardian").text
        assert "Ibou Sow" in page
        assert "14" in page
        assert send(client, f"/guardian/{ibou.id}/confirm").location == "/guardian"
        assert send(client, f"/guardian/{ibou.id}/confirm").location == "/guardian"

    assert heard == [ibou.id, ibou.id]
    profile = profile_of(db_session, ibou)
    assert (profile.date_of_birth, profile.stated_birthday) == (BORN, None)
    assert (profile.guardian_user_id, profile.relationship_type) == (fatou.id, Relationship.PARENT)
    assert profile.guardian_confirmed_at is not None
    request = newest_of(db_session, ibou)
    assert (request.status, request.guardian_user_id) == (RequestStatus.CONFIRMED, fatou.id)
    assert "guardian" in db_session.get_one(ProfileCompletion, ibou.id).done
    assert len(sent_to("ibou@example.org", "guardian_confirmed")) == 1
    require_confirmed_guardian(ibou.id)
    actions = db_session.execute(
        select(AuditLog.action, AuditLog.actor_user_id)
        .where(AuditLog.resource_type == "profiles")
        .order_by(AuditLog.id)
    ).all()
    assert actions == [("guardian_named", ibou.id), ("guardian_confirmed", fatou.id)]
    steps = select(StatusHistory.to_status).where(StatusHistory.entity_id == request.id)
    assert db_session.scalars(steps.order_by(StatusHistory.id)).all() == ["waiting", "confirmed"]
    sign_in(client, ibou)
    assert "Fatou Sow" in client.get("/profile").text


@pytest.mark.covers("PPL-13", "PPL-15")
def test_who_has_no_account_is_written_to_and_confirms_once_they_have_one(
    client: FlaskClient, db_session: Session, ibou: User
) -> None:
    name(ibou, "khady@example.org")
    let_know()
    (mail,) = sent_to("khady@example.org", "guardian_wanted")
    assert "Ibou Sow" in mail.body
    link = db_session.get_one(Notification, mail.notification_id).action_link
    assert "/sign-up?next=%2Fguardian" in client.get(str(link)).text

    khady = open_account("Khady Sow", email="khady@example.org", born=ADULT)
    assert minors_of(khady.id) == []
    with pytest.raises(NotFound):
        agree(ibou, khady)
    sign_in(client, khady)
    page = client.get("/guardian").text
    assert "khady@example.org" in page
    assert "Ibou" not in page

    khady.email_verified_at = khady.created_at
    db_session.flush()
    assert "Ibou Sow" in client.get("/guardian").text
    send(client, f"/guardian/{ibou.id}/confirm")
    require_confirmed_guardian(ibou.id)


@pytest.mark.covers("PPL-15")
def test_a_refusal_keeps_the_birthday_and_asks_for_somebody_else(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    other = proved("Modou Sow", email="modou@example.org")
    name(ibou)
    sign_in(client, fatou)
    assert client.get(f"/guardian/{ibou.id}/refuse").status_code == 200
    send(client, f"/guardian/{ibou.id}/refuse")
    assert send(client, f"/guardian/{ibou.id}/refuse").status_code == 303

    profile = profile_of(db_session, ibou)
    assert (profile.date_of_birth, profile.stated_birthday) == (None, BORN)
    assert profile.guardian_user_id is None
    assert newest_of(db_session, ibou).status is RequestStatus.REFUSED
    assert minors_of(fatou.id) == []
    (told,) = sent_to("ibou@example.org", "guardian_declined")
    assert "Fatou" not in f"{told.subject}{told.body}"
    assert send(client, f"/guardian/{ibou.id}/confirm").status_code == 409
    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)

    sign_in(client, ibou)
    page = client.get("/profile").text
    assert "Your guardian has said no" in page
    assert "Fatou" not in page
    assert send(client, "/profile/guardian", FORM | {"contact": "modou@example.org"}).status_code == 303
    agree(ibou, other)
    require_confirmed_guardian(ibou.id)


@pytest.mark.covers("PPL-15")
def test_a_guardian_steps_back_later_and_another_takes_their_place(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    other = proved("Modou Sow", email="modou@example.org")
    name(ibou)
    agree(ibou, fatou)
    with pytest.raises(Conflict):
        name(ibou)

    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))

    assert len(sent_to("ibou@example.org", "guardian_refused")) == 1
    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)
    assert "Nobody answers for you any more" in client.get("/profile").text
    name(ibou, "modou@example.org")
    profile = profile_of(db_session, ibou)
    assert (profile.date_of_birth, profile.guardian_user_id) == (BORN, fatou.id)
    assert "modou@example.org" in client.get("/profile").text
    with pytest.raises(Conflict):
        agree(ibou, fatou)
    agree(ibou, other)
    profile = profile_of(db_session, ibou)
    assert (profile.guardian_user_id, profile.guardian_refused_at) == (other.id, None)
    with pytest.raises(NotFound):
        refuse_guardianship(ibou.id, proved("Stranger", email="s@example.org").id, by=acting(fatou))


@pytest.mark.covers("PPL-15")
def test_who_has_stepped_back_may_be_asked_again_and_say_yes(
    db_session: Session, fatou: User, ibou: User
) -> None:
    name(ibou)
    agree(ibou, fatou)
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    name(ibou)
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    assert newest_of(db_session, ibou).status is RequestStatus.REFUSED
    name(ibou)

    agree(ibou, fatou)

    assert profile_of(db_session, ibou).guardian_refused_at is None
    require_confirmed_guardian(ibou.id)


@pytest.mark.covers("PPL-13")
def test_naming_somebody_else_ends_the_question_before(db_session: Session, fatou: User, ibou: User) -> None:
    first = name(ibou)
    assert name(ibou).id == first.id
    second = name(ibou, "modou@example.org")

    assert first.status is RequestStatus.WITHDRAWN
    assert second.status is RequestStatus.WAITING
    assert minors_of(fatou.id) == []
    with pytest.raises(Conflict):
        agree(ibou, fatou)
    third = name_guardian(ibou.id, BORN, "modou@example.org", Relationship.SIBLING, by=acting(ibou))
    assert (second.status, third.relationship_type) == (RequestStatus.WITHDRAWN, Relationship.SIBLING)


@pytest.mark.covers("PPL-13")
def test_a_question_can_be_withdrawn(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    name(ibou)
    assert send(client, "/profile/guardian/withdraw").location == "/profile"
    assert send(client, "/profile/guardian/withdraw").location == "/profile"

    assert newest_of(db_session, ibou).status is RequestStatus.WITHDRAWN
    assert profile_of(db_session, ibou).stated_birthday == BORN
    assert "You need a guardian" in client.get("/profile").text
    let_know()
    assert sent_to(GUARDIAN, "guardian_asked") == []
    with pytest.raises(Conflict):
        agree(ibou, fatou)

    name(ibou)
    agree(ibou, fatou)
    with pytest.raises(Conflict):
        withdraw_request(ibou.id, by=acting(ibou))


@pytest.mark.covers("PPL-13")
@pytest.mark.parametrize(
    ("born", "words"),
    [(None, "tell us your day of birth"), (date(2010, 1, 1), "are under 18 yourself")],
)
def test_who_cannot_be_a_guardian_is_told_why_and_may_say_no(
    client: FlaskClient, db_session: Session, ibou: User, born: date | None, words: str
) -> None:
    aida = proved("Aida Sow", email="aida@example.org", born=born)
    name(ibou, "aida@example.org")
    sign_in(client, aida)

    page = client.get("/guardian").text
    assert words in page
    assert "/confirm" not in page
    assert send(client, f"/guardian/{ibou.id}/confirm").status_code == 409
    assert profile_of(db_session, ibou).guardian_user_id is None
    assert send(client, f"/guardian/{ibou.id}/refuse").status_code == 303
    assert newest_of(db_session, ibou).status is RequestStatus.REFUSED


@pytest.mark.covers("PPL-13")
def test_a_second_account_on_the_same_mailbox_is_no_guardian(
    client: FlaskClient, db_session: Session, ibou: User
) -> None:
    maman = proved("Maman", email="ibou+maman@example.org", phone="77 000 11 22")
    with pytest.raises(InvalidInput):
        name(ibou, "IBOU+maman@example.org")
    name(ibou, "77 000 11 22")
    sign_in(client, maman)

    assert "at one address" in client.get("/guardian").text
    with pytest.raises(Conflict):
        agree(ibou, maman)
    assert profile_of(db_session, ibou).guardian_user_id is None


@pytest.mark.covers("PPL-13")
def test_nobody_is_their_own_guardian(db_session: Session, ibou: User) -> None:
    with pytest.raises(InvalidInput):
        name(ibou, "ibou@example.org")
    name(ibou, "later@example.org")
    ibou.email, ibou.email_verified_at = "later@example.org", ibou.created_at
    db_session.flush()

    assert minors_of(ibou.id) == []
    with pytest.raises(NotFound):
        confirm_guardianship(ibou.id, ibou.id, by=acting(ibou))


@pytest.mark.covers("PPL-13")
def test_a_guardian_answers_by_phone_number_too(db_session: Session, fatou: User, ibou: User) -> None:
    name(ibou, "77 765 43 21")
    agree(ibou, fatou)

    assert profile_of(db_session, ibou).guardian_user_id == fatou.id


@pytest.mark.covers("PPL-15")
def test_strangers_answer_for_nobody(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    name(ibou)
    stranger = proved("Stranger", email="stranger@example.org")
    blocked = proved("Blocked", email="blocked@example.org")
    asker = open_account("Aida Sow", email="aida@example.org")
    name(asker, "blocked@example.org")
    db_session.add(UserBlock(blocker_user_id=blocked.id, blocked_user_id=asker.id))
    db_session.flush()
    for person in (stranger, ibou, blocked):
        sign_in(client, person)
        for one in (ibou, fatou, asker):
            assert send(client, f"/guardian/{one.id}/confirm").status_code == 404
            assert send(client, f"/guardian/{one.id}/refuse").status_code == 404
            assert client.get(f"/guardian/{one.id}/refuse").status_code == 404
        page = client.get("/guardian").text
        assert "Ibou Sow" not in page
        assert f"/guardian/{asker.id}/confirm" not in page
        assert ("Aida Sow" in page) is (person is blocked)
    assert newest_of(db_session, ibou).status is RequestStatus.WAITING


@pytest.mark.covers("PPL-13")
def test_nobody_answers_for_an_account_that_is_closed(db_session: Session, fatou: User, ibou: User) -> None:
    name(ibou)
    suspend_user(ibou.id, reason="test", by=SYSTEM)

    assert minors_of(fatou.id) == []
    with pytest.raises(NotFound):
        agree(ibou, fatou)


@pytest.mark.covers("PPL-13")
def test_nobody_answers_once_the_time_is_over(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User, clock: Clock
) -> None:
    name(ibou)
    clock.travel(2026, 7, 1, 12)

    assert minors_of(fatou.id) == []
    with pytest.raises(Conflict):
        agree(ibou, fatou)
    with pytest.raises(NotFound):
        refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    sign_in(client, ibou)
    assert "Nobody has answered" in client.get("/profile").text
    name(ibou)
    agree(ibou, fatou)


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
        agree(ibou, fatou)


def test_an_adult_names_no_guardian(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    with pytest.raises(Conflict):
        name(ibou, born=date(1990, 1, 1))
    assert client.get("/profile/guardian").location.startswith("/profile/birthday")


@pytest.mark.covers("PPL-12")
@pytest.mark.parametrize("has_asked", [False, True])
def test_a_minor_who_waits_is_no_person_of_unknown_age(
    client: FlaskClient, db_session: Session, ibou: User, has_asked: bool
) -> None:
    """They are shown the step that is theirs, and nothing opens meanwhile."""
    state_birthday(ibou.id, BORN, by=acting(ibou))
    if has_asked:
        name(ibou)

    for path in ("/pots/new", "/sponsor/invite"):
        answer = client.get(path)
        assert answer.location == f"/profile/guardian?next={path}"
        assert send(client, path, {}).location == answer.location
    assert client.get("/profile/birthday").location == "/profile/guardian?next=/profile"
    assert "once your guardian has said yes" in client.get("/sponsor").text
    assert "15\u00a0mars 2012" in client.get("/profile").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", ""),
        ("contact", "x" * 256),
        ("contact", "a\x00b"),
        ("contact", "' OR '1'='1"),
        ("contact", "a@b"),
        ("contact", "33 800 00 00"),
        ("relationship", ""),
        ("relationship", "king"),
    ],
)
def test_a_wrong_form_names_nobody(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User, field: str, value: str
) -> None:
    tell_birthday(client)

    assert send(client, "/profile/guardian", FORM | {field: value}).status_code == 422
    assert db_session.scalars(select(GuardianRequest)).all() == []


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
            "date_of_birth = CURRENT_DATE - 6000, guardian_user_id = :other, guardian_confirmed_at = now()",
            "check_minor_has_guardian",
        ),
        (
            "date_of_birth = (CURRENT_DATE - INTERVAL '18 years')::date + 1, relationship_type = 'parent'",
            "check_minor_has_guardian",
        ),
        ("guardian_user_id = :other", "ck_profiles_guardian_has_answered"),
        ("guardian_user_id = user_id, guardian_confirmed_at = now()", "ck_profiles_not_own_guardian"),
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
        "date_of_birth = CURRENT_DATE - 6000, guardian_user_id = :other, relationship_type = 'sibling',"
        " guardian_confirmed_at = now()",
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
    assert len(asked) <= 11
