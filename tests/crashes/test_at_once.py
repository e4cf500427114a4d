"""The same thing asked many times at the same instant, through the doors that people and Wave use."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import requests

from portal.gateways.wave.signature import HEADER, signed_header
from portal.kernel import settings
from tests.crashes.portal import Phone, RunningPortal, at_once
from tests.crashes.scenes import SENT_TODAY, STAFF

pytestmark = pytest.mark.xdist_group("browser")

MESSAGES = 20
SCANS = 200
INVITATIONS = 60
LEFT = 50 - SENT_TODAY
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.covers("DON-14", "DON-19", "DON-20", "PAY-22")
def test_the_same_webhook_twenty_times_at_once_is_one_donation(portal: RunningPortal) -> None:
    pot = portal.town["pots"][3]
    gift = Phone(portal).give(pot["slug"], 7_000, "once@crash.example")
    portal.arm("webhook", "drop")
    portal.order(f"/sessions/{gift.session_id}/pay")
    (message,) = portal.messages_about(gift.session_id)
    body = json.dumps(message["body"]).encode()

    statuses = at_once([partial(deliver, portal, body)] * MESSAGES)

    assert Counter(statuses) == {200: MESSAGES}
    portal.until(lambda: portal.raised(pot) != (0, 0), "the gift in the pot")
    portal.until(portal.is_done, "everything done")
    assert portal.raised(pot) == (7_000, 1)
    counted = (
        "SELECT count(*) FROM ledger_transfers JOIN donations ON donations.id = source_id WHERE pot_id = %s"
    )
    assert portal.one(counted, pot["id"]) == 1
    assert portal.rows("SELECT status FROM donations WHERE pot_id = %s", pot["id"]) == [("succeeded",)]
    kept = "SELECT count(*) FROM payment_webhook_events WHERE provider_event_id = %s"
    assert portal.one(kept, message["event_id"]) == 1
    assert portal.receipts([gift]) == [1]
    assert portal.is_in_balance()


def deliver(portal: RunningPortal, body: bytes) -> int:
    """Bring Wave's message to the portal's door, signed at this moment."""
    moment = datetime.fromisoformat(portal.outside.sandbox("/clock")["now"])
    secrets = list(settings.load(portal.stack.env).wave_webhook_secrets)
    headers = {HEADER: signed_header(secrets, body, moment), "Content-Type": "application/json"}
    url = f"{portal.stack.url}/webhooks/wave"
    return requests.post(url, data=body, headers=headers, timeout=60).status_code


@pytest.mark.covers("QR-08", "QR-12", "STL-03")
def test_two_hundred_scans_of_one_code_at_once_serve_one_gift(portal: RunningPortal) -> None:
    code, venue = portal.town["codes"][1], portal.town["venue"]
    tills = [Phone(portal, session) for session in portal.town["staff"]]
    forms = [till.form("/partner/scan") | {"code": code["token"], "venue": venue} for till in tills]

    def scan(number: int) -> int:
        form = forms[number % STAFF] | {"nonce": f"scan-{number}"}
        return tills[number % STAFF].post("/partner/scan", form, **FRAGMENT).status_code

    statuses = at_once([partial(scan, number) for number in range(SCANS)])

    assert Counter(statuses) == {200: SCANS}
    logged = portal.rows("SELECT validation_result FROM qr_redemption_logs WHERE qr_code_id = %s", code["id"])
    assert Counter(logged) == {("success",): 1, ("already_used",): SCANS - 1}
    moved = "SELECT count(*) FROM ledger_transfers WHERE kind = 'qr_redeemed' AND source_id = %s"
    assert portal.one(moved, code["id"]) == 1
    assert settled_lines(portal, code["id"]) == 1
    assert portal.is_in_balance()


def settled_lines(portal: RunningPortal, code_id: str) -> int:
    """On how many lines the code stands once its week is settled, as an admin downloads them."""
    portal.let_pass(days=7)
    portal.wake("settlements.compute")
    found = """
        SELECT settlement_id::text, qr_codes.code FROM qr_codes
        JOIN partner_periods ON partner_periods.id = partner_period_id
        WHERE qr_codes.id = %s AND settlement_id IS NOT NULL
    """
    ((settlement_id, code),) = portal.until(lambda: portal.rows(found, code_id), "the settlement")
    file = Phone(portal, portal.town["admin"]).open(f"/admin/settlements/{settlement_id}/lines.csv")
    lines: list[Any] = list(csv.reader(file.text.splitlines()))
    return sum(code in line for line in lines)


@pytest.mark.covers("REF-36", "REF-37", "REF-42")
def test_sixty_invitations_at_once_fill_the_last_five_places_of_the_day(portal: RunningPortal) -> None:
    sponsor = portal.set_scene("sponsor")
    phone = Phone(portal, sponsor["session"])
    form = phone.form("/sponsor/invite")
    invitations = [
        form | {"name": "Ami", "email": f"friend{number}@crash.example"} for number in range(INVITATIONS)
    ]

    answers = at_once([partial(phone.post, "/sponsor/invite", invitation) for invitation in invitations])

    assert Counter(answer.status_code for answer in answers) == {303: LEFT, 429: INVITATIONS - LEFT}
    assert all("50" in answer.text for answer in answers if answer.status_code == 429)
    orders = portal.rows(
        "SELECT invitation_order FROM referrals WHERE referrer_id = %s ORDER BY 1", sponsor["id"]
    )
    assert orders == [(SENT_TODAY + number,) for number in range(1, LEFT + 1)]
    used = "SELECT invitations_sent_today FROM sponsor_daily_limits WHERE sponsor_user_id = %s"
    assert portal.one(used, sponsor["id"]) == 50
    portal.until(portal.is_done, "everything sent")
    mails = [len(portal.mails_to(invitation["email"])) for invitation in invitations]
    assert Counter(mails) == {1: LEFT, 0: INVITATIONS - LEFT}
