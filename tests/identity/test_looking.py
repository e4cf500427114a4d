"""A super admin sees the portal as somebody else: visibly, for a reason, for minutes, and without changing anything."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import SecurityEvent, User
from portal.kernel.ids import random_token
from portal.kernel.roles import Role
from portal.notifications.models import Category, Notification, NotificationType
from portal.people.models import Profile
from portal.pots.models import Donation, DonationStatus
from portal.redemptions.codes import grouped
from tests.harness.house import (
    make_admin,
    make_code,
    make_pack,
    make_partner,
    make_person,
    make_pot,
    send,
    sign_in,
)
from tests.harness.moments import Clock


def begin(client: FlaskClient, user: User) -> None:
    chief = make_person("Aminata Diop", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN))
    sign_in(client, chief)
    done = send(client, f"/admin/users/{user.id}/looking", {"reason": "Cannot find her pot"})
    assert (done.status_code, done.location) == (303, "/home")


@pytest.mark.covers("ADM-17", "ADM-25")
def test_the_portal_is_seen_as_the_person_sees_it_and_says_so(
    client: FlaskClient, db_session: Session
) -> None:
    awa = make_person("Awa Ndiaye")
    begin(client, awa)

    profile = client.get("/profile").text

    assert "Awa Ndiaye" in profile
    assert "You see the portal as Awa. Nothing can be changed." in profile
    assert client.get("/admin").status_code == 404
    row = db_session.scalars(select(AuditLog).where(AuditLog.action == "user_viewed")).one()
    assert (row.resource_id, row.reason) == (awa.id, "Cannot find her pot")
    event = db_session.scalars(select(SecurityEvent).where(SecurityEvent.user_id == awa.id)).one()
    assert event.event_type == "looked_at_by_staff"


def test_nothing_can_be_changed_meanwhile(client: FlaskClient, db_session: Session) -> None:
    awa = make_person("Awa Ndiaye")
    begin(client, awa)

    refused = send(client, "/profile/edit", {"full_name": "Somebody Else"})

    assert refused.status_code == 403
    assert "You are only looking at this account" in refused.text
    assert send(client, "/sign-out").status_code == 403
    profile = db_session.scalars(select(Profile).where(Profile.user_id == awa.id)).one()
    db_session.refresh(profile)
    assert profile.full_name == "Awa Ndiaye"


def test_a_page_that_would_note_something_notes_nothing(client: FlaskClient, db_session: Session) -> None:
    awa = make_person("Awa Ndiaye")
    note = Notification(
        user_id=awa.id,
        event_key="test",
        title="Hello",
        message="Hello",
        type=NotificationType.SYSTEM,
        category=Category.POT,
        action_link="/pots",
    )
    db_session.add(note)
    db_session.flush()
    begin(client, awa)

    client.get(f"/messages/{note.id}")

    db_session.refresh(note)
    assert note.read_at is None


def test_it_ends_on_a_click_and_by_itself(client: FlaskClient, clock: Clock) -> None:
    awa = make_person("Awa Ndiaye")
    begin(client, awa)
    assert send(client, "/looking/end").location == f"/admin/users/{awa.id}"
    assert client.get("/admin").status_code == 200
    send(client, f"/admin/users/{awa.id}/looking", {"reason": "Once more"})
    assert client.get("/admin").status_code == 404

    clock.advance(minutes=16)

    assert client.get("/admin").status_code == 200


def test_only_super_admins_look_and_at_nobody_who_steers(client: FlaskClient) -> None:
    awa, other = make_person(), make_admin()
    sign_in(client, make_admin())
    assert send(client, f"/admin/users/{awa.id}/looking", {"reason": "why"}).status_code == 403
    sign_in(client, make_person("Aminata Diop", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN)))

    for user_id in (other.id,):
        refused = send(client, f"/admin/users/{user_id}/looking", {"reason": "why"})
        assert "The portal cannot be viewed as an administrator" in refused.text
    assert send(client, f"/admin/users/{awa.id}/looking").status_code == 422
    assert client.get("/admin").status_code == 200


def test_somebody_who_looks_at_nobody_has_nothing_to_end(client: FlaskClient) -> None:
    sign_in(client, make_person())

    assert send(client, "/looking/end").location == "/"


@pytest.mark.covers("ADM-25", "QR-06")
def test_codes_of_gifts_are_not_shown_to_whoever_looks(client: FlaskClient, db_session: Session) -> None:
    awa = make_person("Awa Ndiaye")
    code = make_code(make_pack(make_partner()), awa)
    typed = grouped(code.code)
    db_session.add(
        Notification(
            user_id=awa.id,
            event_key="code",
            title=f"Kod {typed}",
            message=f"Votre code est prêt : {typed}.",
            type=NotificationType.SYSTEM,
            category=Category.POT,
        )
    )
    address = f"/pots/{code.pot_id}/code"
    sign_in(client, awa)
    assert typed in client.get(address).text
    assert client.get(f"{address}.png").status_code == 200
    begin(client, awa)

    seen = client.get(address)
    assert seen.status_code == 200
    assert "shown to its holder alone" in seen.text
    assert "qr__drawing" not in seen.text
    assert typed not in seen.text
    assert client.get(f"{address}.png").status_code == 404
    assert client.get("/messages", headers={"Accept-Encoding": "gzip"}).status_code == 200
    told = client.get("/messages").text
    assert typed not in told
    assert f"••••-••••-{typed[-4:]}" in told


@pytest.mark.covers("ADM-25", "DON-16")
def test_links_of_receipts_are_not_shown_to_whoever_looks(client: FlaskClient, db_session: Session) -> None:
    awa = make_person("Awa Ndiaye")
    gift = Donation(
        pot_id=make_pot(make_person("Fatou Sow")).id,
        donor_user_id=awa.id,
        donor_name="Awa Ndiaye",
        amount_minor=5_000,
        status=DonationStatus.FAILED,
        receipt_token=random_token(24),
        submission_key=random_token(24),
    )
    note = Notification(
        user_id=awa.id,
        event_key="gift",
        title="Merci",
        message="Merci",
        type=NotificationType.SYSTEM,
        category=Category.POT,
        action_link=f"/g/{gift.receipt_token}",
    )
    db_session.add_all((gift, note))
    db_session.flush()
    sign_in(client, awa)
    assert gift.receipt_token in client.get("/gifts").text
    assert client.get(f"/messages/{note.id}").location == f"/g/{gift.receipt_token}"
    begin(client, awa)

    seen, led_on = client.get("/gifts"), client.get(f"/messages/{note.id}")

    assert (seen.status_code, gift.receipt_token in seen.text) == (200, False)
    assert (led_on.status_code, gift.receipt_token in led_on.location) == (303, False)
    assert client.get(led_on.location).status_code == 404
