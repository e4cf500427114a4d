"""A house puts packs on its shelf and changes them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.files import public_file, read_file
from portal.kernel.ids import new_id
from portal.packs import pictures, services
from portal.packs.models import PackCategory
from portal.packs.services import PackFacts
from tests.harness.house import acting, make_admin, make_partner, make_venue

FACTS = PackFacts(
    name="Dîner à la Téranga",
    description="Thiéboudienne pour deux",
    category=PackCategory.RESTAURANT,
    base_price_minor=15_000,
)


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "#22335C").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.covers("PACK-01", "PACK-02", "PACK-07", "PACK-08", "PACK-12", "PACK-14")
def test_a_new_pack_has_an_address_a_picture_and_a_trace(db_session: Session) -> None:
    partner = make_partner()
    facts = replace(FACTS, seo_title="Dîner", seo_description="Un soir", marketing_tags=("dakar", "diner"))

    pack = services.create_pack(partner.id, facts, photo=photo(), by=acting(make_admin()))

    assert (pack.slug, pack.partner_id) == ("diner-a-la-teranga", partner.id)
    assert pack.marketing_tags == ["dakar", "diner"]
    assert pack.image_file_id is not None
    assert read_file(public_file(pack.image_file_id))[:4] == b"RIFF"
    trace = db_session.execute(select(AuditLog).where(AuditLog.action == "pack_created")).scalar_one()
    assert trace.new_values is not None
    assert trace.new_values["base_price_minor"] == 15_000


def test_two_packs_of_one_name_have_two_addresses(db_session: Session) -> None:
    by = acting(make_admin())
    first = services.create_pack(make_partner().id, FACTS, by=by)
    second = services.create_pack(make_partner("Autre").id, FACTS, by=by)
    nameless = services.create_pack(make_partner("Encore").id, replace(FACTS, name="…"), by=by)

    assert second.slug.startswith(f"{first.slug}-")
    assert nameless.slug == "pack"


@pytest.mark.covers("PACK-02", "PACK-03", "PACK-04", "PACK-05", "PACK-06", "PACK-11", "PACK-12")
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("base_price_minor", {"base_price_minor": 0}),
        ("base_price_minor", {"base_price_minor": 2_000_001}),
        ("discounted_price_minor", {"discounted_price_minor": 0}),
        ("discounted_price_minor", {"discounted_price_minor": 15_001}),
        ("validity_days", {"validity_days": 0}),
        ("validity_days", {"validity_days": 731}),
        ("max_redemptions_per_user", {"max_redemptions_per_user": 0}),
        ("marketing_tags", {"marketing_tags": tuple(map(str, range(11)))}),
        ("marketing_tags", {"marketing_tags": ("x" * 31,)}),
    ],
)
def test_impossible_facts_are_refused_at_their_field(
    db_session: Session, field: str, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.create_pack(make_partner().id, replace(FACTS, **change), by=acting(make_admin()))

    assert refusal.value.field == field


@pytest.mark.covers("PACK-04")
def test_the_last_day_cannot_lie_before_the_first(db_session: Session) -> None:
    now = clock.now()
    facts = replace(FACTS, available_from=now, available_until=now - timedelta(days=1))

    with pytest.raises(InvalidInput):
        services.create_pack(make_partner().id, facts, by=acting(make_admin()))


@pytest.mark.covers("PACK-09")
def test_a_pack_is_bound_to_places_of_its_own_house_only(db_session: Session) -> None:
    partner, other = make_partner(), make_partner("Autre")
    own, strange = make_venue(partner), make_venue(other)
    by = acting(make_admin())

    pack = services.create_pack(partner.id, replace(FACTS, venue_ids=(own.id,)), by=by)
    with pytest.raises(InvalidInput):
        services.edit_pack(pack.id, replace(FACTS, venue_ids=(own.id, strange.id)), by=by)

    assert pack.venue_ids == [own.id]


@pytest.mark.covers("PACK-14")
def test_a_change_keeps_the_address_and_leaves_old_and_new(db_session: Session) -> None:
    partner, by = make_partner(), acting(make_admin())
    pack = services.create_pack(partner.id, FACTS, by=by)

    services.edit_pack(
        pack.id, replace(FACTS, name="Autre nom", base_price_minor=18_000), partner_id=partner.id, by=by
    )

    trace = db_session.execute(select(AuditLog).where(AuditLog.action == "pack_changed")).scalar_one()
    assert pack.slug == "diner-a-la-teranga"
    assert trace.old_values == {"name": FACTS.name, "base_price_minor": 15_000}
    assert trace.new_values == {"name": "Autre nom", "base_price_minor": 18_000}


@pytest.mark.covers("PACK-06")
def test_the_number_cannot_fall_below_what_is_taken(db_session: Session) -> None:
    partner, by = make_partner(), acting(make_admin())
    pack = services.create_pack(partner.id, replace(FACTS, total_available_quantity=5), by=by)
    pack.quantity_taken = 3
    db_session.flush()

    with pytest.raises(InvalidInput):
        services.edit_pack(pack.id, replace(FACTS, total_available_quantity=2), by=by)
    services.edit_pack(pack.id, replace(FACTS, total_available_quantity=3), by=by)


@pytest.mark.covers("PACK-08", "PACK-14")
def test_another_house_does_not_find_the_pack(db_session: Session) -> None:
    by = acting(make_admin())
    pack, other = services.create_pack(make_partner().id, FACTS, by=by), make_partner("Autre")

    with pytest.raises(NotFound):
        services.edit_pack(pack.id, FACTS, partner_id=other.id, by=by)
    with pytest.raises(NotFound):
        services.offer_pack(pack.id, is_active=False, partner_id=other.id, by=by)
    with pytest.raises(NotFound):
        services.create_pack(new_id(), FACTS, by=by)


@pytest.mark.covers("PACK-07")
def test_the_gallery_holds_a_few_pictures(db_session: Session) -> None:
    by = acting(make_admin())
    pack = services.create_pack(make_partner().id, FACTS, by=by)

    for _ in range(pictures.MOST_IN_GALLERY):
        services.change_gallery(pack.id, lambda row: pictures.add_to_gallery(row, photo()), by=by)
    with pytest.raises(Conflict):
        services.change_gallery(pack.id, lambda row: pictures.add_to_gallery(row, photo()), by=by)
    first = pack.gallery_file_ids[0]
    services.change_gallery(pack.id, lambda row: pictures.take_from_gallery(row, first), by=by)

    assert len(pack.gallery_file_ids) == pictures.MOST_IN_GALLERY - 1
    with pytest.raises(NotFound):
        pictures.take_from_gallery(pack, first)


@pytest.mark.covers("PACK-07")
def test_a_file_that_is_no_picture_is_refused(db_session: Session) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.create_pack(make_partner().id, FACTS, photo=b"<svg/>", by=acting(make_admin()))

    assert refusal.value.field == "photo"
