"""The till: scan, look, confirm; and the list of everything that was scanned (QR-16)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, request, url_for

from portal.kernel.access import current_partner_id, partner_team, step_up_when
from portal.kernel.asking import wants_file
from portal.kernel.cookies import keep_cookie, read_cookie
from portal.kernel.errors import TooMany
from portal.kernel.ids import parse_id, random_token
from portal.kernel.pages import csv_file, page, see_other, wants_fragment
from portal.kernel.roles import TEAM
from portal.kernel.visitor import actor, known_visitor
from portal.partners.queries import open_venues, partner_facts, partner_names
from portal.redemptions import queries, scanning
from portal.redemptions.answers import Answer, Outcome, Till
from portal.redemptions.forms import ConfirmForm, ScanForm
from portal.redemptions.permits import Permit, give_permit, read_permit
from portal.redemptions.views.asking import wanted_scans
from portal.redemptions.words import ERROR_LABELS

blueprint = Blueprint("redemptions_partner", __name__, url_prefix="/partner")
blueprint.context_processor(lambda: {"error_labels": ERROR_LABELS})

VENUE_COOKIE = "venue"
_A_YEAR = 365 * 24 * 3600
_NONCE_BYTES = 16


@blueprint.get("")
@partner_team(TEAM)
def home() -> Response:
    """A partner's day begins at the scanner."""
    return see_other(url_for(".scanner"))


@blueprint.get("/scan")
@partner_team(TEAM)
def scanner() -> Response:
    """The camera, and a box to type a code."""
    return _till_page(ScanForm())


@blueprint.post("/scan")
@partner_team(TEAM)
def scan() -> Response:
    """Look at a code; where the house trusts its scanner, redeem it."""
    form = ScanForm()
    if not form.validate_on_submit():
        return _till_page(form, status=422)
    till = _till(parse_id(form.venue.data))
    nonce = form.nonce.data or _new_nonce()
    try:
        outcome = scanning.scan(form.code.data, till, nonce)
    except TooMany as limit:
        form.take(limit)
        response = _till_page(form, status=limit.status)
        response.headers["Retry-After"] = str(limit.retry_after)
        return response
    return _remember_venue(_show(outcome, till), till)


@blueprint.get("/scan/<permit>")
@partner_team(TEAM)
def ready(permit: str) -> Response:
    """A good code that waits for the confirmation."""
    held = read_permit(permit, known_visitor().session_id)
    if held is None:
        return see_other(url_for(".scanner"))
    outcome = scanning.preview(held.code_id, _till(held.venue_id))
    return page("redemptions/partner/answer.html", outcome=outcome, permit=permit, nonce=None, form=None)


@blueprint.post("/redemptions")
@partner_team(TEAM)
def redeem() -> Response:
    """Confirm: the gift is served now."""
    form = ConfirmForm()
    held = read_permit(form.permit.data or "", known_visitor().session_id)
    if held is None:
        return _till_page(ScanForm(formdata=None), status=409, is_stale=True)
    till = _till(held.venue_id)
    if not form.validate_on_submit():
        return _ask_again(scanning.preview(held.code_id, till), form)
    return _show(scanning.redeem(held.code_id, till, held.nonce, form.notes.data), till)


@blueprint.get("/redemptions")
@partner_team(TEAM)
@step_up_when(wants_file)
def log() -> Response:
    """Everything that was scanned in this house, refused codes too (QR-12)."""
    wanted = replace(wanted_scans(), partner_id=current_partner_id())
    if wants_file():
        return _as_file(wanted)
    scans = queries.scans_page(wanted, request.args.get("cursor"))
    return page("redemptions/partner/log.html", scans=scans, wanted=wanted)


@blueprint.get("/redemptions/<uuid:log_id>")
@partner_team(TEAM)
def result(log_id: UUID) -> Response:
    """The answer that a scan got."""
    outcome = queries.logged_outcome(log_id, current_partner_id())
    return page("redemptions/partner/answer.html", outcome=outcome, permit=None, nonce=None, form=None)


def _till(venue_id: UUID | None) -> Till:
    return Till(current_partner_id(), venue_id, actor())


def _new_nonce() -> str:
    return random_token(_NONCE_BYTES)


def _show(outcome: Outcome, till: Till) -> Response:
    """The answer as a fragment beside the camera, or as a page of its own that a reload does not repeat."""
    permit = None
    if outcome.answer is Answer.READY and outcome.code_id is not None:
        held = Permit(outcome.code_id, till.venue_id, _new_nonce())
        permit = give_permit(held, known_visitor().session_id)
    if wants_fragment():
        return _part(outcome=outcome, permit=permit)
    if permit is not None:
        return see_other(url_for(".ready", permit=permit))
    return see_other(url_for(".result", log_id=outcome.log_id))


def _ask_again(outcome: Outcome, form: ConfirmForm) -> Response:
    """The gift with what stands in the way of its confirmation; nothing was done."""
    if wants_fragment():
        return _part(outcome=outcome, permit=form.permit.data, form=form, status=422)
    shown = {"outcome": outcome, "permit": form.permit.data, "nonce": None, "form": form}
    return page("redemptions/partner/answer.html", status=422, **shown)


def _part(
    *,
    outcome: Outcome | None = None,
    permit: str | None = None,
    form: ScanForm | ConfirmForm | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> Response:
    """The scanner's changing part alone: without the frame of a page, whose menus nobody at a till waits for."""
    template = current_app.jinja_env.get_template("redemptions/partner/_part.html")
    html = template.render(outcome=outcome, permit=permit, form=form, is_stale=is_stale, nonce=_new_nonce())
    response = make_response(html, status)
    response.vary.add("HX-Request")
    return response


def _till_page(form: ScanForm, status: int = 200, *, is_stale: bool = False) -> Response:
    """The scanner with the places to choose from; only its answer for a fragment.

    `is_stale` says that a confirmation came too late, or from another session: nothing was done.
    """
    if wants_fragment():
        return _part(status=status, form=form, is_stale=is_stale)
    partner_id = current_partner_id()
    places = [place.partner_id for place in known_visitor().memberships]
    venues = open_venues(partner_id)
    return page(
        "redemptions/partner/scanner.html",
        status=status,
        form=form,
        partner=partner_facts(partner_id),
        partners=partner_names(places) if len(places) > 1 else [],
        venues=venues,
        chosen=_chosen_venue([venue.id for venue in venues]),
        outcome=None,
        permit=None,
        nonce=_new_nonce(),
        is_stale=is_stale,
    )


def _chosen_venue(venue_ids: list[UUID]) -> UUID | None:
    """The place this device was last used at, else the only one."""
    remembered = parse_id(read_cookie(VENUE_COOKIE))
    if remembered in venue_ids:
        return remembered
    return venue_ids[0] if len(venue_ids) == 1 else None


def _remember_venue(response: Response, till: Till) -> Response:
    venue = str(till.venue_id or "")
    if venue and read_cookie(VENUE_COOKIE) != venue:
        keep_cookie(response, VENUE_COOKIE, venue, seconds=_A_YEAR)
    return response


def _as_file(wanted: queries.ScanFilter) -> Response:
    header = ("when", "result", "reason", "code", "pack", "guest", "price", "share", "place", "staff")
    rows = [
        (
            line.occurred_at.isoformat(),
            line.validation_result,
            line.error_code or "",
            line.scanned_code,
            pack or "",
            code.beneficiary_name if code else "",
            code.price_minor if code else "",
            code.partner_share_minor if code and line.error_code is None else "",
            place or "",
            staff or "",
        )
        for line, code, pack, place, staff, _house in queries.scans_rows(wanted)
    ]
    return csv_file("redemptions.csv", header, rows)
