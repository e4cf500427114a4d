"""From a row to a mailbox and a phone: handed over once, tried again, never lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.notifications.jobs import deliver
from portal.notifications.models import DeliveryStatus, NotificationDelivery
from portal.notifications.services import notify
from tests.notifications.conftest import Person
from tests.sandbox.running import RunningSandbox


def tell(count: int) -> None:
    with transaction():
        for number in range(count):
            notify("operations_alert", event_key=f"e{number}", data={"subject": f"n° {number}", "detail": "Voyez\n\nceci"}, email=f"guest{number}@example.org", by=SYSTEM)


def mails(world: RunningSandbox) -> list[dict[str, Any]]:
    return world.control("GET", "/mail?limit=500")["messages"]


def test_draining_twice_sends_each_message_once(committed_db: scoped_session[Session], world: RunningSandbox) -> None:
    import time
    tell(300)
    t=time.time()
    print(deliver(), time.time()-t)
    print(deliver())
    rows = mails(world)
    print(rows[0], len(rows))
    print(world.control("GET", f"/mail/{rows[0]['number']}")["text"])
    print(world.control("GET", f"/mail/{rows[0]['number']}")["html"][-1500:])
