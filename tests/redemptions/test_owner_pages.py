"""An owner chooses a gift, keeps its code and prints it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.ids import new_id
from portal.packs.models import Pack
from portal.pots.models import PotStatus
from portal.redemptions import issuing
from portal.redemptions.codes import grouped
from portal.redemptions.models import QrCode, QrStatus
from tests.harness.house import (
    acting,
    make_admin,
    make_code,
    make_pack,
    make_partner,
    make_person,
    make_pot,
    make_venue,
    send,
    sign_in,
)
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def owner(client: FlaskClient, db_session: Session, clock: Clock) -> User:
    """Awa, signed in."""
    clock.travel(NOON)
    person = make_person("Awa Ndiaye")
    sign_in(client, person)
    return person


@pytest.mark.covers("PACK-10", "QR-01", "QR-15")
def test_an_owner_chooses_among_what_the_pot_covers(
    client: FlaskClient, owner: User, db_session: Session
) -> None:
    partner = make_partner()
    make_venue(partner, "Plateau")
    fits = make_pack(
        partner, 15_000, "Dîner", terms_and_conditions="Hors boissons", redemption_instructions="Réservez"
    )
    make_pack(partner, 50_000, "Croisière")
    make_pack(partner, 5_000, "Épuisé", total_available_quantity=0)
    pot = make_pot(owner, holds=20_000, birthday=date(2026, 11, 30))

    listed = client.get(f"/pots/{pot.id}/pack").text
    shown = client.get(f"/pots/{pot.id}/pack/{fits.id}").text
    chosen = send(client, f"/pots/{pot.id}/pack/{fits.id}", {"price": "15000"})

    assert [name in listed for name in ("Dîner", "Croisière", "Épuisé")] == [True, False, False]
    assert all(
        words in shown
        for words in (
            "Hors boissons",
            "Réservez",
            "Plateau",
            "30\u00a0nov.\u00a02026",
            "27\u00a0févr.\u00a02027",
        )
    )
    assert (chosen.status_code, chosen.location) == (303, f"/pots/{pot.id}/code")
    code = db_session.execute(select(QrCode)).scalar_one()
    assert (code.pot_id, code.status) == (pot.id, QrStatus.ISSUED)
    assert client.get(f"/pots/{pot.id}/pack").location == f"/pots/{pot.id}/code"


@pytest.mark.covers("QR-01", "QR-02", "QR-15", "PACK-10")
def test_the_code_page_holds_everything_and_prints(
    client: FlaskClient, owner: User, db_session: Session
) -> None:
    partner = make_partner("Le Djoloff")
    make_venue(partner, "Plateau", street="12, rue Carnot", phone="+221338210000")
    make_venue(partner, "Fermé", is_active=False)
    pack = make_pack(
        partner, name="Dîner", terms_and_conditions="Hors boissons", redemption_instructions="Réservez"
    )
    code = make_code(pack, owner, birthday=date(2026, 11, 21))
    base = f"/pots/{code.pot_id}/code"

    page = client.get(base)

    assert page.status_code == 200
    for words in (
        grouped(code.code),
        "<svg",
        "Plateau",
        "12, rue Carnot",
        "Hors boissons",
        "Réservez",
        "data-print",
    ):
        assert words in page.text
    assert "samedi 21\u00a0novembre 2026" in page.text
    assert "jeudi 18\u00a0février 2027" in page.text
    assert "Fermé" not in page.text
    picture = client.get(f"{base}.png")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/png", "private, no-store")
    with Image.open(BytesIO(picture.data)) as image:
        assert image.size == (588, 588)


@pytest.mark.covers("QR-15", "PRT-12")
@pytest.mark.parametrize("path", ["pack", "pack/{pack}", "code", "code.png"])
def test_nobody_else_finds_the_gift(client: FlaskClient, owner: User, db_session: Session, path: str) -> None:
    pack = make_pack(make_partner())
    code = make_code(pack, make_person("Fatou Sarr"))
    open_pot = make_pot(make_person("Binta Diallo"))

    for pot_id in (code.pot_id, open_pot.id, new_id()):
        assert client.get(f"/pots/{pot_id}/{path.format(pack=pack.id)}").status_code == 404
    assert send(client, f"/pots/{open_pot.id}/pack/{pack.id}").status_code == 404
    assert db_session.execute(select(QrCode).where(QrCode.pot_id == open_pot.id)).first() is None


@pytest.mark.covers("QR-15")
def test_guests_are_asked_to_sign_in_first(client: FlaskClient, app: Flask, db_session: Session) -> None:
    code = make_code(make_pack(make_partner()))

    assert client.get(f"/pots/{code.pot_id}/code").status_code == 303


def test_a_pot_that_still_collects_says_when_one_can_choose(
    client: FlaskClient, owner: User, db_session: Session
) -> None:
    pot = make_pot(owner, status=PotStatus.OPEN, birthday=date(2026, 12, 1))

    assert client.get(f"/pots/{pot.id}/pack").status_code == 409
    assert client.get(f"/pots/{pot.id}/code").status_code == 404


def test_a_pack_that_went_meanwhile_is_refused_with_the_reason(
    client: FlaskClient, owner: User, db_session: Session
) -> None:
    pack = make_pack(make_partner(), total_available_quantity=1)
    pot = make_pot(owner)
    make_code(pack, make_person("Fatou Sarr"))

    for answer in (
        client.get(f"/pots/{pot.id}/pack/{pack.id}"),
        send(client, f"/pots/{pot.id}/pack/{pack.id}"),
    ):
        assert (answer.status_code, answer.location) == (303, f"/pots/{pot.id}/pack")
    dear = make_pack(make_partner("B"), 99_000)
    refused = send(client, f"/pots/{pot.id}/pack/{dear.id}", {"price": "99000"})
    assert refused.status_code == 422
    assert "error-summary" in refused.text


@pytest.mark.covers("PACK-10", "QR-01")
@pytest.mark.parametrize("seen", ["15000", "", "14999", "-1", "1e9", "١٥٠٠٠"])
def test_nobody_pays_more_for_a_pack_than_they_have_seen(
    client: FlaskClient, owner: User, db_session: Session, seen: str
) -> None:
    """A house could otherwise take whatever a pot holds, by raising its price while the owner reads."""
    pack = make_pack(make_partner(), 15_000)
    pot = make_pot(owner, holds=90_000)
    address = f"/pots/{pot.id}/pack/{pack.id}"
    assert 'name="price" value="15000"' in client.get(address).text
    pack.base_price_minor = 90_000
    db_session.commit()

    refused = send(client, address, {"price": seen})

    assert refused.status_code == 422
    assert 'name="price" value="90000"' in refused.text
    assert issuing.live_code(pot.id) is None
    assert db_session.get_one(Pack, pack.id, populate_existing=True).quantity_taken == 0


def test_a_pack_that_has_become_cheaper_is_taken_at_its_price_of_now(
    client: FlaskClient, owner: User, db_session: Session
) -> None:
    pack = make_pack(make_partner(), 15_000, discounted_price_minor=12_000)
    pot = make_pot(owner)

    assert send(client, f"/pots/{pot.id}/pack/{pack.id}", {"price": "15000"}).status_code == 303

    code = issuing.live_code(pot.id)
    assert code is not None
    assert code.price_minor == 12_000


@pytest.mark.covers("QR-06", "QR-15")
def test_a_used_canceled_or_ended_code_shows_no_picture(
    client: FlaskClient, owner: User, db_session: Session, clock: Clock
) -> None:
    pack = make_pack(make_partner(), validity_days=5, max_redemptions_per_user=3)
    canceled = make_code(pack, owner, birthday=date(2026, 11, 21))
    issuing.cancel_code(canceled.id, "La maison a fermé", by=acting(make_admin()))
    ended = make_code(pack, owner, birthday=date(2026, 11, 22))
    clock.travel(NOON + timedelta(days=7))

    for code, words in ((canceled, "La maison a fermé"), (ended, "")):
        page = client.get(f"/pots/{code.pot_id}/code").text
        assert "qr__drawing" not in page
        assert grouped(code.code) not in page
        assert words in page
    assert client.get(f"/pots/{canceled.pot_id}/code.png").status_code == 404


@pytest.mark.parametrize("path", ["pack", "pack/{pack}", "code"])
def test_a_page_asks_few_questions(
    client: FlaskClient, owner: User, db_session: Session, count_statements: CountStatements, path: str
) -> None:
    partner = make_partner()
    make_venue(partner)
    packs = [make_pack(partner, name=f"Pack {number}") for number in range(5)]
    pot_id = make_code(packs[0], owner).pot_id if path == "code" else make_pot(owner).id
    pack_id = packs[0].id
    db_session.commit()

    with count_statements() as asked:
        assert client.get(f"/pots/{pot_id}/{path.format(pack=pack_id)}").status_code == 200

    assert len(asked) <= 8, asked
