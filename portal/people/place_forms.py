"""Fields for a place: Senegal's regions and departments to choose from, other countries in words (PPL-23)."""

from __future__ import annotations

from typing import Any

from wtforms import SelectChoice, SelectField

from portal.kernel.countries import HOME, country_names
from portal.kernel.forms import PortalForm, answers, optional, text_field
from portal.kernel.i18n import _, lazy
from portal.kernel.places import DEPARTMENTS, REGIONS
from portal.people.places import Place


class PlaceFields(PortalForm):
    """Country, region, department and town; a form of its own adds what else it asks for."""

    country = SelectField(lazy("Country"), [optional()], render_kw={"autocomplete": "country"})
    region = SelectField(lazy("Region"), [optional()])
    department = SelectField(lazy("Department"), [optional()])
    region_abroad = text_field(
        lazy("Region outside Senegal"),
        100,
        optional(),
        description=lazy("Only for addresses in another country."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = answers(country_names())
        self.region.choices = answers({"": _("Choose a region")} | {region: region for region in REGIONS})
        self.department.choices = [
            SelectChoice(value="", label=_("Choose a department")),
            *(
                SelectChoice(value=department, label=department, optgroup=region)
                for region, inside in DEPARTMENTS.items()
                for department in inside
            ),
        ]

    def place(self, city: str | None) -> Place:
        """What was said, as the services take it."""
        country = self.country.data or HOME
        region = self.region.data if country == HOME else self.region_abroad.data
        return Place(country, region or None, self.department.data or None, city)


def place_data(country: str, region: str | None, department: str | None) -> dict[str, str | None]:
    """A kept place as the fields show it."""
    at_home = country == HOME
    return {
        "country": country,
        "region": region if at_home else "",
        "department": department,
        "region_abroad": None if at_home else region,
    }
