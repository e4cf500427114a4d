"""My dates in the calendar of my phone (PPL-33)."""

from __future__ import annotations

from flask import Response, flash, url_for

from portal.config.people_values import CALENDAR_FETCHES
from portal.config.rates import rate
from portal.kernel.access import open_to_all, signed_in, step_up
from portal.kernel.i18n import _
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import in_place, page, public_url, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people import calendars
from portal.people.queries import settings_of
from portal.people.views.door import blueprint


@blueprint.get("/settings/calendar")
@signed_in
def calendar() -> Response:
    """Whether my calendar has a link."""
    kept = settings_of(known_visitor().user_id).preferences
    return page("people/calendar.html", is_on=kept.calendar_token_hash is not None, link=None)


@blueprint.post("/settings/calendar")
@signed_in
@step_up
def renew_calendar() -> Response:
    """A new link, shown this once; the one before no longer works."""
    secret = calendars.renew_link(known_visitor().user_id, by=actor())
    link = public_url(url_for(".calendar_feed", secret=secret))
    return page("people/calendar.html", is_on=True, link=link)


@blueprint.post("/settings/calendar/off")
@signed_in
def switch_calendar_off() -> Response:
    """Let the link lead nowhere."""
    calendars.switch_off(known_visitor().user_id, by=actor())
    flash(_("Your calendar no longer has a link."), "success")
    return see_other(url_for(".calendar"))


@blueprint.get("/calendar/<secret>.ics")
@open_to_all("calendars fetch it without a session; the link itself is the secret")
@limiter.limit(rate(CALENDAR_FETCHES, "hour"), key_func=by_address)
def calendar_feed(secret: str) -> Response:
    """The dates behind a secret link."""
    response = in_place(calendars.feed(secret), name="teranga.ics", mime_type="text/calendar")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
