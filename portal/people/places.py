"""Where people live: the towns of Senegal on offer, and what makes a place whole (PPL-21 to PPL-25)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kernel.countries import HOME, is_country
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.places import DEPARTMENTS, REGION_OF, REGIONS

TOWNS: dict[str, tuple[str, ...]] = {
    "Dakar": (
        "Dakar",
        "Pikine",
        "Guédiawaye",
        "Rufisque",
        "Keur Massar",
        "Bargny",
        "Diamniadio",
        "Sébikotane",
    ),
    "Diourbel": ("Diourbel", "Touba", "Mbacké", "Bambey"),
    "Fatick": ("Fatick", "Foundiougne", "Gossas", "Sokone", "Passy", "Diofior"),
    "Kaffrine": ("Kaffrine", "Koungheul", "Malem Hodar", "Birkelane"),
    "Kaolack": ("Kaolack", "Nioro du Rip", "Guinguinéo", "Gandiaye", "Kahone"),
    "Kédougou": ("Kédougou", "Saraya", "Salémata"),
    "Kolda": ("Kolda", "Vélingara", "Médina Yoro Foulah", "Dabo", "Diaobé-Kabendou"),
    "Louga": ("Louga", "Linguère", "Kébémer", "Dahra", "Guéoul"),
    "Matam": ("Matam", "Ourossogui", "Kanel", "Ranérou", "Thilogne", "Waoundé"),
    "Saint-Louis": ("Saint-Louis", "Richard-Toll", "Dagana", "Podor", "Ndioum", "Rosso", "Mpal"),
    "Sédhiou": ("Sédhiou", "Goudomp", "Bounkiling", "Marsassoum", "Tanaff"),
    "Tambacounda": ("Tambacounda", "Bakel", "Goudiry", "Koumpentoum", "Kidira"),
    "Thiès": ("Thiès", "Mbour", "Tivaouane", "Saly", "Joal-Fadiouth", "Khombole", "Kayar", "Nguékhokh"),
    "Ziguinchor": ("Ziguinchor", "Bignona", "Oussouye", "Diouloulou", "Thionck Essyl"),
}


def all_towns() -> list[str]:
    """Every town above once, region by region."""
    return [town for region in REGIONS for town in TOWNS[region]]


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a person says it; empty means unknown."""

    country: str = HOME
    region: str | None = None
    department: str | None = None
    city: str | None = None


def checked(place: Place) -> Place:
    """The place with what follows from it: a department of Senegal names its region.

    Raises `InvalidInput` for a country, region or department that does not exist, and for parts that do not fit.
    """
    if not is_country(place.country):
        raise InvalidInput(_("Please choose one of the countries on offer."), field="country")
    if place.country != HOME:
        if place.department is not None:
            raise InvalidInput(_("Departments are for addresses in Senegal."), field="department")
        return place
    return _checked_at_home(place)


def _checked_at_home(place: Place) -> Place:
    region = place.region
    if place.department is not None:
        if place.department not in REGION_OF:
            raise InvalidInput(_("Please choose one of the departments on offer."), field="department")
        region = region or REGION_OF[place.department]
    if region is not None and region not in REGIONS:
        raise InvalidInput(_("Please choose one of the regions on offer."), field="region")
    if place.department is not None and place.department not in DEPARTMENTS[region or ""]:
        raise InvalidInput(_("This department lies in another region."), field="department")
    return Place(place.country, region, place.department, place.city)
