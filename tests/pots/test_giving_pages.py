"""The way of a gift through the form and through Wave."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.db import db
from portal.notifications.models import Notification
from portal.payments.models import PaymentTransaction
from portal.pots.models import Donation, DonationStatus
from tests.harness.house import make_person, send, sign_in
from tests.payments.world import World
from tests.pots.gifts import (
    make_open_pot,
    reload_pot,
    said,
)

FORM = {"choice": "5000", "name": "Moussa Fall", "form_key": "one-form"}
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def the_gift(session: Session) -> Donation:
    session.expire_all()
    return session.scalars(select(Donation)).one()


@pytest.mark.covers("DON-09", "DON-16", "DON-18")
def test_a_guest_gives_pays_at_wave_and_is_thanked(
    client: FlaskClient, db_session: Session, world: World
) -> None:
    pot = make_open_pot(target=10_000)
    pot_id, slug = pot.id, pot.public_slug
    db_session.commit()

    answer = send(client, f"/p/{slug}/give", {**FORM, "message": "Bon vent", "email": "moussa@example.org"})
    gift = the_gift(db_session)
    token, payment_id = gift.receipt_token, gift.payment_transaction_id
    assert payment_id is not None
    assert (answer.status_code, answer.location) == (303, f"/g/{token}/pay")
    to_wave = client.get(answer.location)
    assert to_wave.status_code == 303
    assert to_wave.location == world.sessions(payment_id)[0].wave_launch_url
    assert the_gift(db_session).status is DonationStatus.PROCESSING
    assert said("We are waiting for Wave") in unescape(client.get(f"/g/{token}").text)

    world.pay(payment_id)
    back = world.shown(world.sessions(payment_id)[0].id)["success_url"]
    assert urlsplit(back).path == f"/g/{token}"
    assert "hx-get" in client.get(f"/g/{token}").text
    world.announce(payment_id)

    thanks = client.get(f"/g/{token}", headers=FRAGMENT)
    assert said("Thank you!") in thanks.text
    assert "hx-get" not in thanks.text
    assert reload_pot(pot_id).raised_minor == 5_000
    receipt = client.get(f"/g/{token}/receipt").text
    assert "5\u202f000" in receipt
    assert "Moussa Fall" in receipt
    told = db_session.scalars(
        select(Notification.action_link).where(Notification.recipient_identifier == "moussa@example.org")
    )
    assert list(told) == [f"/g/{token}"]


@pytest.mark.covers("DON-16", "PAY-22")
def test_double_clicks_and_second_tabs_lead_to_one_payment(
    client: FlaskClient, db_session: Session, world: World
) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()

    places = {send(client, f"/p/{slug}/give", FORM).location for _ in range(3)}
    doors = {client.get(place).location for place in [*places, *places]}

    assert len(places) == len(doors) == 1
    assert db_session.scalar(select(func.count()).select_from(PaymentTransaction)) == 1
    payment_id = the_gift(db_session).payment_transaction_id
    assert payment_id is not None
    assert len(world.sessions(payment_id)) == 1


@pytest.mark.covers("DON-16")
def test_every_form_shown_has_a_key_of_its_own(client: FlaskClient, db_session: Session) -> None:
    slug = make_open_pot().public_slug

    keys = {
        re.search(r'name="form_key"[^>]*value="([^"]+)"', client.get(f"/p/{slug}/give").text).group(1)  # type: ignore[union-attr]
        for _ in range(3)
    }

    assert len(keys) == 3
    assert min(map(len, keys)) >= 24


@pytest.mark.covers("DON-18")
def test_no_transaction_is_open_while_wave_is_asked(
    client: FlaskClient, db_session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()
    place = send(client, f"/p/{slug}/give", FORM).location
    seen: list[bool] = []

    def watch(*_args: Any, **_kwargs: Any) -> Any:
        seen.append(db.session().in_transaction())
        return world.sandbox.wave()

    monkeypatch.setattr("portal.payments.checkout.wave", watch)
    client.get(place)

    assert seen == [False]


@pytest.mark.covers("DON-18")
def test_while_wave_is_away_the_page_says_so_and_offers_to_try_again(
    client: FlaskClient, db_session: Session
) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()
    place = send(client, f"/p/{slug}/give", FORM).location

    away = client.get(place)

    assert away.status_code == 503
    assert away.headers["Retry-After"] == "10"
    assert said("Wave does not answer right now") in unescape(away.text)
    assert f'href="{place}"' in away.text
    assert the_gift(db_session).status is DonationStatus.PENDING


@pytest.mark.covers("DON-18")
def test_once_wave_is_back_the_same_gift_goes_on(
    client: FlaskClient, db_session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()
    place = send(client, f"/p/{slug}/give", FORM).location
    settings = client.application.config["SETTINGS"]
    with monkeypatch.context() as away:
        nowhere = dataclasses.replace(settings, wave_api_url="http://127.0.0.1:9")
        away.setitem(client.application.config, "SETTINGS", nowhere)
        assert client.get(place).status_code == 503

    assert client.get(place).status_code == 303


@pytest.mark.covers("DON-02", "DON-16")
@pytest.mark.parametrize(
    "form",
    [
        {"choice": ""},
        {"choice": "7777"},
        {"choice": "other"},
        {"choice": "other", "amount": ""},
        {"choice": "other", "amount": "abc"},
        {"choice": "other", "amount": "-5000"},
        {"choice": "other", "amount": "0"},
        {"choice": "other", "amount": "99"},
        {"choice": "other", "amount": "1000001"},
        {"choice": "other", "amount": "10.5"},
        {"choice": "other", "amount": "99999999999999999999999"},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"message": "x" * 501},
        {"email": "no address"},
        {"email": "x" * 250 + "@example.org"},
        {"phone": "12"},
        {"phone": "+33 6"},
        {"form_key": ""},
        {"form_key": "x" * 65},
    ],
)
def test_a_bad_answer_is_refused_and_nothing_is_written(
    client: FlaskClient, db_session: Session, form: dict[str, str]
) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()

    answer = send(client, f"/p/{slug}/give", FORM | form)

    assert answer.status_code == 422
    assert "error-summary" in answer.text or "form_key" in form
    assert db_session.scalars(select(Donation)).all() == []


@pytest.mark.covers("DON-02")
def test_a_free_amount_is_read_as_people_write_it(client: FlaskClient, db_session: Session) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()

    send(client, f"/p/{slug}/give", FORM | {"choice": "other", "amount": "12 500"})

    assert the_gift(db_session).amount_minor == 12_500


def test_a_form_without_its_token_gives_nothing(client: FlaskClient, db_session: Session) -> None:
    slug = make_open_pot().public_slug
    db_session.commit()

    assert client.post(f"/p/{slug}/give", data=FORM).status_code == 400
    assert db_session.scalars(select(Donation)).all() == []


@pytest.mark.covers("DON-01", "DON-16")
def test_a_signed_in_donor_is_known_and_finds_the_gift_again(
    client: FlaskClient, db_session: Session
) -> None:
    slug, donor = make_open_pot().public_slug, make_person("Moussa Fall")
    sign_in(client, donor)
    assert 'value="Moussa"' in client.get(f"/p/{slug}/give").text

    send(client, f"/p/{slug}/give", FORM)

    assert the_gift(db_session).donor_user_id == donor.id
    assert "5\u202f000" in client.get("/gifts").text
