"""A real mail server and a real text message API, played by the sandbox, behind the app of the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id, random_code
from portal.notifications.models import NotificationPreferences
from portal.people.models import Profile, UserPreferences
from tests.sandbox.running import AUTH_TOKEN, RunningSandbox

Person = Callable[..., User]


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox process that the tests of this room share."""
    with RunningSandbox(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture
def world(
    shared_world: RunningSandbox, session_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> RunningSandbox:
    """An outside world in which nothing has happened, which the app talks to."""
    shared_world.control("POST", "/reset")
    settings = session_app.config["SETTINGS"]
    pointed = dataclasses.replace(
        settings, sms_api_url=shared_world.url, smtp_port=shared_world.smtp_port, sms_auth_token=AUTH_TOKEN
    )
    monkeypatch.setitem(session_app.config, "SETTINGS", pointed)
    return shared_world


@pytest.fixture
def person() -> Person:
    """Makes people whose email and phone are proved theirs; keywords change account and preferences."""

    def make(
        *,
        locale: str = "fr-SN",
        timezone: str = "Africa/Dakar",
        preferences: dict[str, object] | None = None,
        **account: object,
    ) -> User:
        number = new_id().int % 10**7
        values: dict[str, object] = {
            "email": f"awa{number}@example.org",
            "phone": f"+22177{number:07d}",
            "email_verified_at": clock.now(),
            "phone_verified_at": clock.now(),
            "referral_code": random_code(8),
        }
        user = User(**(values | account))
        db.session.add(user)
        db.session.flush()
        db.session.add(Profile(user_id=user.id, full_name="Awa Ndiaye"))
        db.session.add(UserPreferences(user_id=user.id, locale=locale, timezone=timezone))
        db.session.add(NotificationPreferences(user_id=user.id, **(preferences or {})))
        db.session.flush()
        return user

    return make


@pytest.fixture
def saved(committed_db: scoped_session[Session], person: Person) -> Person:
    """As `person`, committed, so that other connections see them, and free of any session."""

    def make(**values: object) -> User:
        user = person(**values)
        db.session.commit()
        db.session.refresh(user)
        db.session.expunge(user)
        return user

    return make
