"""Who is told, once, on which channels, in which language."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.roles import Role
from portal.notifications import catalog
from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
    WordsError,
)
from portal.notifications.inbox import choose_offers
from portal.notifications.models import Channel, DeliveryStatus, Notification, NotificationDelivery
from portal.notifications.services import alert_admins, notify
from tests.notifications.conftest import Person

ALL = (IN_APP, EMAIL, SMS)


@pytest.fixture(autouse=True)
def messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of this test alone: `pot`, `donation`, `marketing`, `payment`, `security` in each priority."""
    registry = dict(catalog.REGISTRY)
    for category in (
        Category.POT,
        Category.DONATION,
        Category.MARKETING,
        Category.PAYMENT,
        Category.SECURITY,
    ):
        for priority in Priority:
            key = f"{category}_{priority}"
            registry[key] = MessageTemplate(
                key=key,
                category=category,
                type=NotificationType.STATUS_UPDATE,
                priority=priority,
                channels=ALL,
                variables={"name": "string"},
                texts={
                    "fr": Text(subject="Bonjour {name}", body="Une nouvelle pour {name}.", action="Voir"),
                    "en": Text(subject="Hello {name}", body="News for {name}."),
                },
            )
    monkeypatch.setattr(catalog, "REGISTRY", registry)


def tell(key: str = "payment_high", *, event: str = "e1", **to: Any) -> None:
    notify(key, event_key=event, data={"name": "Awa"}, by=SYSTEM, **to)


def channels_of(**where: Any) -> set[Channel]:
    statement = select(NotificationDelivery.channel).filter_by(**where)
    return set(db.session.scalars(statement))


@pytest.mark.covers("NTF-08", "NTF-27", "NTF-39")
def test_a_person_is_told_on_every_allowed_channel(db_session: Session, person: Person) -> None:
    user = person()

    tell(user_id=user.id, related=("pots", uuid4()), action_link="/pots/1")

    note = db_session.scalars(select(Notification)).one()
    assert (note.title, note.message) == ("Bonjour Awa", "Une nouvelle pour Awa.")
    assert (note.action_link, note.action_text, note.related_entity_type) == ("/pots/1", "Voir", "pots")
    by_channel = {row.channel: row for row in db_session.scalars(select(NotificationDelivery))}
    assert set(by_channel) == set(ALL)
    assert by_channel[EMAIL].recipient_identifier == user.email
    assert by_channel[SMS].recipient_identifier == user.phone
    assert by_channel[EMAIL].template_data == {"name": "Awa"}
    assert by_channel[SMS].subject is None


@pytest.mark.covers("NTF-29", "NTF-30")
def test_the_portal_itself_delivers_at_once_and_the_others_wait(db_session: Session, person: Person) -> None:
    tell(user_id=person().id)

    states = dict(db_session.execute(select(NotificationDelivery.channel, NotificationDelivery.status)).all())
    assert states == {
        IN_APP: DeliveryStatus.DELIVERED,
        EMAIL: DeliveryStatus.PENDING,
        SMS: DeliveryStatus.PENDING,
    }


def test_the_same_event_is_told_once(db_session: Session, person: Person) -> None:
    user = person()
    for _ in range(3):
        tell(user_id=user.id)
        tell(email="guest@example.org")
    tell(user_id=user.id, event="e2")

    assert db_session.scalar(select(func.count()).select_from(Notification)) == 3
    assert db_session.scalar(select(func.count()).select_from(NotificationDelivery)) == 3 + 1 + 3


def test_the_same_event_told_at_the_same_moment_is_told_once(
    app: Flask, committed_db: scoped_session[Session], saved: Person
) -> None:
    user_id = saved().id
    start = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            start.wait()
            with transaction():
                tell(user_id=user_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert committed_db.scalar(select(func.count()).select_from(Notification)) == 1
    assert committed_db.scalar(select(func.count()).select_from(NotificationDelivery)) == 3


@pytest.mark.covers("NTF-28")
def test_a_guest_is_reached_by_the_addresses_given(db_session: Session) -> None:
    tell(email="moussa@example.org", phone="+221770000001", locale="en")

    note = db_session.scalars(select(Notification)).one()
    assert (note.user_id, note.recipient_identifier, note.title) == (None, "moussa@example.org", "Hello Awa")
    assert note.in_app is False
    assert channels_of(user_id=None) == {EMAIL, SMS}
    with pytest.raises(ValueError, match="guest"):
        tell()


def test_addresses_given_replace_those_of_the_account(db_session: Session, person: Person) -> None:
    tell(user_id=person().id, email="new@example.org")

    outside = db_session.scalars(
        select(NotificationDelivery.recipient_identifier).where(NotificationDelivery.channel != IN_APP)
    ).all()
    assert outside == ["new@example.org"]


def test_an_unproved_address_gets_security_messages_only(db_session: Session, person: Person) -> None:
    user = person(email_verified_at=None, phone_verified_at=None)

    tell("payment_high", event="a", user_id=user.id)
    assert channels_of() == {IN_APP}
    tell("security_high", event="b", user_id=user.id)
    assert channels_of() == {IN_APP, EMAIL, SMS}


@pytest.mark.covers("NTF-19")
@pytest.mark.parametrize(
    ("locale", "title"),
    [("fr-SN", "Bonjour Awa"), ("en", "Hello Awa"), ("wo", "Bonjour Awa"), ("de-DE", "Bonjour Awa")],
)
def test_words_are_in_the_persons_language_else_in_french(
    db_session: Session, person: Person, locale: str, title: str
) -> None:
    tell(user_id=person(locale=locale).id)

    assert db_session.scalars(select(Notification.title)).one() == title


@pytest.mark.covers("NTF-20", "NTF-37")
def test_data_that_does_not_fit_writes_nothing(db_session: Session, person: Person) -> None:
    with pytest.raises(WordsError):
        notify("payment_high", event_key="x", data={}, user_id=person().id, by=SYSTEM)
    with pytest.raises(NotFound):
        tell(user_id=uuid4())

    assert db_session.scalars(select(Notification)).all() == []


@pytest.mark.covers("NTF-40", "NTF-41", "NTF-45", "NTF-46")
@pytest.mark.parametrize(
    ("preferences", "expected"),
    [
        ({}, {IN_APP, EMAIL, SMS}),
        ({"email_enabled": False}, {IN_APP, SMS}),
        ({"sms_enabled": False}, {IN_APP, EMAIL}),
        ({"in_app_enabled": False}, {EMAIL, SMS}),
        ({"pot_notifications": False}, set()),
        ({"donation_notifications": False}, {IN_APP, EMAIL, SMS}),
        ({"overrides": {"pot": {"sms": False}}}, {IN_APP, EMAIL}),
        ({"pot_notifications": False, "overrides": {"pot": {"sms": True}}}, {SMS}),
        ({"sms_enabled": False, "overrides": {"pot": {"sms": True}}}, {IN_APP, EMAIL}),
        ({"overrides": {"donation": {"sms": False}}}, {IN_APP, EMAIL, SMS}),
    ],
)
def test_preferences_decide_the_channels(
    db_session: Session, person: Person, preferences: dict[str, object], expected: set[Channel]
) -> None:
    tell("pot_high", user_id=person(preferences=preferences).id)

    assert channels_of() == expected
    assert db_session.scalars(select(Notification.in_app)).one() is (IN_APP in expected)


@pytest.mark.covers("NTF-42", "PRV-04")
def test_marketing_needs_consent_that_was_given(db_session: Session, person: Person) -> None:
    never_asked = person()
    refused = person(preferences={"overrides": {"marketing": {"email": True}}})
    only_switched_on = person(preferences={"marketing_notifications": True})
    by_mail, consented = person(), person()
    choose_offers(by_mail.id, {EMAIL: True, SMS: False}, page="/privacy", by=SYSTEM)
    choose_offers(consented.id, {EMAIL: True, SMS: True}, page="/privacy", by=SYSTEM)
    for user in (never_asked, refused, only_switched_on, by_mail, consented):
        tell("marketing_high", user_id=user.id)

    assert channels_of(user_id=never_asked.id) == set()
    assert channels_of(user_id=refused.id) == set()
    assert channels_of(user_id=only_switched_on.id) == set()
    assert channels_of(user_id=by_mail.id) == {IN_APP, EMAIL}
    assert channels_of(user_id=consented.id) == {IN_APP, EMAIL, SMS}


@pytest.mark.covers("NTF-46")
@pytest.mark.parametrize("key", ["security_low", "pot_urgent"])
def test_what_cannot_wait_keeps_a_channel_whatever_was_switched_off(
    db_session: Session, person: Person, key: str
) -> None:
    nothing = {f"{name}_enabled": False for name in ("in_app", "email", "sms", "whatsapp", "push")}
    user = person(preferences=nothing)

    tell(key, user_id=user.id)

    assert channels_of() == {EMAIL}


def test_a_channel_without_a_way_out_is_not_pretended(
    db_session: Session, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = (Channel.WHATSAPP, Channel.PUSH)
    silent = catalog.REGISTRY["payment_high"]
    monkeypatch.setitem(catalog.REGISTRY, "silent", _with_channels(silent, only))

    tell("silent", user_id=person().id)

    assert channels_of() == set()


def _with_channels(message: MessageTemplate, channels: tuple[Channel, ...]) -> MessageTemplate:
    return MessageTemplate(
        key="silent",
        category=message.category,
        type=message.type,
        priority=message.priority,
        channels=channels,
        variables=message.variables,
        texts=message.texts,
    )


def test_secrets_are_in_the_delivery_and_nowhere_else(db_session: Session, person: Person) -> None:
    notify(
        "sign_in_code",
        event_key="code:1",
        data={"code": "493021", "minutes": 10},
        phone="+221770000001",
        expires_at=portal_clock.now() + timedelta(minutes=10),
        by=SYSTEM,
    )
    notify(
        "password_reset",
        event_key="reset:1",
        data={"hours": 1},
        user_id=person().id,
        action_link="/new-password/secret-token",
        by=SYSTEM,
    )

    for note in db_session.scalars(select(Notification)):
        assert "493021" not in note.title + note.message
        assert note.action_link is None
    sms, mail = db_session.scalars(select(NotificationDelivery).order_by(NotificationDelivery.id)).all()
    assert "493021" in sms.body
    assert mail.template_data["action_link"] == "/new-password/secret-token"


def test_admins_are_told_once_each(db_session: Session, person: Person) -> None:
    admins = [person(roles=[Role.USER, Role.ADMIN]), person(roles=[Role.USER, Role.SUPER_ADMIN])]
    person()
    for _ in range(2):
        alert_admins("operations_alert", event_key="a", data={"subject": "x", "detail": "y"}, by=SYSTEM)

    told = db_session.scalars(select(Notification.user_id)).all()
    assert sorted(told, key=str) == sorted((admin.id for admin in admins), key=str)


@pytest.mark.covers("NTF-02", "NTF-03", "NTF-04", "NTF-05", "NTF-29")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE notifications SET type = 'gossip'",
        "UPDATE notifications SET priority = 'whenever'",
        "UPDATE notifications SET category = 'weather'",
        "UPDATE notifications SET read = true",
        "UPDATE notifications SET archived = true",
        "UPDATE notifications SET user_id = NULL",
        "UPDATE notification_deliveries SET status = 'lost'",
        "UPDATE notification_deliveries SET channel = 'pigeon'",
        "UPDATE notification_deliveries SET attempt_no = 5",
    ],
)
def test_the_database_knows_no_other_values(db_session: Session, person: Person, change: str) -> None:
    tell(user_id=person().id)

    with pytest.raises(DBAPIError):
        db_session.execute(text(change))


@pytest.mark.covers("NTF-12", "NTF-13", "NTF-17", "NTF-38", "NTF-48")
def test_the_lookups_that_matter_have_their_indexes(db_session: Session) -> None:
    defined = "\n".join(
        db_session.scalars(text("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'notification%'"))
    )
    for wanted in (
        "ON public.notifications USING btree (user_id, read, created_at DESC)",
        "ON public.notifications USING btree (user_id, type, read)",
        "ON public.notifications USING btree (read)",
        "ON public.notifications USING btree (type)",
        "ON public.notifications USING btree (created_at)",
        "ON public.notifications USING btree (priority)",
        "ON public.notification_templates USING btree (template_key, locale, version)",
        "ON public.notification_deliveries USING btree (user_id) WHERE (user_id IS NOT NULL)",
        "ON public.notification_deliveries USING btree (status)",
        "ON public.notification_deliveries USING btree (is_urgent DESC, scheduled_at, id)",
        "ON public.notification_analytics USING btree (date, template_key, channel)",
    ):
        assert wanted in defined
