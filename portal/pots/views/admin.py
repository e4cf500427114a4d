"""People who steer the portal look at pots and gifts, and decide where a rule leaves it to them (DON-11, DON-34)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import is_contact, note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_id, asked_kind, wants_file
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.payments.models import RefundReason
from portal.pots import closing, counting, queries, reports
from portal.pots.finding import available_minor
from portal.pots.forms import EndPotForm, ReasonForm, RefundGiftForm
from portal.pots.models import Donation, DonationStatus, PeriodType, Pot, PotStatus, Visibility
from portal.pots.policies import collects, has_ended
from portal.pots.words import PAGE_WORDS, raised_words

blueprint = Blueprint("pots_admin", __name__, url_prefix="/admin")
blueprint.context_processor(lambda: PAGE_WORDS | {"raised_words": raised_words})


@blueprint.get("/pots")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def index() -> Response:
    """Every pot, by state, visibility and words."""
    wanted = reports.PotFilter(asked_kind(PotStatus), asked_kind(Visibility, "visibility"), asked())
    if wants_file():
        rows = reports.pots_rows(wanted)
        note_looks([row[0].owner_user_id for row in rows], Opened.FILE, by=actor())
        return _pots_file(rows)
    found = reports.pots_page(wanted, request.args.get("cursor"))
    return page("pots/admin/index.html", pots=found, wanted=wanted, states=PotStatus)


@blueprint.get("/pots/<uuid:pot_id>")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
def detail(pot_id: UUID) -> Response:
    """One pot with its money and its history."""
    shown = queries.any_pot_page(pot_id)
    wanted = reports.GiftFilter(pot_id=pot_id)
    return page(
        "pots/admin/detail.html",
        shown=shown,
        available=available_minor(shown.pot),
        gifts=reports.gifts_page(wanted, request.args.get("cursor")),
        history=reports.history_of(Pot.__tablename__, pot_id),
        has_ended=has_ended(shown.pot),
    )


@blueprint.route("/pots/<uuid:pot_id>/end", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
@step_up
def end(pot_id: UUID) -> Response:
    """End a pot, with a reason."""
    form = EndPotForm()
    if form.validate_on_submit():
        with form.attempt():
            closing.close_pot(
                pot_id, everything_back=form.everything_back.data, reason=form.reason.data, by=actor()
            )
            flash(_("The pot has ended."), "success")
            return see_other(url_for(".detail", pot_id=pot_id))
    shown = queries.any_pot_page(pot_id)
    return page("pots/admin/end.html", shown=shown, form=form, status=422 if form.is_submitted() else 200)


@blueprint.get("/donations")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def donations() -> Response:
    """Every gift, by state, pot and words; those that are held first on request."""
    wanted = reports.GiftFilter(
        status=asked_kind(DonationStatus),
        only_held=request.args.get("held") == "yes",
        pot_id=asked_id("pot"),
        words=asked(),
    )
    if wants_file():
        rows = reports.gifts_rows(wanted)
        _note_donors([row[0] for row in rows], Opened.FILE)
        return _gifts_file(rows)
    found = reports.gifts_page(wanted, request.args.get("cursor"))
    if is_contact(wanted.words or ""):
        _note_donors([row[0] for row in found.items], Opened.SEARCH)
    return page("pots/admin/donations.html", gifts=found, wanted=wanted, states=DonationStatus)


@blueprint.get("/donations/sums")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def sums() -> Response:
    """What came in by day, week and month."""
    kind = asked_kind(PeriodType, "by") or PeriodType.DAILY
    rows = reports.sums(kind)
    if wants_file():
        return _sums_file(rows)
    return page("pots/admin/sums.html", rows=rows, kind=kind, kinds=PeriodType)


@blueprint.get("/donations/<uuid:donation_id>")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
def donation(donation_id: UUID) -> Response:
    """One gift: what was given, how risky it looked, what became of it."""
    return _gift_page(donation_id, ReasonForm(formdata=None))


@blueprint.post("/donations/<uuid:donation_id>/release")
@staff(Permission.MOVE_MONEY)
@step_up
def release(donation_id: UUID) -> Response:
    """Let a held gift count."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            counting.release_gift(donation_id, reason=form.reason.data, by=actor())
            _opened_gift(donation_id, form.reason.data)
            flash(_("The gift counts from now on."), "success")
            return see_other(url_for(".donation", donation_id=donation_id))
    return _gift_page(donation_id, form)


@blueprint.route("/donations/<uuid:donation_id>/refund", methods=["GET", "POST"])
@staff(Permission.MOVE_MONEY)
@step_up
def refund(donation_id: UUID) -> Response:
    """Send a gift back to its donor, with a reason."""
    form = RefundGiftForm()
    if form.validate_on_submit():
        with form.attempt():
            counting.refund_gift(
                donation_id,
                RefundReason(form.reason.data),
                description=form.description.data,
                by=actor(),
            )
            _opened_gift(donation_id, form.description.data)
            flash(_("The refund is on its way."), "success")
            return see_other(url_for(".donation", donation_id=donation_id))
    detail = _opened_gift(donation_id)
    return page(
        "pots/admin/refund.html", detail=detail, form=form, status=422 if form.is_submitted() else 200
    )


def _opened_gift(donation_id: UUID, reason: str | None = None) -> reports.GiftDetail:
    """The gift, and a note for who gave it that somebody of the staff looked (PRV-06)."""
    detail = reports.gift_detail(donation_id)
    _note_donors([detail.donation], Opened.GIFT, reason)
    return detail


def _note_donors(gifts: Sequence[Donation], opened: Opened, reason: str | None = None) -> None:
    people, guests = [gift.donor_user_id for gift in gifts], reports.guest_contacts(gifts)
    note_looks(people, opened, contacts=guests, by=actor(), reason=reason)


def _gift_page(donation_id: UUID, form: ReasonForm) -> Response:
    detail = _opened_gift(donation_id)
    return page(
        "pots/admin/donation.html",
        detail=detail,
        form=form,
        may_release=detail.donation.is_held and collects(detail.pot),
        status=422 if form.is_submitted() else 200,
    )


def _pots_file(rows: Sequence[Any]) -> Response:
    header = (
        "id", "owner", "title", "status", "outcome", "visibility", "target_minor", "raised_minor",
        "credited_minor", "donors", "views", "shares", "birthday", "opened_at", "closed_at",
    )  # fmt: skip
    lines = [
        (
            str(pot.id), owner, pot.title, pot.status, pot.outcome, pot.visibility, pot.target_amount_minor,
            pot.raised_minor, pot.credited_minor, pot.donor_count, pot.view_count, pot.share_count,
            pot.birthday_date, pot.actual_opened_at, pot.closed_at,
        )
        for pot, owner in rows
    ]  # fmt: skip
    return csv_file("pots.csv", header, lines)


def _gifts_file(rows: Sequence[tuple[Donation, str]]) -> Response:
    header = (
        "id", "pot_id", "pot", "status", "held", "amount_minor", "currency", "donor_name", "anonymous",
        "region", "risk_score", "wave_transaction", "initiated_at", "confirmed_at", "refunded_at",
    )  # fmt: skip
    lines = [
        (
            str(gift.id), str(gift.pot_id), title, gift.status, gift.is_held, gift.amount_minor, gift.currency,
            gift.donor_name, gift.is_anonymous, gift.donor_region, gift.risk_score,
            gift.wave_transaction_id, gift.initiated_at, gift.confirmed_at, gift.refunded_at,
        )
        for gift, title in rows
    ]  # fmt: skip
    return csv_file("donations.csv", header, lines)


def _sums_file(rows: Sequence[Any]) -> Response:
    header = ("start", "end", "total_minor", "gifts", "donors", "average_minor", "success_rate")
    lines = [
        (
            row.period_start,
            row.period_end,
            row.total_amount_minor,
            row.transaction_count,
            row.unique_donors,
            row.average_donation_minor,
            row.success_rate,
        )
        for row in rows
    ]
    return csv_file("donation-sums.csv", header, lines)
