"""The page of a person: origin, notes, friends, papers, payments and what they have paid so far."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.audit.services import UNSAID
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.ids import new_id
from portal.kernel.jobs import REGISTRY
from portal.payments.models import PaymentTransaction
from portal.people.models import DocumentType, UserMetadata
from portal.people.papers import PaperFacts, hand_in
from tests.harness.house import acting, make_person, send, sign_in
from tests.identity.doorway import open_account
from tests.people.test_papers import SCAN
from tests.pots.gifts import give_to, make_open_pot, paid_gift, payment_of
from tests.referrals.word_of_mouth import make_friend, make_sponsor


@pytest.mark.covers("PPL-34", "PPL-39")
def test_the_page_shows_what_every_room_knows(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    sponsor = make_sponsor("Binta Diop")
    person, referral = make_friend(sponsor)
    db_session.execute(
        update(UserMetadata)
        .where(UserMetadata.user_id == person.id)
        .values(first_source="radio", attribution={"utm_campaign": "tabaski"}, lifetime_value_minor=12_500)
    )
    paper = hand_in(person.id, PaperFacts(DocumentType.PASSPORT, "SEN", "A12345"), SCAN, by=acting(person))
    db_session.commit()

    page = client.get(f"/admin/users/{person.id}").text

    assert "radio" in page
    assert "tabaski" in page
    assert f"/admin/users/{sponsor.id}" in page
    assert "12\u202f500" in page
    assert f"/admin/papers/{paper.id}" in page
    for part in ("Account", "Safety", "Sessions", "Notes", "Story", "suspension"):
        assert part.casefold() in page.casefold(), part
    assert "1 of 1 accepted" in client.get(f"/admin/users/{sponsor.id}").text
    assert referral.accepted_at is not None


@pytest.mark.covers("PPL-35", "PPL-39")
def test_notes_are_kept_for_staff_alone(client: FlaskClient, db_session: Session, operator: User) -> None:
    person = open_account("Fatou Sow", email="fatou@example.org", born=date(1990, 5, 14))
    old = make_person("Old Friend")
    db_session.commit()
    notes = "Rappeler lundi <b>sans faute</b>"

    for somebody in (person, old):
        address = f"/admin/users/{somebody.id}"
        assert send(client, f"{address}/notes", {"notes": notes}).location == address
        assert send(client, f"{address}/notes", {"notes": notes}).location == address
        page = client.get(address).text
        assert "Rappeler lundi &lt;b&gt;" in page
        (row,) = db_session.scalars(
            select(AuditLog).filter_by(action="admin_notes_changed", resource_id=somebody.id)
        )
        assert (row.actor_user_id, row.new_values) == (operator.id, {"notes": UNSAID})
    assert send(client, f"/admin/users/{person.id}/notes", {"notes": "x" * 4001}).status_code == 422
    assert send(client, f"/admin/users/{new_id()}/notes", {"notes": "x"}).status_code in (404, 422)

    sign_in(client, person)
    assert send(client, f"/admin/users/{person.id}/notes", {"notes": "mine"}).status_code == 404
    for path in ("/profile", f"/people/{person.id}", "/settings"):
        assert "Rappeler" not in client.get(path).text


@pytest.mark.covers("PPL-34", "PPL-35")
def test_what_a_person_has_paid_so_far_is_counted(db_session: Session) -> None:
    job = REGISTRY["admin.lifetime_values"].function
    donor = make_sponsor("Modou Gueye")
    pot = make_open_pot()
    for francs in (5_000, 2_500):
        payment = payment_of(paid_gift(pot, francs))
        payment.payer_user_id = donor.id
        assert payment.succeeded_at is not None
    payment.refunded_minor = 500
    unpaid = payment_of(give_to(pot, 9_000))
    unpaid.payer_user_id = donor.id
    donor_id = donor.id
    db_session.commit()

    assert job() == {"people": 1}
    assert job() == {"people": 0}

    db_session.expire_all()
    row = db_session.get_one(UserMetadata, donor_id)
    assert row.lifetime_value_minor == 7_000
    assert row.updated_at <= clock.now()
    assert db_session.scalars(select(PaymentTransaction).filter_by(payer_user_id=donor_id)).all()
