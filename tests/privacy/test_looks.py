"""Whoever of the staff opens what is known of a person leaves a row, which that person reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import DataAccess, Opened
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.pots.models import PotStatus
from portal.privacy.retention import due_now, keep_in_time
from tests.harness.database import become_owner
from tests.harness.house import make_admin, make_person, send, sign_in
from tests.privacy.test_forgetting_a_donor import give


def looks(session: Session) -> list[tuple[object, Opened]]:
    noted = select(DataAccess).where(DataAccess.subject_user_id.is_not(None))
    return [(row.subject_user_id, row.opened) for row in session.scalars(noted)]


@pytest.mark.covers("PRV-06")
def test_opening_a_person_is_noted_and_shown_to_them(client: FlaskClient, db_session: Session) -> None:
    person, admin = make_person(), make_admin()
    sign_in(client, admin)
    assert client.get(f"/admin/users/{person.id}").status_code == 200
    assert client.get(f"/admin/users/{admin.id}").status_code == 200

    assert looks(db_session) == [(person.id, Opened.PERSON_PAGE)]
    sign_in(client, person)
    shown = client.get("/privacy").text.split("Who of the team saw my data")[1].split("</main>")[0]
    assert "Your page" in shown
    assert "Ousmane" in shown, "who it was, by first name"
    assert "Fall" not in shown


@pytest.mark.covers("PRV-06")
def test_looking_somebody_up_by_address_is_noted_and_reading_the_list_is_not(
    client: FlaskClient, db_session: Session
) -> None:
    person = make_person(email="awa.looked@example.org")
    make_person("Fatou Sow")
    sign_in(client, make_admin())
    client.get("/admin/users")
    client.get("/admin/users?q=Awa")
    assert looks(db_session) == []

    client.get("/admin/users?q=awa.looked@example.org")

    assert looks(db_session) == [(person.id, Opened.SEARCH)]


def test_a_look_is_never_unmade(client: FlaskClient, db_session: Session) -> None:
    person = make_person()
    sign_in(client, make_admin())
    client.get(f"/admin/users/{person.id}")
    # The portal has no right to change one, and a trigger stops the owner of the table.
    with pytest.raises(DBAPIError, match="permission denied"), db_session.begin_nested():
        db_session.execute(text("UPDATE data_accesses SET reason = 'x'"))
    for change in ("DELETE FROM data_accesses", "UPDATE data_accesses SET reason = 'x'"):
        with pytest.raises(IntegrityError, match="append-only"), db_session.begin_nested():
            become_owner(db_session)
            db_session.execute(text(change))


@pytest.mark.covers("PRV-06", "PRV-12")
def test_a_look_goes_after_five_years_and_not_before(committed_db: Session) -> None:
    person, admin = make_person(), make_admin()
    long_ago = datetime(2019, 5, 4, tzinfo=UTC)
    committed_db.add_all(
        DataAccess(
            staff_user_id=admin.id, subject_user_id=person.id, opened=Opened.PERSON_PAGE, occurred_at=moment
        )
        for moment in (long_ago, clock.now())
    )
    committed_db.commit()

    with pytest.raises(IntegrityError, match="append-only"):
        committed_db.execute(text("DELETE FROM data_accesses"))
    committed_db.rollback()
    assert due_now()["looks"] == 1
    committed_db.rollback()
    assert keep_in_time()["looks"] == 1
    assert committed_db.scalars(select(DataAccess.occurred_at)).one() != long_ago


def test_a_stranger_sees_no_looks_at_others(client: FlaskClient, db_session: Session) -> None:
    person, stranger = make_person(), make_person("Fatou Sow")
    sign_in(client, make_admin())
    client.get(f"/admin/users/{person.id}")
    sign_in(client, stranger)
    assert "Your page" not in client.get("/privacy").text


def reasons(session: Session, person: User) -> list[tuple[Opened, str | None]]:
    """How and why somebody was looked at, in order."""
    session.expire_all()
    rows = session.scalars(
        select(DataAccess).where(DataAccess.subject_user_id == person.id).order_by(DataAccess.id)
    )
    return [(row.opened, row.reason) for row in rows]


@pytest.mark.covers("PRV-06")
def test_opening_a_gift_is_noted_for_who_gave_it(client: FlaskClient, db_session: Session) -> None:
    donor = make_person("Modou Ba")
    gift = give(PotStatus.OPEN, donor_user_id=donor.id)
    guest = give(PotStatus.OPEN)
    sign_in(client, make_admin())
    for one in (gift, guest):
        assert client.get(f"/admin/donations/{one.id}").status_code == 200
    assert reasons(db_session, donor) == [(Opened.GIFT, None)]
    assert len(looks(db_session)) == 1
    sign_in(client, donor)
    assert "A gift of yours" in client.get("/privacy").text


@pytest.mark.covers("PRV-06")
def test_finding_a_gift_by_number_is_noted(client: FlaskClient, db_session: Session) -> None:
    donor = make_person("Modou Ba")
    give(PotStatus.OPEN, donor_user_id=donor.id)
    sign_in(client, make_admin())
    client.get("/admin/donations?q=Modou")
    assert reasons(db_session, donor) == []

    client.get("/admin/donations?q=771112233")

    assert reasons(db_session, donor) == [(Opened.SEARCH, None)]


@pytest.mark.covers("PRV-06")
def test_deciding_about_an_account_is_noted_with_its_reason(client: FlaskClient, db_session: Session) -> None:
    person = make_person()
    sign_in(client, make_admin())
    send(client, f"/admin/users/{person.id}/suspension", {"reason": "Trois plaintes"})

    assert reasons(db_session, person) == [(Opened.PERSON_PAGE, "Trois plaintes")]
    person.status = UserStatus.ACTIVE
    sign_in(client, person)
    assert "Trois plaintes" in client.get("/privacy").text
