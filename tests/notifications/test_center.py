"""The message center and the wishes of a person, as pages."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.kernel import clock as portal_clock
from portal.kernel.ids import new_id
from portal.notifications.catalog import Category, NotificationType
from portal.notifications.inbox import ensure_preferences
from portal.notifications.mails import unsubscribe_url
from portal.notifications.models import DigestFrequency, Notification, NotificationPreferences
from portal.notifications.queries import TypeSummary, inbox, summary, unread_count
from tests.harness.house import make_person, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements


def message(user: User, title: str = "Votre cagnotte est ouverte", **values: object) -> Notification:
    plain: dict[str, object] = {
        "event_key": str(new_id()),
        "message": "Invitez vos amis.",
        "type": NotificationType.STATUS_UPDATE,
        "category": Category.POT,
    }
    return Notification(id=new_id(), user_id=user.id, title=title, **(plain | values))


def keep(session: Session, *messages: Notification) -> None:
    session.add_all(messages)
    session.commit()


@pytest.mark.covers("NTF-08", "NTF-15", "NTF-07")
def test_messages_are_listed_newest_first_with_their_actions(
    client: FlaskClient, db_session: Session
) -> None:
    user = make_person()
    sign_in(client, user)
    keep(
        db_session,
        message(user, "Première"),
        message(user, "Seconde", action_link="/pots/1", action_text="Voir la cagnotte"),
        message(make_person(), "Pour une autre"),
    )

    answer = client.get("/messages")

    assert answer.status_code == 200
    assert answer.text.index("Seconde") < answer.text.index("Première")
    assert "Voir la cagnotte" in answer.text
    assert "Pour une autre" not in answer.text
    assert "2<span" in answer.text


@pytest.mark.covers("NTF-15")
def test_messages_are_filtered_by_type_and_by_what_is_unread_or_archived(
    client: FlaskClient, db_session: Session
) -> None:
    user, moment = make_person(), portal_clock.now()
    sign_in(client, user)
    keep(
        db_session,
        message(user, "Le rappel", type=NotificationType.REMINDER),
        message(user, "La lue", read=True, read_at=moment),
        message(user, "La rangée", read=True, read_at=moment, archived=True, archived_at=moment),
    )
    shown = {
        path: {title for title in ("Le rappel", "La lue", "La rangée") if title in client.get(path).text}
        for path in (
            "/messages",
            "/messages?show=unread",
            "/messages?show=archived",
            "/messages?type=reminder",
            "/messages?type=gossip&show=x",
        )
    }

    assert shown == {
        "/messages": {"Le rappel", "La lue"},
        "/messages?show=unread": {"Le rappel"},
        "/messages?show=archived": {"La rangée"},
        "/messages?type=reminder": {"Le rappel"},
        "/messages?type=gossip&show=x": {"Le rappel", "La lue"},
    }


@pytest.mark.covers("NTF-09")
def test_a_message_leaves_the_lists_when_its_time_is_over(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    user = make_person()
    sign_in(client, user)
    keep(db_session, message(user, "Jusqu’à demain", expires_at=clock.now() + timedelta(days=1)))

    assert (unread_count(user.id), len(inbox(user.id).items)) == (1, 1)
    clock.advance(days=1)
    assert (unread_count(user.id), len(inbox(user.id).items), summary(user.id)) == (0, 0, [])


@pytest.mark.covers("NTF-04", "NTF-07", "NTF-08")
def test_opening_a_message_reads_it_and_leads_on(client: FlaskClient, db_session: Session) -> None:
    user = make_person()
    sign_in(client, user)
    note = message(user, action_link="/pots/1")
    evil = message(user, action_link="https://evil.example/")
    keep(db_session, note, evil)
    before = note.updated_at

    answer = client.get(f"/messages/{note.id}")

    assert (answer.status_code, answer.location) == (303, "/pots/1")
    assert client.get(f"/messages/{evil.id}").location == "/messages"
    db_session.refresh(note)
    assert note.read
    assert note.read_at is not None
    assert note.updated_at > before


@pytest.mark.covers("NTF-05", "NTF-08", "NTF-15")
def test_messages_are_read_one_by_one_or_all_and_put_away(client: FlaskClient, db_session: Session) -> None:
    user = make_person()
    sign_in(client, user)
    first, second, third = (message(user, str(number)) for number in range(3))
    keep(db_session, first, second, third)

    answer = send(client, f"/messages/{first.id}/read", {"next": "/messages?show=unread"})
    assert answer.location == "/messages?show=unread"
    assert unread_count(user.id) == 2
    assert send(client, f"/messages/{second.id}/archive").location == "/messages"
    assert unread_count(user.id) == 1
    assert send(client, "/messages/read").status_code == 303
    assert unread_count(user.id) == 0
    db_session.expire_all()
    assert [note.title for note in inbox(user.id, archived=True).items] == ["1"]
    assert [note.title for note in inbox(user.id).items] == ["2", "0"]


@pytest.mark.parametrize("action", ["", "/read", "/archive"])
def test_somebody_elses_message_does_not_exist(client: FlaskClient, db_session: Session, action: str) -> None:
    note = message(make_person())
    keep(db_session, note)
    sign_in(client, make_person())
    address = f"/messages/{note.id}{action}"

    answer = send(client, address) if action else client.get(address)

    assert answer.status_code == 404
    db_session.refresh(note)
    assert not note.read


@pytest.mark.covers("NTF-15")
def test_the_bell_is_a_fragment_of_its_own(client: FlaskClient, db_session: Session) -> None:
    user = make_person()
    sign_in(client, user)
    assert client.get("/messages/unread").text.strip() == ""
    keep(db_session, *(message(user) for _ in range(120)))

    answer = client.get("/messages/unread")

    assert "<html" not in answer.text
    assert ">99<" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.covers("NTF-11")
def test_the_summary_counts_by_type(db_session: Session) -> None:
    user = make_person()
    keep(
        db_session,
        message(user),
        message(user, read=True, read_at=portal_clock.now()),
        message(user, type=NotificationType.REFERRAL),
    )

    assert summary(user.id) == [
        TypeSummary(NotificationType.REFERRAL, 1, 1),
        TypeSummary(NotificationType.STATUS_UPDATE, 2, 1),
    ]


def test_the_page_asks_little_of_the_database_and_pages_by_key(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    user = make_person()
    sign_in(client, user)
    keep(db_session, *(message(user, f"n{number:02d}") for number in range(60)))
    client.get("/messages")

    with count_statements() as asked:
        answer = client.get("/messages")

    assert len(asked) <= 8
    assert answer.text.count('class="notification ') == 25
    assert 'rel="next"' in answer.text


def test_an_empty_center_says_what_will_come(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_person())

    assert "empty-state" in client.get("/messages").text
    assert "empty-state" in client.get("/messages?show=unread").text


WISHES = {
    "in_app_enabled": "y",
    "email_enabled": "y",
    "pot": ["in_app", "email", "sms"],
    "donation": ["in_app"],
    "digest_frequency": "weekly",
    "quiet_hours_enabled": "y",
    "quiet_from": "21:30",
    "quiet_until": "07:15",
    "marketing": "y",
}


@pytest.mark.covers("NTF-40", "NTF-42", "NTF-43", "NTF-44", "NTF-45", "NTF-47")
def test_a_person_chooses_what_to_hear_where_and_when(client: FlaskClient, db_session: Session) -> None:
    user = make_person()
    sign_in(client, user)
    page = client.get("/settings/notifications")
    assert page.status_code == 200
    assert 'name="quiet_from" required type="time" value="22:00"' in " ".join(page.text.split())

    answer = send(client, "/settings/notifications", WISHES)

    assert answer.status_code == 303
    chosen = db_session.get_one(NotificationPreferences, user.id)
    assert (chosen.email_enabled, chosen.sms_enabled, chosen.in_app_enabled) == (True, False, True)
    assert (chosen.pot_notifications, chosen.donation_notifications, chosen.referral_notifications) == (
        True,
        True,
        False,
    )
    assert chosen.overrides == {"donation": {"email": False, "sms": False}}
    assert chosen.digest_frequency is DigestFrequency.WEEKLY
    assert (chosen.quiet_from, chosen.quiet_until) == (time(21, 30), time(7, 15))
    assert chosen.marketing_notifications
    consent = db_session.scalars(select(AuditLog)).one()
    assert (consent.action, consent.actor_user_id) == ("marketing_consent_given", user.id)
    again = client.get("/settings/notifications").text
    assert 'value="21:30"' in again


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": "25:00"}, {"quiet_until": ""}, {"digest_frequency": "hourly"}, {"pot": ["pigeon"]}],
    ids=str,
)
def test_wishes_that_cannot_be_are_not_saved(
    client: FlaskClient, db_session: Session, wrong: dict[str, object]
) -> None:
    user = make_person()
    sign_in(client, user)

    answer = send(client, "/settings/notifications", WISHES | wrong)

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db_session.get(NotificationPreferences, user.id) is None


@pytest.mark.covers("NTF-40")
def test_the_defaults_are_those_of_the_list(db_session: Session) -> None:
    user = make_person()
    for _ in range(2):
        ensure_preferences(user.id)

    fresh = db_session.get_one(NotificationPreferences, user.id)
    switches = ("in_app", "email", "sms", "whatsapp", "push")
    assert all(getattr(fresh, f"{name}_enabled") for name in switches)
    topics = ("referral", "pot", "donation")
    assert all(getattr(fresh, f"{topic}_notifications") for topic in topics)
    assert fresh.marketing_notifications is False
    assert fresh.digest_frequency is DigestFrequency.DAILY
    assert (fresh.quiet_hours_enabled, fresh.quiet_from, fresh.quiet_until) == (True, time(22), time(8))


def test_one_click_in_a_mail_stops_that_kind_of_mail(client: FlaskClient, db_session: Session) -> None:
    user = make_person()
    db_session.add(NotificationPreferences(user_id=user.id, marketing_notifications=True))
    db_session.commit()
    address = unsubscribe_url(user.id, Category.MARKETING)
    assert address is not None
    path = address.removeprefix("http://localhost")

    assert client.get(path).status_code == 200
    db_session.expire_all()
    assert db_session.get_one(NotificationPreferences, user.id).marketing_notifications
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    db_session.expire_all()
    chosen = db_session.get_one(NotificationPreferences, user.id)
    assert not chosen.marketing_notifications
    assert chosen.overrides == {"marketing": {"email": False}}
    assert client.post(path[:-5] + ("a" if path[-5] != "a" else "b") + path[-4:]).status_code == 404
    assert client.get("/unsubscribe/x").status_code == 404


def test_nobody_unsubscribes_from_the_safety_of_the_account(db_session: Session) -> None:
    user = make_person()

    assert unsubscribe_url(user.id, Category.SECURITY) is None
    assert unsubscribe_url(user.id, Category.PAYMENT) is None
    assert unsubscribe_url(None, Category.POT) is None
