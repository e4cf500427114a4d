"""Where somebody is sent who has a step to take before what depends on their age opens."""

from __future__ import annotations

from flask import Response, flash, url_for

from portal.kernel.pages import see_other
from portal.people.ages import Missing
from portal.people.words import GUARDIAN_FIRST


def ask_first(missing: Missing, why: str, back: str) -> Response:
    """Send the person to the step that is missing, and on to `back`; `why` is said where the day of birth is."""
    if missing is Missing.GUARDIAN:
        flash(str(GUARDIAN_FIRST), "warning")
        return see_other(url_for("people.name_guardian", next=back))
    flash(why, "warning")
    return see_other(url_for("people.birthday", next=back))
