"""What identity says reaches the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import events
from portal.identity.models import (
    PasswordResetToken,
    User,
    VerificationChannel,
    VerificationPurpose,
    VerificationToken,
)
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.ids import new_id
from portal.notifications.catalog import REGISTRY
from portal.notifications.models import Notification, NotificationDelivery, NotificationPreferences
from tests.harness.house import make_person
from tests.notifications.conftest import Person


def deliveries(session: Session) -> dict[str, str]:
    rows = session.scalars(select(NotificationDelivery))
    return {row.channel.value: row.recipient_identifier for row in rows}


@pytest.mark.covers("NTF-40")
def test_a_new_account_gets_its_preferences(db_session: Session) -> None:
    user = make_person()

    events.user_registered.send(user, invitation_code=None, utm={}, page=None, by=SYSTEM)

    assert db_session.get(NotificationPreferences, user.id) is not None


@pytest.mark.covers("NTF-23", "NTF-24")
def test_a_code_goes_to_the_phone_in_the_language_of_the_page(db_session: Session) -> None:
    moment = portal_clock.now()
    token = VerificationToken(
        id=new_id(),
        channel=VerificationChannel.SMS,
        purpose=VerificationPurpose.SIGN_IN,
        target="+221770000001",
        token_hash="x",
        expires_at=moment + timedelta(minutes=10),
    )
    for _ in range(2):
        events.code_issued.send(token, code="112233", locale="en", by=SYSTEM)

    sent = db_session.scalars(select(NotificationDelivery)).one()
    assert sent.body == "112233 is your Teranga code, valid for 10 minutes. Give it to nobody."
    assert sent.is_urgent
    note = db_session.scalars(select(Notification)).one()
    assert (note.expires_at, note.in_app) == (token.expires_at, False)


@pytest.mark.covers("NTF-23")
def test_links_go_to_the_address_they_prove(db_session: Session, person: Person) -> None:
    user = person(email_verified_at=None)
    hour = portal_clock.now() + timedelta(hours=1)
    proof = VerificationToken(
        id=new_id(),
        user_id=user.id,
        channel=VerificationChannel.EMAIL,
        purpose=VerificationPurpose.CONFIRM_CONTACT,
        target="new@example.org",
        token_hash="x",
        expires_at=hour,
    )
    reset = PasswordResetToken(id=new_id(), user_id=user.id, token_hash="y", expires_at=hour)

    events.email_confirmation_issued.send(proof, token="secret-1", locale="fr-SN", by=SYSTEM)
    events.password_reset_issued.send(reset, email=user.email, token="secret-2", locale="fr-SN", by=SYSTEM)

    rows = db_session.scalars(select(NotificationDelivery).order_by(NotificationDelivery.id)).all()
    assert [row.recipient_identifier for row in rows] == ["new@example.org", user.email]
    assert ["secret-1" in str(rows[0].template_data), "secret-2" in str(rows[1].template_data)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("event", "extra", "channels"),
    [
        (events.password_changed, {}, {"in_app", "email"}),
        (events.user_suspended, {"reason": "x"}, {"email", "sms"}),
        (events.user_reopened, {"reason": "x"}, {"in_app", "email", "sms"}),
    ],
    ids=["password changed", "suspended", "reopened"],
)
def test_a_person_learns_what_happens_to_the_account(
    db_session: Session, person: Person, event: object, extra: dict[str, object], channels: set[str]
) -> None:
    user: User = person()

    event.send(user, by=SYSTEM, **extra)  # type: ignore[attr-defined]

    assert set(deliveries(db_session)) == channels


@pytest.mark.parametrize(
    ("template", "path"), [("confirm_email", "/confirm/x"), ("password_reset", "/password/new/x")]
)
def test_the_links_of_mails_lead_to_pages_that_exist(app: Flask, template: str, path: str) -> None:
    assert template in REGISTRY
    endpoint, _values = app.url_map.bind("localhost").match(path)
    assert endpoint.startswith("identity.")
