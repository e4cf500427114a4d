"""A donor without an account is forgotten by the link of the receipt; the amount stays (G-34)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.notifications.models import Notification, NotificationDelivery
from portal.notifications.services import notify
from portal.pots.models import Donation, PotStatus
from portal.privacy.models import PrivacyRequest, RequestStatus
from tests.harness.house import make_person, make_pot, send

PHONE = "+221771112233"


def give(status: PotStatus, **facts: Any) -> Donation:
    """A paid gift of somebody without an account; the owner and the donor were told of it."""
    owner = make_person("Fatou Sow")
    pot = make_pot(owner, status=status, holds=0)
    gift = Donation(
        id=new_id(),
        pot_id=pot.id,
        donor_name="Tonton Lamine",
        donation_message="Bonne fête",
        amount_minor=5_000,
        receipt_token=new_id().hex,
        submission_key=new_id().hex,
        ip_address="198.51.100.7",
        user_agent="tests",
        status="succeeded",
        **({"donor_phone": PHONE} | facts),
    )
    db.session.add(gift)
    db.session.flush()
    for to in ({"user_id": owner.id}, {"phone": PHONE}):
        notify(
            "operations_alert",
            event_key=f"tests:{gift.id}",
            data={"subject": "Un don", "detail": f"De Tonton Lamine, {PHONE}."},
            related=("donations", gift.id),
            by=SYSTEM,
            **to,
        )
    db.session.flush()
    return gift


@pytest.mark.covers("PRV-02", "PRV-03")
def test_the_gift_forgets_who_gave_it_and_keeps_its_amount(client: FlaskClient, db_session: Session) -> None:
    gift = give(PotStatus.CLOSED)
    door = f"/g/{gift.receipt_token}/forget"

    assert client.get(door).status_code == 200
    assert send(client, door, {}).status_code == 422
    assert send(client, door, {"sure": "y"}).status_code == 303
    assert "are erased" in client.get(door).text

    db_session.expire_all()
    kept = db_session.scalars(select(Donation)).one()
    assert (kept.donor_name, kept.donor_phone, kept.donation_message) == (None, None, None)
    assert (kept.ip_address, kept.user_agent) == (None, None)
    assert kept.amount_minor == 5_000
    [told] = db_session.scalars(select(Notification)).all()
    assert told.user_id is not None
    for delivery in db_session.scalars(select(NotificationDelivery)):
        assert "Lamine" not in f"{delivery.body}{delivery.template_data}"
        assert PHONE not in f"{delivery.body}{delivery.template_data}{delivery.recipient_identifier}"


@pytest.mark.covers("PRV-02")
def test_while_the_money_may_go_back_the_number_stays(client: FlaskClient, db_session: Session) -> None:
    gift = give(PotStatus.OPEN)
    door = f"/g/{gift.receipt_token}/forget"

    for _time in range(2):
        send(client, door, {"sure": "y"})

    assert "We have your request" in client.get(door).text
    request = db_session.scalars(select(PrivacyRequest)).one()
    assert (request.status, request.donation_id) == (RequestStatus.RECEIVED, gift.id)
    assert db_session.scalars(select(Donation.donor_phone)).one() == PHONE


def test_the_gift_of_an_account_is_not_forgotten_by_its_link(
    client: FlaskClient, db_session: Session
) -> None:
    gift = give(PotStatus.CLOSED, donor_user_id=make_person().id)

    assert client.get(f"/g/{gift.receipt_token}/forget").status_code == 404
    assert client.get("/g/nothing/forget").status_code == 404
