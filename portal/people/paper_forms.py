"""Handing in an identity paper."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectField

from portal.kernel.countries import HOME, country_names
from portal.kernel.forms import PortalForm, answers, file_field, required, text_field
from portal.kernel.i18n import lazy
from portal.kernel.images import PICTURE_ENDINGS
from portal.people.papers import LONGEST_NUMBER
from portal.people.words import PAPER_LABELS


class PaperForm(PortalForm):
    """A paper, its number and a scan."""

    kind = RadioField(
        lazy("Which paper is it?"),
        [required(lazy("Please say which paper it is."))],
        choices=answers(PAPER_LABELS),
    )
    country = SelectField(lazy("Country that has issued it"), [required()], default=HOME)
    number = text_field(
        lazy("Number of the paper"),
        LONGEST_NUMBER,
        required(lazy("Please enter the number that stands on the paper.")),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    scan = file_field(
        lazy("Photo or PDF of the paper"),
        (*PICTURE_ENDINGS, "pdf"),
        required(lazy("Please choose a photo or a PDF.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = answers(country_names())
