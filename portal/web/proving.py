"""What a signed-in person is asked first: to prove that it is they (ASVS 7.5.3), to enrol, to agree to the terms."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, flash, request, url_for

from portal.config.values import STEP_UP_MINUTES, value_of
from portal.identity.sessions import watch_staff
from portal.kernel import clock
from portal.kernel.access import changes_something
from portal.kernel.asking import query_link, wants_file
from portal.kernel.i18n import _
from portal.kernel.pages import safe_next, see_other, this_page
from portal.kernel.visitor import Visitor, actor
from portal.privacy.views.asking_again import asked_to_agree
from portal.web import errors


def ask_to_confirm(person: Visitor) -> Response | None:
    """The way to the page that asks; None for whoever has proved themselves in this session a moment ago.

    A page is opened afterwards. A form is not sent again by itself, and a file would leave the page that asked
    standing there: both lead back to the page they were asked for on.
    """
    return None if has_proved(person) else _ask()


def _ask() -> Response:
    if errors.wants_json():
        return errors.error_page(403, _("Please confirm first that it is you."))
    is_part = request.headers.get("HX-Request") == "true"
    opens_a_page = not (changes_something() or wants_file() or is_part)
    if not opens_a_page:
        flash(_("Please confirm that it is you, then send it again."), "warning")
    page = url_for("identity.prove", next=this_page() if opens_a_page else _where_it_stood())
    return Response(status=204, headers={"HX-Redirect": page}) if is_part else see_other(page)


def ask_to_enrol() -> Response:
    """The way to the page on which a second factor is set up, which the person's rights ask for."""
    if errors.wants_json():
        return errors.error_page(403, _("Please set up a second step for signing in first."))
    page = url_for("identity.overview")
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": page})
    return see_other(page)


def ask_to_agree(person: Visitor) -> Response | None:
    """The way to the terms, for whoever has to agree to them first (PRV-03); what was sent meanwhile is not done."""
    for_programs, is_part = errors.wants_json(), request.headers.get("HX-Request") == "true"
    opens_a_page = not (changes_something() or is_part or for_programs)
    if asked_to_agree(person, opens_a_page=opens_a_page) is None:
        return None
    if for_programs:
        return errors.error_page(403, _("Please agree to the terms of use first."))
    following = this_page() if opens_a_page else _where_it_stood()
    page = url_for("privacy.terms", next=following)
    return Response(status=204, headers={"HX-Redirect": page}) if is_part else see_other(page)


def ask_staff(person: Visitor) -> Response | None:
    """The way to the page that asks, for an admin whose staff work has run out; None while it is open (ADM-24)."""
    return None if watch_staff(person, by=actor()) else _ask()


def page_before() -> str | None:
    """The path of the page that this request was made on; what is no path of ours is dropped at the door."""
    address = request.headers.get("HX-Current-URL") or request.referrer or ""
    return address.removeprefix(request.host_url.rstrip("/")) or None


def _where_it_stood() -> str:
    """The page of the form or the link, else the list that the file is of, else home."""
    of_the_list = query_link(format=None) if wants_file() else url_for("web.home")
    return safe_next(page_before(), of_the_list)


def has_proved(person: Visitor) -> bool:
    """Whether the person has proved themselves in this session a moment ago."""
    if person.confirmed_at is None:
        return False
    return clock.now() - person.confirmed_at < timedelta(minutes=value_of(STEP_UP_MINUTES))
