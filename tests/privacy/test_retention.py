"""What has been kept long enough goes, in time, and nothing else; a dry run counts and changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.identity.models import (
    DeviceRegistration,
    LoginAttempt,
    SecurityEvent,
    Severity,
    User,
    UserSession,
    UserStatus,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.files import files_folder, store_file
from portal.kernel.ids import new_id
from portal.kernel.models import FilePurpose, JobRun, StoredFile
from portal.kernel.work import perform_run
from portal.notifications.models import NotificationAnalytics
from portal.pots.models import Donation, Pot, PotAnalytics, PotStatus
from portal.privacy.exporting import ask_for_export
from portal.privacy.leaving import ask_to_leave
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
from portal.privacy.old_copies import give_up_lost_copies, remove_old_copies
from portal.privacy.retention import ERRANDS, OWN_JOBS, due_now, keep_in_time
from portal.privacy.rules import RULES
from portal.referrals.models import ReferralClick, SponsorContactBatch
from tests.harness.house import acting, make_admin, make_person, make_pot, sign_in

NETWORK = "198.51.100.7"


@pytest.fixture
def person(committed_db: Any) -> User:
    """Somebody of whom a row of each kind was written at the moment of the test."""
    user = make_person()
    user_id, now = user.id, clock.now()
    db.session.add_all(
        [
            DeviceRegistration(user_id=user_id, name="Telefon", fingerprint="f", last_seen_at=now),
            UserSession(
                user_id=user_id, token_hash="h", expires_at=now, ip_address=NETWORK, last_seen_at=now
            ),
            LoginAttempt(identifier="a@example.org", succeeded=False, reason="wrong_password"),
            SecurityEvent(user_id=user_id, event_type="x", severity=Severity.INFO),
            ReferralClick(owner_user_id=user_id, ip_address=NETWORK, user_agent="tests"),
        ]
    )
    pot = make_pot(user, status=PotStatus.CLOSED, holds=0)
    db.session.add(PotAnalytics(pot_id=pot.id, snapshot_date=clock.today()))
    db.session.add(NotificationAnalytics(date=clock.today(), template_key="x", channel="email"))
    for status in ("failed", "succeeded"):
        db.session.add(
            Donation(
                pot_id=pot.id,
                donor_name="Awa",
                donor_phone="+221770000009",
                amount_minor=500,
                receipt_token=new_id().hex,
                submission_key=new_id().hex,
                ip_address=NETWORK,
                status=status,
            )
        )
    db.session.commit()
    return user


def left(model: Any) -> int:
    found = db.session.scalar(select(func.count()).select_from(model))
    assert found is not None
    return found


def donors() -> dict[str, str | None]:
    return {row.status.value: row.donor_name for row in db.session.scalars(select(Donation))}


@pytest.mark.covers("PRV-11", "PRV-12")
def test_what_belongs_to_sessions_goes_after_ninety_days(person: User) -> None:
    began = clock.now()
    with clock.travel(began + timedelta(days=89, hours=23)):
        assert [key for key, count in keep_in_time().items() if count] == []
    with clock.travel(began + timedelta(days=90, hours=1)):
        would = due_now()
        assert left(UserSession) == 1, "a dry run changes nothing"
        db.session.rollback()
        assert keep_in_time() == would
        assert (left(UserSession), left(LoginAttempt), left(DeviceRegistration)) == (0, 0, 0)
        assert left(ReferralClick) == 1
        assert db.session.scalars(select(ReferralClick.ip_address)).one() is None
        assert [key for key, count in keep_in_time().items() if count] == []
    assert left(SecurityEvent) == 1


@pytest.mark.covers("PRV-09", "PRV-12")
def test_statistics_go_after_two_years_and_security_events_after_five(person: User) -> None:
    began = clock.now()
    with clock.travel(began + timedelta(days=732)):
        keep_in_time()
        assert (left(PotAnalytics), left(NotificationAnalytics), left(SecurityEvent)) == (0, 0, 1)
    with clock.travel(began + timedelta(days=1826)):
        keep_in_time()
        assert left(SecurityEvent) == 0


@pytest.mark.covers("PRV-08", "PRV-12")
def test_the_donor_of_a_paid_gift_is_forgotten_after_seven_years_and_the_amount_stays(person: User) -> None:
    began = clock.now()
    with clock.travel(began + timedelta(days=91)):
        keep_in_time()
        assert donors() == {"failed": None, "succeeded": "Awa"}
    with clock.travel(began + timedelta(days=2558)):
        keep_in_time()
        assert donors() == {"failed": None, "succeeded": None}
    assert db.session.scalars(select(Donation.amount_minor)).all() == [500, 500]


@pytest.mark.covers("PRV-11")
def test_a_session_that_nobody_uses_has_ended_before_its_time(person: User) -> None:
    began = clock.now()
    session = db.session.scalars(select(UserSession)).one()
    session.expires_at = began + timedelta(days=30)
    db.session.commit()
    with clock.travel(began + timedelta(days=14 + 90) - timedelta(hours=1)):
        assert keep_in_time()["sessions"] == 0
    with clock.travel(began + timedelta(days=14 + 90, hours=1)):
        assert keep_in_time()["sessions"] == 1


@pytest.mark.covers("PRV-07", "PRV-12")
def test_accounts_to_be_erased_have_a_dry_run_and_a_report(
    person: User, client: FlaskClient, app: Flask
) -> None:
    leaver = make_person("Awa Diop")
    ask_to_leave(leaver.id, by=acting(leaver))
    db.session.commit()
    command, leaver_id = app.test_cli_runner(), leaver.id

    def would() -> str:
        return command.invoke(args=["portal", "keep-in-time", "--dry-run"]).output

    assert "erased: 0 would go" in would()
    with clock.travel(clock.now() + timedelta(days=30, hours=1)):
        assert "erased: 1 would go" in would()
        assert db.session.get_one(User, leaver_id).status is UserStatus.PENDING_DELETION
        db.session.rollback()
        assert perform_run("privacy.erase_due", "tests")
        assert "erased: 0 would go" in would()
        sign_in(client, make_admin())
        row = (
            client.get("/admin/retention").text.split("Accounts whose holders have left")[1].split("</tr>")[0]
        )
    assert [cell.strip() for cell in re.findall(r">([^<>]*\d+)<", row)] == ["30", "0", "1"]


@pytest.mark.covers("PRV-12")
def test_a_period_is_a_setting(person: User) -> None:
    set_value("keep.attempts", "10", by=SYSTEM)
    db.session.commit()
    with clock.travel(clock.now() + timedelta(days=11)):
        assert keep_in_time()["attempts"] == 1


def test_every_rule_has_a_period_and_a_name_of_its_own() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)
    assert all(rule.setting.key.startswith("keep.") and rule.label for rule in RULES)


@pytest.mark.covers("PRV-01")
def test_a_copy_leaves_the_disk_when_its_days_are_over(person: User) -> None:
    file = store_file(
        b"PK", mime_type="application/zip", purpose=FilePurpose.PRIVACY_EXPORT, owner_user_id=person.id
    )
    path = files_folder() / file.storage_key
    db.session.add(
        PrivacyRequest(
            kind=RequestKind.EXPORT,
            user_id=person.id,
            status=RequestStatus.DONE,
            file_id=file.id,
            expires_at=clock.now() + timedelta(days=7),
        )
    )
    db.session.commit()
    assert remove_old_copies() == 0
    assert path.exists()
    with clock.travel(clock.now() + timedelta(days=7, hours=1)):
        assert remove_old_copies() == 1
        assert remove_old_copies() == 0
    assert not path.exists()
    assert left(StoredFile) == 0


@pytest.mark.covers("PRV-01")
@pytest.mark.parametrize("status", [RequestStatus.RECEIVED, RequestStatus.RUNNING])
def test_a_copy_that_nobody_begins_or_finishes_may_be_asked_for_again(
    person: User, client: FlaskClient, status: RequestStatus
) -> None:
    lost = PrivacyRequest(kind=RequestKind.EXPORT, user_id=person.id, status=status)
    db.session.add(lost)
    db.session.commit()
    lost_id, person_id, by = lost.id, person.id, acting(person)
    assert give_up_lost_copies() == 0
    assert ask_for_export(person_id, by=by).id == lost_id
    with clock.travel(clock.now() + timedelta(days=1, hours=1)):
        assert give_up_lost_copies() == 1
        assert give_up_lost_copies() == 0
        sign_in(client, db.session.get_one(User, person_id))
        assert "could not be made" in client.get("/privacy").text
        assert ask_for_export(person_id, by=by).id != lost_id


@pytest.mark.covers("PRV-05", "PRV-12")
def test_what_was_begun_and_never_finished_goes_after_ninety_days(person: User) -> None:
    now = clock.now()
    left_behind = make_pot(make_person("Awa Diop"), status=PotStatus.CLOSED, holds=0)
    left_behind.closed_at, left_behind.actual_opened_at = now, None
    birthday = clock.start_of_day(left_behind.birthday_date)
    for sent in (0, 1):
        db.session.add(
            SponsorContactBatch(
                sponsor_user_id=person.id,
                batch_date=clock.today(),
                batch_number=sent + 1,
                start_position=0,
                end_position=1,
                contact_snapshot=[{"name": "Modou Ba", "phone": "+221770000001"}],
                selected_count=sent,
                sent_count=sent,
            )
        )
    db.session.commit()
    pot_id = left_behind.id
    with clock.travel(now + timedelta(days=89)):
        assert (due_now()["batches"], due_now()["drafts"]) == (0, 0)
    db.session.rollback()
    with clock.travel(max(now, birthday) + timedelta(days=92)):
        counts = keep_in_time()
        assert (counts["batches"], counts["drafts"]) == (1, 1)
        again = keep_in_time()
        assert (again["batches"], again["drafts"]) == (0, 0)
    batches = db.session.scalars(select(SponsorContactBatch).order_by(SponsorContactBatch.batch_number)).all()
    assert [(batch.end_position, len(batch.contact_snapshot)) for batch in batches] == [(1, 0), (1, 1)]
    assert db.session.get(Pot, pot_id) is None
    assert left(Pot) == 1, "a pot to which somebody gave stays"


@pytest.mark.covers("PRV-12")
def test_the_page_and_the_command_name_everything_that_has_a_period(
    client: FlaskClient, app: Flask, person: User
) -> None:
    sign_in(client, make_admin())
    shown = client.get("/admin/retention").text
    assert [one.label for one in (*RULES, *ERRANDS, *OWN_JOBS) if str(one.label) not in shown] == []

    command = app.test_cli_runner()
    with clock.travel(clock.now() + timedelta(days=91)):
        would = command.invoke(args=["portal", "keep-in-time", "--dry-run"])
        assert "attempts: 1 would go" in would.output
        assert "attempts: 1 gone" in command.invoke(args=["portal", "keep-in-time"]).output
        assert "attempts: 0 gone" in command.invoke(args=["portal", "keep-in-time"]).output


@pytest.mark.covers("PRV-12")
def test_the_run_keeps_its_counts_and_staff_see_them(person: User, client: FlaskClient) -> None:
    with clock.travel(clock.now() + timedelta(days=91)):
        assert perform_run("privacy.keep_in_time", "tests")
        run = db.session.scalars(select(JobRun)).one()
        assert run.counts["attempts"] == 1
        sign_in(client, make_admin())
        shown = client.get("/admin/retention")
    assert shown.status_code == 200
    assert "Sign-in attempts" in shown.text


def test_the_page_is_for_staff_alone(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_person())
    assert client.get("/admin/retention").status_code == 404
