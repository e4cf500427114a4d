"""What tests at the door share: accounts opened as people open them, and what was sent to them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.identity.attempts import LOCKED_JOB
from portal.identity.directory import plain_email
from portal.identity.mail_first import LINK_JOB, send_link
from portal.identity.models import User
from portal.identity.services import NewAccount, register_user
from portal.identity.unlocking import tell_of_lock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.notifications.models import NotificationDelivery
from tests.harness.house import send

PASSWORD = "quatre baobabs au soleil"
PHONE = "+221771234567"
GUEST = Actor(ip="127.0.0.1", user_agent="tests")


def open_account(
    name: str = "Awa Ndiaye",
    *,
    email: str | None = "awa@example.org",
    phone: str | None = None,
    born: date | None = None,
    **more: Any,
) -> User:
    """An account with a password where it has an e-mail address."""
    account = NewAccount(
        full_name=name,
        email=email,
        password=PASSWORD if email else None,
        phone=phone,
        date_of_birth=born,
        page="/sign-up/mail",
        **more,
    )
    return register_user(account, by=GUEST)


def sent_to(recipient: str, key: str) -> list[NotificationDelivery]:
    """What was written to an address with one template, the oldest first."""
    statement = (
        select(NotificationDelivery)
        .where(
            NotificationDelivery.recipient_identifier == recipient, NotificationDelivery.template_key == key
        )
        .order_by(NotificationDelivery.created_at, NotificationDelivery.id)
    )
    return [*db.session.execute(statement).scalars()]


def hear_of_locks() -> list[str]:
    """Do what the worker does after a lock: gives the token of each link that was sent."""
    payloads = db.session.scalars(
        select(OutboxEvent.payload).where(OutboxEvent.job == LOCKED_JOB).order_by(OutboxEvent.id)
    ).all()
    tokens = [
        tell_of_lock(UUID(told["attempt_id"]), datetime.fromisoformat(told["until"])) for told in payloads
    ]
    return [token for token in tokens if token]


def hear_of_sign_ups() -> list[str]:
    """Do what the worker does after somebody has named an address; gives the token of each link that was sent."""
    payloads = db.session.scalars(
        select(OutboxEvent.payload).where(OutboxEvent.job == LINK_JOB).order_by(OutboxEvent.id)
    ).all()
    tokens = [
        send_link(UUID(told["token_id"]), locale=told["locale"], brought=told["brought"], by=SYSTEM)
        for told in payloads
    ]
    db.session.commit()
    return [token for token in tokens if token]


def sign_up(
    client: FlaskClient, form: dict[str, str], path: str = "/sign-up", **options: Any
) -> TestResponse:
    """Open an account as people do: name an address, follow the link of the mail, say the rest."""
    at_the_door = {name: form[name] for name in ("email", "next", "invitation_code") if name in form}
    asked = send(client, path, at_the_door, **options)
    assert (asked.status_code, asked.location) == (303, "/sign-up/sent"), asked.text
    assert len(hear_of_sign_ups()) == 1
    rest = {name: form[name] for name in ("full_name", "password", "date_of_birth") if name in form}
    return send(client, last_link(plain_email(form["email"]), "sign_up_link"), rest, **options)


def last_code(phone: str = PHONE) -> str:
    """The digits of the newest text message."""
    found = re.search(r"\d{6,}", sent_to(phone, "sign_in_code")[-1].body)
    assert found is not None
    return found.group()


def last_link(email: str, key: str) -> str:
    """The path in the newest mail."""
    link: str = sent_to(email, key)[-1].template_data["action_link"]
    return link
