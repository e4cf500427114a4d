"""A guardianship that was confirmed ends: the minor asks, the team decides with a reason, and what follows."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog, DataAccess
from portal.identity.models import SecurityEvent, User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.personal import Person
from portal.notifications.models import Notification
from portal.people.ending import ask_for_another, end_guardianship, keep_guardianship, withdraw_change
from portal.people.fading import end_guardianships
from portal.people.guardians import refuse_guardianship
from portal.people.models import ChangeStatus, GuardianChange, UserPrivacy
from portal.people.seeing import seen_person
from portal.people.services import require_confirmed_guardian
from portal.pots.jobs import open_due
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Pot, PotStatus
from portal.privacy.compliance import counted
from portal.privacy.copying import data_of
from portal.privacy.person import person_of
from tests.harness.house import acting, make_admin, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import open_account
from tests.people.questions import agree, minors_of, name, profile_of, proved

pytestmark = pytest.mark.covers("PPL-15")
WHY = "C'est une erreur de saisie."


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


@pytest.fixture
def fatou(db_session: Session) -> User:
    return proved()


@pytest.fixture
def ibou(db_session: Session, fatou: User) -> User:
    """A boy of 14 for whom Fatou answers."""
    user = open_account("Ibou Sow", email="ibou@example.org", email_is_proved=True)
    name(user)
    agree(user, fatou)
    return user


@pytest.fixture
def admin(db_session: Session) -> User:
    return make_admin()


def told(user: User) -> list[str]:
    """What the person reads in the portal, the newest first."""
    rows = select(Notification.event_key).where(Notification.user_id == user.id)
    return [key.partition(":")[0] for key in db.session.scalars(rows.order_by(Notification.id.desc()))]


def changes() -> list[tuple[ChangeStatus, str]]:
    db.session.expire_all()
    rows = db.session.execute(
        select(GuardianChange.status, GuardianChange.reason).order_by(GuardianChange.id)
    )
    return [tuple(row) for row in rows]


def acts(minor: User, action: str) -> int:
    return len(
        db.session.scalars(
            select(AuditLog.id).where(AuditLog.action == action, AuditLog.resource_id == minor.id)
        ).all()
    )


def events(user: User) -> list[str]:
    return list(
        db.session.scalars(
            select(SecurityEvent.event_type).where(
                SecurityEvent.user_id == user.id, SecurityEvent.event_type == "guardianship_over"
            )
        )
    )


def test_a_minor_asks_the_team_for_another_guardian_and_takes_it_back(
    client: FlaskClient, db_session: Session, ibou: User, fatou: User
) -> None:
    sign_in(client, ibou)
    assert "/profile/guardian/change" in client.get("/profile").text
    assert send(client, "/profile/guardian/change", {"reason": " "}).status_code == 422

    send(client, "/profile/guardian/change", {"reason": "Mauvaise adresse"})
    send(client, "/profile/guardian/change", {"reason": "Mauvaise personne"})

    assert changes() == [(ChangeStatus.WAITING, "Mauvaise personne")]
    assert acts(ibou, "guardian_change_asked") == 1
    assert "Mauvaise personne" in client.get("/profile/guardian/change").text
    # The adult does not hear of it.
    assert "guardian_change" not in " ".join(told(fatou))
    sign_in(client, fatou)
    assert "Mauvaise" not in client.get("/guardian").text
    assert client.get("/profile/guardian/change").location == "/profile"

    sign_in(client, ibou)
    send(client, "/profile/guardian/change/withdraw")
    send(client, "/profile/guardian/change/withdraw")
    assert changes() == [(ChangeStatus.WITHDRAWN, "Mauvaise personne")]
    assert acts(ibou, "guardian_change_withdrawn") == 1
    require_confirmed_guardian(ibou.id)


def test_the_team_ends_it_with_a_reason_and_both_are_told_once(
    client: FlaskClient, db_session: Session, ibou: User, fatou: User, admin: User
) -> None:
    ask_for_another(ibou.id, "Mauvaise personne", by=acting(ibou))
    sign_in(client, admin)
    page = client.get("/admin/guardians").text
    assert "Ibou Sow" in page
    assert "Mauvaise personne" in client.get(f"/admin/guardians/{ibou.id}").text
    form = {"guardian": str(fatou.id), "decision": "end", "reason": WHY}
    for lacking in ("reason", "decision", "guardian"):
        some = {key: value for key, value in form.items() if key != lacking}
        assert send(client, f"/admin/guardians/{ibou.id}", some).status_code == 422, lacking

    assert send(client, f"/admin/guardians/{ibou.id}", form).status_code == 303
    assert send(client, f"/admin/guardians/{ibou.id}", form).status_code == 303

    assert changes() == [(ChangeStatus.ENDED, "Mauvaise personne")]
    assert acts(ibou, "guardianship_revoked") == 1
    assert told(ibou)[:1] == ["guardian_ended_by_team"]
    assert told(fatou)[:1] == ["guardianship_ended_by_team"]
    assert (events(ibou), events(fatou)) == (["guardianship_over"], ["guardianship_over"])
    with pytest.raises(Conflict):
        require_confirmed_guardian(ibou.id)
    assert minors_of(fatou.id) == []
    looks = db_session.scalars(select(DataAccess.subject_user_id)).all()
    assert {ibou.id, fatou.id} <= set(looks)
    sign_in(client, ibou)
    assert "Nobody answers for you any more" in client.get("/profile").text
    assert WHY in client.get("/messages").text.replace("&#39;", "'").replace("’", "'")


def test_whoever_was_ended_does_not_end_the_next_one(
    db_session: Session, ibou: User, fatou: User, admin: User
) -> None:
    by = acting(admin)
    assert end_guardianship(ibou.id, fatou.id, reason=WHY, by=by)
    modou = proved("Modou Sow", email="modou@example.org")
    name(ibou, "modou@example.org")
    agree(ibou, modou)

    # The same decision again, from a page that was opened before.
    assert not end_guardianship(ibou.id, fatou.id, reason=WHY, by=by)

    require_confirmed_guardian(ibou.id)
    assert profile_of(db_session, ibou).guardian_user_id == modou.id
    with pytest.raises(Conflict):
        agree(ibou, fatou)


def test_the_team_leaves_the_guardian_and_the_minor_reads_why(
    client: FlaskClient, db_session: Session, ibou: User, fatou: User, admin: User
) -> None:
    sign_in(client, admin)
    ask_for_another(ibou.id, "Je veux mon oncle", by=acting(ibou))
    form = {"guardian": str(fatou.id), "decision": "keep", "reason": WHY}

    send(client, f"/admin/guardians/{ibou.id}", form)
    send(client, f"/admin/guardians/{ibou.id}", form)

    assert changes() == [(ChangeStatus.REFUSED, "Je veux mon oncle")]
    assert acts(ibou, "guardian_change_refused") == 1
    assert told(ibou)[:1] == ["guardian_change_refused"]
    assert "guardian_change_refused" not in told(fatou)
    require_confirmed_guardian(ibou.id)


def test_nobody_decides_about_a_matter_of_their_own(db_session: Session, ibou: User, fatou: User) -> None:
    ask_for_another(ibou.id, "Mauvaise personne", by=acting(ibou))
    with pytest.raises(Forbidden):
        end_guardianship(ibou.id, fatou.id, reason=WHY, by=acting(fatou))
    with pytest.raises(Forbidden):
        keep_guardianship(ibou.id, reason=WHY, by=acting(fatou))
    assert changes() == [(ChangeStatus.WAITING, "Mauvaise personne")]


def test_stepping_back_ends_the_question(db_session: Session, ibou: User, fatou: User) -> None:
    ask_for_another(ibou.id, "Mauvaise personne", by=acting(ibou))
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    assert changes() == [(ChangeStatus.ENDED, "Mauvaise personne")]
    assert events(fatou) == ["guardianship_over"]
    with pytest.raises(Conflict):
        ask_for_another(ibou.id, "Encore", by=acting(ibou))


@pytest.mark.covers("PPL-12")
def test_coming_of_age_ends_the_question(app: Flask, committed_db: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 14, 12)
    fatou, minor = proved(), open_account("Ibou Sow", email="ibou@example.org")
    name(minor, born=date(2008, 3, 15))
    agree(minor, fatou)
    ask_for_another(minor.id, "Mauvaise personne", by=acting(minor))
    minor_id = minor.id
    committed_db.commit()

    clock.travel(2026, 3, 15, 12)
    assert end_guardianships() == 1

    assert changes() == [(ChangeStatus.WITHDRAWN, "Mauvaise personne")]
    withdraw_change(minor_id, by=SYSTEM)
    assert not keep_guardianship(minor_id, reason=WHY, by=SYSTEM)


@pytest.mark.covers("PPL-19", "SEC-15")
def test_what_was_open_stays_open_and_what_was_planned_waits_for_the_next_guardian(
    db_session: Session, clock: Clock, ibou: User, fatou: User, admin: User
) -> None:
    clock.travel(2027, 2, 20, 12)
    running = create_pot(ibou.id, Wishes("Ibou a 15 ans", 25_000), by=acting(ibou))
    clock.travel(2027, 3, 20, 12)
    planned = create_pot(ibou.id, Wishes("Ibou a 16 ans", 25_000), by=acting(ibou))
    assert (running.status, planned.status) == (PotStatus.OPEN, PotStatus.SCHEDULED)
    end_guardianship(ibou.id, fatou.id, reason=WHY, by=acting(admin))
    minor_id, planned_id = ibou.id, planned.id
    db_session.commit()
    assert {one.rule.key: one.exceptions for one in counted()}["minor_pots"] == 0

    clock.travel(2028, 2, 20, 12)
    assert open_due() == {"opened": 0}
    ibou = db_session.get_one(User, minor_id)
    modou = proved("Modou Sow", email="modou@example.org")
    name(ibou, "modou@example.org")
    agree(ibou, modou)
    db_session.commit()
    assert open_due() == {"opened": 1}
    assert db_session.get_one(Pot, planned_id).status is PotStatus.OPEN
    # The pot that an earlier guardian has let open broke no rule.
    assert {one.rule.key: one.exceptions for one in counted()}["minor_pots"] == 0


def test_the_adult_no_longer_sees_the_page(db_session: Session, ibou: User, fatou: User, admin: User) -> None:
    profile_of(db_session, ibou)
    db_session.get_one(UserPrivacy, ibou.id).profile_visible = False
    db_session.flush()
    assert seen_person(ibou.id, fatou.id).name == "Ibou Sow"
    end_guardianship(ibou.id, fatou.id, reason=WHY, by=acting(admin))
    with pytest.raises(NotFound):
        seen_person(ibou.id, fatou.id)


@pytest.mark.covers("PRV-01")
def test_the_words_of_the_minor_are_handed_out_to_the_minor_alone(
    db_session: Session, ibou: User, fatou: User
) -> None:
    ask_for_another(ibou.id, "Mauvaise personne", by=acting(ibou))

    [row] = data_of(person_of(ibou.id))["guardian_changes"]
    assert row["reason"] == "Mauvaise personne"
    assert "Mauvaise personne" not in str(data_of(person_of(fatou.id)))
    assert data_of(Person(emails=("stranger@example.org",))).get("guardian_changes") in (None, [])
