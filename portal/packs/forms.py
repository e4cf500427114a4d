"""The forms of packs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wtforms import DateField, Field, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.config.values import PACK_VALIDITY_DAYS, value_of
from portal.kernel import clock
from portal.kernel.forms import (
    PortalForm,
    answers,
    file_field,
    long_text_field,
    number_field,
    optional,
    required,
    text_field,
)
from portal.kernel.i18n import _, lazy
from portal.kernel.images import MAX_UPLOAD_BYTES, PICTURE_ENDINGS
from portal.packs.models import Pack, PackCategory
from portal.packs.services import MAX_VALIDITY_DAYS, PackFacts
from portal.packs.words import CATEGORY_LABELS
from portal.partners.models import PartnerVenue

_MAX_PRICE = 100_000_000
_MAX_STOCK = 1_000_000


def in_this_century(form: Any, field: Field) -> None:
    """A day that a calendar on a phone can show."""
    if field.data is not None and not 2000 <= field.data.year <= 2099:
        raise ValidationError(_("Please choose a day of this century."))


def _as_id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


class PackForm(PortalForm):
    """Everything a house says about a pack."""

    name = text_field(lazy("Name of the pack"), 255, required(lazy("Write the name of the pack.")))
    category = SelectField(lazy("Kind of evening"), choices=answers(CATEGORY_LABELS))
    description = long_text_field(
        lazy("What does the guest get?"), 4000, required(lazy("Write what the guest gets."))
    )
    photo = file_field(lazy("Photo"), PICTURE_ENDINGS, optional())
    base_price_minor = number_field(lazy("Price"), 1, _MAX_PRICE, required(lazy("Write the price.")))
    discounted_price_minor = number_field(lazy("Reduced price"), 1, _MAX_PRICE, optional())
    first_day = DateField(lazy("On offer from"), [optional(), in_this_century])
    last_day = DateField(lazy("On offer until, last day included"), [optional(), in_this_century])
    total_available_quantity = number_field(lazy("How many in all"), 0, _MAX_STOCK, optional())
    max_redemptions_per_user = number_field(lazy("How often may one person use it?"), 1, 1000, required())
    validity_days = number_field(
        lazy("Valid for how many days from the birthday?"), 1, MAX_VALIDITY_DAYS, required()
    )
    venue_ids = SelectMultipleField(
        lazy("Only at these places"),
        coerce=_as_id,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    terms_and_conditions = long_text_field(lazy("Conditions"), 4000, optional())
    redemption_instructions = long_text_field(lazy("How to use it"), 2000, optional())
    seo_title = text_field(lazy("Title for search engines"), 255, optional())
    seo_description = long_text_field(lazy("Description for search engines"), 500, optional())
    marketing_tags = text_field(lazy("Search words"), 400, optional())

    @classmethod
    def of(cls, pack: Pack | None, venues: Sequence[PartnerVenue], **options: Any) -> PackForm:
        """The form filled from a pack, or with the usual values for a new one."""
        form = cls(data=_values(pack), **options)
        form.venue_ids.choices = [SelectChoice(value=venue.id, label=venue.name) for venue in venues]
        return form

    def facts(self) -> PackFacts:
        """What was filled in."""
        return PackFacts(
            name=self.name.data,
            description=self.description.data,
            category=PackCategory(self.category.data),
            base_price_minor=self.base_price_minor.data,
            discounted_price_minor=self.discounted_price_minor.data,
            available_from=clock.start_of_day(self.first_day.data) if self.first_day.data else None,
            available_until=_day_after(self.last_day.data),
            max_redemptions_per_user=self.max_redemptions_per_user.data,
            total_available_quantity=self.total_available_quantity.data,
            validity_days=self.validity_days.data,
            venue_ids=tuple(self.venue_ids.data or ()),
            terms_and_conditions=self.terms_and_conditions.data,
            redemption_instructions=self.redemption_instructions.data,
            seo_title=self.seo_title.data,
            seo_description=self.seo_description.data,
            marketing_tags=_words(self.marketing_tags.data),
        )


class GalleryForm(PortalForm):
    """One more picture."""

    gallery_photo = file_field(
        lazy("Another photo"), PICTURE_ENDINGS, required(lazy("Please choose a photo."))
    )


def uploaded(field: Any) -> bytes | None:
    """The bytes that came with a file field; None when nothing was chosen."""
    sent = field.data
    if not getattr(sent, "filename", ""):
        return None
    data: bytes = sent.read(MAX_UPLOAD_BYTES + 1)
    return data


def _values(pack: Pack | None) -> dict[str, Any]:
    if pack is None:
        return {"max_redemptions_per_user": 1, "validity_days": value_of(PACK_VALIDITY_DAYS)}
    values = {name: getattr(pack, name) for name in PackFacts.__slots__}
    until = pack.available_until
    return values | {
        "first_day": clock.local_date(pack.available_from) if pack.available_from else None,
        "last_day": clock.local_date(until - timedelta(microseconds=1)) if until else None,
        "marketing_tags": ", ".join(pack.marketing_tags),
    }


def _day_after(day: Any) -> datetime | None:
    return clock.start_of_day(day + timedelta(days=1)) if day else None


def _words(typed: str | None) -> tuple[str, ...]:
    """The words between the commas, each once, in small letters."""
    words = (word.strip().casefold() for word in (typed or "").split(","))
    return tuple(dict.fromkeys(word for word in words if word))
