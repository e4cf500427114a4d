"""Admins follow every scan, and take a code back when something went wrong (QR-17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import changes_something, staff, step_up_when
from portal.kernel.asking import wants_file
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.redemptions import issuing, queries
from portal.redemptions.codes import masked
from portal.redemptions.models import QrStatus
from portal.redemptions.views.asking import wanted_scans
from portal.redemptions.words import ERROR_LABELS

blueprint = Blueprint("redemptions_admin", __name__, url_prefix="/admin/redemptions")
blueprint.context_processor(lambda: {"error_labels": ERROR_LABELS})


@blueprint.get("")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def log() -> Response:
    """Every scan of every house; a whole code in the search box leads to that code."""
    wanted = wanted_scans()
    if wants_file():
        return _as_file(wanted)
    code_id = queries.code_typed(wanted.code) if wanted.code else None
    if code_id is not None:
        return see_other(url_for(".detail", code_id=code_id))
    scans = queries.scans_page(wanted, request.args.get("cursor"))
    return page("redemptions/admin/log.html", scans=scans, wanted=wanted)


@blueprint.route("/codes/<uuid:code_id>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
@step_up_when(changes_something)
def detail(code_id: UUID) -> Response:
    """One code with its story and its scans; canceled with a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            issuing.cancel_code(code_id, form.reason.data, by=actor())
            flash(_("The code is canceled, and its money is back with its owner."), "success")
            return see_other(url_for(".detail", code_id=code_id))
    file = queries.code_file(code_id)
    if not form.is_submitted():
        note_looks([file.code.beneficiary_user_id], Opened.GIFT, by=actor())
    return page(
        "redemptions/admin/detail.html",
        file=file,
        form=form,
        typed_code=masked(file.code.code),
        can_be_canceled=file.code.status is QrStatus.ISSUED,
        status=422 if form.is_submitted() else 200,
    )


def _note_those_at_the_till(scans: Sequence[Any]) -> None:
    """Who scanned, with name and network in the file, and whose gift it was (PRV-06)."""
    people = [
        one
        for line, code, *_rest in scans
        for one in (line.scanned_by_user_id, code and code.beneficiary_user_id)
    ]
    note_looks(people, Opened.FILE, by=actor())


def _as_file(wanted: queries.ScanFilter) -> Response:
    header = ("when", "house", "result", "reason", "code", "pack", "price", "place", "staff", "address")
    scans = queries.scans_rows(wanted)
    _note_those_at_the_till(scans)
    rows = [
        (
            line.occurred_at.isoformat(),
            house or "",
            line.validation_result,
            line.error_code or "",
            line.scanned_code,
            pack or "",
            code.price_minor if code else "",
            place or "",
            staff or "",
            str(line.ip_address or ""),
        )
        for line, code, pack, place, staff, house in scans
    ]
    return csv_file("redemptions.csv", header, rows)
