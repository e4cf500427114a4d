"""Passing a pot on: its picture, its code, tracked invitations, views and shares."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.pots import counters, jobs
from portal.pots.counters import Counter
from portal.pots.models import Pot, PotInvitation, ShareMethod
from portal.pots.sharing import Invitation, invite
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.pots.gifts import (
    make_open_pot,
    make_owner,
    paid_gift,
    reload_pot,
)

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 12; Infinix)"}


@pytest.mark.covers("POT-13", "POT-25")
def test_a_shared_link_has_a_picture_that_follows_the_pot(client: FlaskClient, db_session: Session) -> None:
    pot = make_open_pot(target=10_000)
    page = client.get(f"/p/{pot.public_slug}").text
    assert f'property="og:image" content="http://localhost/p/{pot.public_slug}/preview.jpg?v=0"' in page
    assert 'property="og:title"' in page
    before = client.get(f"/p/{pot.public_slug}/preview.jpg")
    again = client.get(f"/p/{pot.public_slug}/preview.jpg")
    paid_gift(pot, 5_000)
    db_session.commit()

    after = client.get(f"/p/{pot.public_slug}/preview.jpg")

    assert (before.status_code, before.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(before.data)).size == (1200, 630)
    assert before.data == again.data != after.data


@pytest.mark.covers("POT-25")
@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_pot_has_a_code_for_posters(
    client: FlaskClient, db_session: Session, kind: str, start: bytes
) -> None:
    pot = make_open_pot()

    assert client.get(f"/p/{pot.public_slug}/qr.{kind}").data.startswith(start)
    assert client.get(f"/p/{pot.public_slug}/qr.gif").status_code == 404


@pytest.mark.covers("POT-12", "POT-25")
def test_views_of_people_and_shares_rise_and_programs_are_not_counted(
    client: FlaskClient, db_session: Session
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    pot_id, slug = pot.id, pot.public_slug
    db_session.commit()
    updated_at = reload_pot(pot_id).updated_at
    for _number in range(3):
        client.get(f"/p/{slug}", headers=PHONE)
    client.get(f"/p/{slug}", headers={"User-Agent": "WhatsApp/2.23"})
    client.get(f"/p/{slug}", headers={"User-Agent": ""})
    send(client, f"/p/{slug}/shares", {"method": "whatsapp"})
    sign_in(client, owner)
    client.get(f"/p/{slug}", headers=PHONE)

    assert jobs.flush_counters() == {"views": 3, "shares": 1}
    assert jobs.flush_counters() == {"views": 0, "shares": 0}

    pot = reload_pot(pot_id)
    assert (pot.view_count, pot.share_count, pot.updated_at) == (3, 1, updated_at)


def test_counting_costs_nothing_while_valkey_is_away(
    client: FlaskClient, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pot = make_open_pot()
    nobody = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.2)
    monkeypatch.setitem(client.application.extensions, "valkey", nobody)

    assert client.get(f"/p/{pot.public_slug}", headers=PHONE).status_code == 200
    assert counters.flush() == {"views": 0, "shares": 0}


@pytest.mark.covers("POT-24")
def test_an_invitation_remembers_when_it_was_opened_and_used(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    opened = clock.travel(2026, 3, 1, 12)
    owner = make_owner()
    pot = make_open_pot(owner)
    row = invite(pot.id, owner.id, Invitation(ShareMethod.SOCIAL, "Le lycée"), by=acting(owner))
    assert (row.sent_at, row.opened_at, row.clicked_at) == (opened, None, None)
    token, row_id = row.tracking_token, row.id
    db_session.commit()

    client.get(f"/i/{token}", headers={"User-Agent": "facebookexternalhit/1.1"})
    client.head(f"/i/{token}", headers=PHONE)
    assert _invitation(db_session, row_id).opened_at is None
    answer = client.get(f"/i/{token}", headers=PHONE)
    assert (answer.status_code, answer.location) == (303, f"/p/{pot.public_slug}?via={token}")
    assert f"/p/{pot.public_slug}/give?via={token}" in client.get(answer.location).text
    clock.travel(2026, 3, 1, 13)
    client.get(f"/i/{token}", headers=PHONE)
    clicked = clock.travel(2026, 3, 1, 14)
    client.get(f"/p/{pot.public_slug}/give?via={token}", headers=PHONE)

    row = _invitation(db_session, row_id)
    assert (row.opened_at, row.clicked_at) == (opened, clicked)
    assert client.get("/i/unknown-token").status_code == 404


@pytest.mark.covers("POT-24")
def test_an_invitation_of_another_pot_is_not_clicked_here(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    mine, other = make_open_pot(owner), make_open_pot()
    row = invite(mine.id, owner.id, Invitation(ShareMethod.SOCIAL, "Le lycée"), by=acting(owner))
    token, row_id = row.tracking_token, row.id
    db_session.commit()

    client.get(f"/p/{other.public_slug}/give?via={token}")

    assert _invitation(db_session, row_id).clicked_at is None


def test_counts_of_a_pot_that_is_gone_do_no_harm(client: FlaskClient, db_session: Session) -> None:
    counters.count(Counter.VIEWS, new_id())

    assert jobs.flush_counters() == {"views": 1, "shares": 0}
    assert db_session.scalars(select(Pot)).all() == []


def _invitation(session: Session, row_id: Any) -> PotInvitation:
    session.expire_all()
    return session.get_one(PotInvitation, row_id)
