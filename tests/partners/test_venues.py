"""The places of a house."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.roles import MemberRole
from portal.partners import venues
from portal.partners.queries import open_venues
from portal.partners.venues import Place
from tests.harness.house import acting, make_member, make_partner, make_venue

PLACE = Place("Plateau", city="Dakar", region="Dakar", street="12, rue Carnot", phone="33 821 00 00")


@pytest.mark.covers("PRT-07")
def test_a_place_is_kept_with_its_address(db_session: Session) -> None:
    partner = make_partner()
    by = acting(make_member(partner, MemberRole.MANAGER))

    venue = venues.add_venue(partner.id, PLACE, by=by)
    venues.change_venue(partner.id, venue.id, replace(PLACE, city="Pikine"), by=by)

    assert (venue.city, venue.street, venue.country) == ("Pikine", "12, rue Carnot", "SEN")
    assert venue.phone == "+221338210000"


@pytest.mark.covers("PRT-07")
def test_one_name_stands_once_in_a_house_and_again_in_another(db_session: Session) -> None:
    first, second = make_partner(), make_partner("Autre")
    by = acting(make_member(first, MemberRole.OWNER))
    venues.add_venue(first.id, PLACE, by=by)

    with pytest.raises(Conflict) as refusal:
        venues.add_venue(first.id, PLACE, by=by)
    venues.add_venue(second.id, PLACE, by=by)

    assert refusal.value.field == "name"


def test_an_unknown_region_or_phone_is_refused(db_session: Session) -> None:
    partner = make_partner()
    by = acting(make_member(partner, MemberRole.OWNER))

    with pytest.raises(InvalidInput):
        venues.add_venue(partner.id, replace(PLACE, region="Atlantis"), by=by)
    with pytest.raises(InvalidInput):
        venues.add_venue(partner.id, replace(PLACE, phone="1"), by=by)


@pytest.mark.covers("PRT-07", "PRT-12")
def test_a_place_is_opened_and_closed_by_its_own_house_only(db_session: Session) -> None:
    partner, other = make_partner(), make_partner("Autre")
    venue = make_venue(partner)
    by = acting(make_member(partner, MemberRole.OWNER))

    venues.open_venue(partner.id, venue.id, is_active=False, by=by)

    assert open_venues(partner.id) == []
    with pytest.raises(NotFound):
        venues.open_venue(other.id, venue.id, is_active=True, by=by)


@pytest.mark.covers("DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [("latitude = 91", "latitude_range"), ("longitude = -181", "longitude_range")],
)
def test_the_database_refuses_a_place_off_the_map(db_session: Session, change: str, constraint: str) -> None:
    make_venue(make_partner())

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(f"UPDATE partner_venues SET {change}"))
