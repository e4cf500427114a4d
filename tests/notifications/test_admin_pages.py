"""Operators watch deliveries, rewrite words and read rates."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.roles import Role
from portal.notifications.analytics import count_day
from portal.notifications.jobs import count
from portal.notifications.models import (
    DeliveryStatus,
    NotificationAnalytics,
    NotificationDelivery,
    NotificationTemplate,
)
from portal.notifications.services import notify
from portal.notifications.templates import sync_templates
from tests.harness.house import make_admin, make_person, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements

LIST = "/admin/notifications"


def tell(event: str, email: str = "guest@example.org") -> None:
    notify("operations_alert", event_key=event, data={"subject": "a", "detail": "b"}, email=email, by=SYSTEM)


@pytest.mark.covers("ADM-25")
@pytest.mark.parametrize("path", [LIST, f"{LIST}/templates", f"{LIST}/rates"])
def test_operators_pages_are_closed_to_everybody_else(
    client: FlaskClient, db_session: Session, path: str
) -> None:
    sign_in(client, make_person())
    assert client.get(path).status_code == 404
    sign_in(client, make_admin())
    assert client.get(path).status_code == 200


@pytest.mark.covers("ADM-26", "NTF-39")
def test_deliveries_are_filtered_and_kept_as_a_file(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    sign_in(client, make_admin())
    tell("one", "one@example.org")
    tell("two", "two@example.org")
    dead = db_session.scalars(
        select(NotificationDelivery).where(NotificationDelivery.recipient_identifier == "two@example.org")
    ).one()
    dead.status, dead.is_dead, dead.error_code = DeliveryStatus.FAILED, True, "550"
    db_session.commit()
    client.get(LIST)

    with count_statements() as asked:
        both = client.get(LIST).text
    assert len(asked) <= 8
    assert "one@example.org" in both
    for query in ("?dead=1", "?status=failed", "?q=two@example.org"):
        only = client.get(LIST + query).text
        assert "two@example.org" in only
        assert "<th" in only
        assert 'data-label="' in only
        assert "one@example.org" not in only.replace("value=", "")
    assert "empty-state" in client.get(f"{LIST}?channel=push&status=nonsense").text
    file = client.get(f"{LIST}?format=csv")
    assert file.mimetype == "text/csv"
    assert file.text.count("\r\n") == 3


def test_a_dead_delivery_is_sent_again_from_the_list(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_admin())
    tell("one")
    dead = db_session.scalars(select(NotificationDelivery)).one()
    dead.status, dead.is_dead = DeliveryStatus.FAILED, True
    db_session.commit()

    answer = send(client, f"{LIST}/{dead.id}/retry")

    assert answer.status_code == 303
    db_session.expire_all()
    again = db_session.scalars(select(NotificationDelivery).filter_by(attempt_no=2)).one()
    assert again.status is DeliveryStatus.PENDING
    assert send(client, f"{LIST}/{dead.id}/retry").status_code == 409


@pytest.mark.covers("NTF-25")
def test_words_are_read_rewritten_and_sent_as_a_sample(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_person("Aminata Diop", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN)))
    sync_templates()
    db_session.commit()
    row = db_session.scalars(
        select(NotificationTemplate).filter_by(template_key="operations_alert", locale="fr-SN")
    ).one()
    address = f"{LIST}/templates/{row.id}"
    assert "operations_alert" in client.get(f"{LIST}/templates").text
    assert "À vérifier : [subject]" in client.get(address).text

    words = {"subject": "Alerte : {subject}", "body": "{detail}", "channels": ["email"]}
    wrong = send(client, address, words | {"body": "{nothing}"})
    assert wrong.status_code == 422
    assert "{detail}" in wrong.text
    assert send(client, address, words | {"channels": []}).status_code == 422
    answer = send(client, address, words)

    assert answer.status_code == 303
    assert "Alerte : [subject]" in client.get(answer.location).text
    assert send(client, f"{address}/sample", {"email": "nobody"}).status_code == 422
    assert send(client, f"{address}/sample", {"email": "me@example.org"}).status_code == 303
    sample = db_session.scalars(select(NotificationDelivery)).one()
    assert sample.recipient_identifier == "me@example.org"


@pytest.mark.covers("NTF-48", "NTF-49", "NTF-52")
def test_rates_are_counted_from_the_deliveries_and_again_alike(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    moment = clock.travel(2026, 11, 10, 12)
    sign_in(client, make_admin())
    ends = [
        DeliveryStatus.DELIVERED,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.SENT,
        DeliveryStatus.BOUNCED,
        DeliveryStatus.FAILED,
        DeliveryStatus.PENDING,
    ]
    for number, end in enumerate(ends):
        tell(str(number), f"g{number}@example.org")
        row = db_session.scalars(
            select(NotificationDelivery).filter_by(recipient_identifier=f"g{number}@example.org")
        ).one()
        row.status = end
        row.sent_at = None if end in (DeliveryStatus.FAILED, DeliveryStatus.PENDING) else moment
    db_session.commit()

    for _ in range(2):
        count_day(moment.date())

    line = db_session.scalars(select(NotificationAnalytics)).one()
    assert (line.sent_count, line.delivered_count, line.failed_count, line.bounce_count) == (4, 2, 1, 1)
    assert (line.opened_count, line.clicked_count, float(line.delivery_rate)) == (0, 0, 0.5)
    assert (line.date, line.template_key, line.channel) == (moment.date(), "operations_alert", "email")
    db_session.commit()
    page = client.get(f"{LIST}/rates").text
    assert "50\u202f%" in page


def test_the_counting_job_covers_the_last_days(committed_db: object, clock: Clock) -> None:
    clock.travel(2026, 11, 10, 12)

    assert count() == {"days": 7}
