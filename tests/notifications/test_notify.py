"""Who is told, once, on which channels."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.notifications.models import Notification, NotificationDelivery
from portal.notifications.services import alert_admins, notify


def test_first(db_session: Session) -> None:
    user = User(email="a@example.org", email_verified_at=clock.now(), referral_code="AAA", roles=["user", "admin"])
    db_session.add(user)
    db_session.flush()
    for _ in range(2):
        alert_admins("operations_alert", event_key="x", data={"subject": "a", "detail": "b"}, by=SYSTEM)
    notify("operations_alert", event_key="x", data={"subject": "a", "detail": "b"}, email="g@example.org", by=SYSTEM)
    rows = db_session.execute(select(NotificationDelivery.channel, NotificationDelivery.status, Notification.title).join(Notification)).all()
    print(rows)
    assert len(rows) == 3
