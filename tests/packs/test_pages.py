"""The catalogue, a house's shelf, and the admins' list."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.kernel.roles import MemberRole
from portal.packs.models import Pack
from portal.partners.models import PartnerStatus
from portal.web.filters import money
from tests.harness.house import (
    make_admin,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
    send,
    sign_in,
)
from tests.harness.statements import CountStatements

FORM: dict[str, Any] = {
    "name": "Dîner pour deux",
    "category": "restaurant",
    "description": "Thiéboudienne",
    "base_price_minor": "15 000",
    "max_redemptions_per_user": "1",
    "validity_days": "90",
    "first_day": "",
    "last_day": "",
}


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "#22335C").save(out, "JPEG")
    out.seek(0)
    return out


@pytest.mark.covers("PACK-13")
def test_guests_find_packs_by_kind_price_house_place_and_words(
    client: FlaskClient, db_session: Session
) -> None:
    djoloff, pathe = make_partner("Le Djoloff"), make_partner("Pathé")
    make_venue(djoloff)
    mbour = make_venue(pathe, "Mbour", region="Thiès", city="Mbour")
    make_venue(pathe, "Dakar Centre")
    make_pack(djoloff, 15_000, "Dîner pour deux", marketing_tags=["yassa"])
    make_pack(pathe, 8_000, "Deux places", category="cinema", venue_ids=[mbour.id])

    def found(query: str) -> tuple[bool, bool]:
        answer = client.get(f"/packs?{query}")
        assert answer.status_code == 200
        return "Dîner pour deux" in answer.text, "Deux places" in answer.text

    assert found("") == (True, True)
    assert found("category=cinema") == (False, True)
    assert found("from=10000") == (True, False)
    assert found("to=8 000") == (False, True)
    assert found(f"partner={djoloff.id}") == (True, False)
    assert found("region=Dakar") == (True, False)
    assert found("region=Thiès") == (False, True)
    assert found("q=Yassa") == (True, False)
    assert found("category=x&from=-1&to=abc&partner=7&region=Mars&cursor=..&q=%00") == (True, True)


@pytest.mark.covers("PACK-13")
def test_the_catalogue_goes_by_price_page_after_page(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    for number in range(26):
        make_pack(partner, 10_000 + number, f"Pack {number:02d}")

    first = client.get("/packs").text
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    dearest = client.get("/packs?sort=-price").text

    assert first.index("Pack 00") < first.index("Pack 01")
    assert "Pack 24" in client.get(link).text
    assert dearest.index("Pack 25") < dearest.index("Pack 24")


@pytest.mark.covers("PACK-04", "PACK-06", "PACK-13", "PRT-09")
def test_the_catalogue_shows_only_what_can_be_chosen(client: FlaskClient, db_session: Session) -> None:
    partner, resting = make_partner(), make_partner("En pause", status=PartnerStatus.SUSPENDED)
    make_pack(partner, name="Bon")
    make_pack(partner, name="Arrêté", is_active=False)
    make_pack(partner, name="Épuisé", total_available_quantity=1, quantity_taken=1, slug="epuise")
    make_pack(resting, name="Fermé", slug="ferme")

    page = client.get("/packs").text

    assert [name in page for name in ("Bon", "Arrêté", "Épuisé", "Fermé")] == [True, False, False, False]
    assert client.get("/packs/epuise").status_code == 200
    assert client.get("/packs/ferme").status_code == 404
    assert client.get("/packs/nothing").status_code == 404


@pytest.mark.covers("PACK-07", "PACK-10", "PACK-12")
def test_a_pack_s_page_says_everything_before_the_choice(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    make_venue(partner, "Plateau")
    make_venue(partner, "Fermé", is_active=False)
    make_pack(
        partner,
        slug="diner",
        discounted_price_minor=12_000,
        terms_and_conditions="Hors <boissons>",
        redemption_instructions="Réservez la veille",
        seo_title="Dîner à Dakar",
        seo_description="Un soir au Plateau",
        marketing_tags=["dakar"],
    )

    page = client.get("/packs/diner").text

    for words in (
        "Hors &lt;boissons&gt;",
        "Réservez la veille",
        "Plateau",
        "Dîner à Dakar",
        "Un soir au Plateau",
    ):
        assert words in page
    assert money(12_000) in page
    assert "Fermé" not in page


@pytest.mark.covers("PACK-14", "PRT-12", "PRT-13")
@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (MemberRole.STAFF, "", 200),
        (MemberRole.STAFF, "/new", 404),
        (MemberRole.STAFF, "/{id}", 404),
        (MemberRole.MANAGER, "/new", 200),
        (MemberRole.MANAGER, "/{id}", 200),
        (MemberRole.OWNER, "/{id}", 200),
        (MemberRole.OWNER, "/{other}", 404),
        (None, "", 404),
    ],
)
def test_managers_keep_their_own_shelf(
    client: FlaskClient, db_session: Session, role: MemberRole | None, path: str, status: int
) -> None:
    partner, other = make_partner(), make_partner("Autre")
    make_venue(partner)
    own, strange = make_pack(partner), make_pack(other)
    sign_in(client, make_member(partner, role) if role else make_person())

    address = "/partner/packs" + path.format(id=own.id, other=strange.id)

    assert client.get(address).status_code == status


@pytest.mark.covers("PACK-01", "PACK-02", "PACK-07", "PACK-09", "PACK-14")
def test_a_manager_makes_changes_and_pauses_a_pack(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    venue = make_venue(partner)
    sign_in(client, make_member(partner, MemberRole.MANAGER))

    made = send(
        client,
        "/partner/packs/new",
        FORM
        | {
            "venue_ids": [str(venue.id)],
            "first_day": "2026-11-01",
            "last_day": "2026-11-30",
            "marketing_tags": "Dakar, dîner, dakar",
            "photo": (photo(), "photo.jpg"),
        },
    )
    pack = db_session.execute(select(Pack)).scalar_one()
    base = f"/partner/packs/{pack.id}"
    shown = client.get(base).text
    priced = send(client, base, FORM | {"base_price_minor": "18000", "discounted_price_minor": "17000"})
    paused = send(client, f"{base}/offer", {"is_active": "no"})

    assert [made.status_code, priced.status_code, paused.status_code] == [303, 303, 303]
    assert 'value="2026-11-30"' in shown
    db_session.expire_all()
    assert (pack.base_price_minor, pack.price_minor, pack.is_active) == (18_000, 17_000, False)
    assert pack.image_file_id is not None
    assert (pack.venue_ids, pack.available_until) == ([], None)
    assert client.get(f"/packs/{pack.slug}").status_code == 404


@pytest.mark.covers("PACK-07")
def test_a_manager_fills_the_gallery(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    pack = make_pack(partner)
    sign_in(client, make_member(partner, MemberRole.MANAGER))
    base = f"/partner/packs/{pack.id}/gallery"

    assert send(client, base, {"gallery_photo": (photo(), "a.jpg")}).status_code == 303
    for nothing in ({}, {"gallery_photo": (io.BytesIO(b"x"), "a.jpg")}):
        answer = send(client, base, nothing)
        assert answer.status_code == 422
        assert "gallery_photo-error" in answer.text
    db_session.expire_all()
    (file_id,) = pack.gallery_file_ids
    assert send(client, f"{base}/{new_id()}/removal").status_code == 404
    assert send(client, f"{base}/{file_id}/removal").status_code == 303
    db_session.expire_all()
    assert pack.gallery_file_ids == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 256),
        ("category", "bank"),
        ("description", ""),
        ("base_price_minor", "0"),
        ("base_price_minor", "15.5"),
        ("base_price_minor", "9999999999999999999"),
        ("discounted_price_minor", "15001"),
        ("validity_days", "731"),
        ("max_redemptions_per_user", "0"),
        ("total_available_quantity", "-1"),
        ("last_day", "9999-12-31"),
        ("first_day", "demain"),
        ("venue_ids", "not-an-id"),
        ("venue_ids", "01890000-0000-7000-8000-000000000000"),
    ],
)
def test_a_wrong_pack_comes_back_with_the_reason(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    partner = make_partner()
    make_venue(partner)
    sign_in(client, make_member(partner, MemberRole.MANAGER))

    answer = send(client, "/partner/packs/new", FORM | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db_session.execute(select(func.count()).select_from(Pack)).scalar_one() == 0


@pytest.mark.covers("PACK-14")
def test_admins_keep_every_shelf(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner("Le Djoloff")
    pack = make_pack(partner, name="=Formule")
    assert client.get("/admin/packs").status_code == 303
    sign_in(client, make_member(partner, MemberRole.OWNER))
    assert client.get("/admin/packs").status_code == 404
    sign_in(client, make_admin())

    assert "=Formule" in client.get("/admin/packs?active=yes").text
    assert "=Formule" not in client.get("/admin/packs?active=no").text
    assert "'=Formule" in client.get("/admin/packs?format=csv").text
    assert client.get(f"/admin/packs/{pack.id}").status_code == 200
    assert client.get("/admin/packs/new").status_code == 404
    assert client.get(f"/admin/packs/new?partner={partner.id}").status_code == 200
    assert send(client, f"/admin/packs/new?partner={partner.id}", FORM).status_code == 303
    assert send(client, f"/admin/packs/{pack.id}/offer", {"is_active": "no"}).status_code == 303
    db_session.expire_all()
    assert pack.is_active is False


@pytest.mark.parametrize(
    "path", ["/packs", "/packs/diner", "/partner/packs", "/partner/packs/{id}", "/admin/packs"]
)
def test_a_page_asks_few_questions(
    client: FlaskClient, db_session: Session, count_statements: CountStatements, path: str
) -> None:
    partner = make_partner()
    pack = make_pack(partner, slug="diner")
    for number in range(5):
        make_pack(partner)
        make_venue(partner, f"Place {number}")
    person = make_member(partner, MemberRole.OWNER)
    person.roles, person.duties = ["user", "partner", "admin"], ["support"]
    sign_in(client, person)

    with count_statements() as asked:
        assert client.get(path.format(id=pack.id)).status_code == 200

    assert len(asked) <= 8, asked
