"""The ledger: accounts, statements, transfers, and the proof that all sums to zero."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.admin import books
from portal.admin.forms import HouseMoneyForm
from portal.admin.services import run_now
from portal.admin.views.door import blueprint
from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked_id, asked_kind, wants_file
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.ledger.jobs import SELF_CHECK
from portal.ledger.models import OwnerType, Purpose
from portal.ledger.queries import statement
from portal.payments.wallet import COMPARE_JOB, book_house_money

CSV_ROWS = 10_000


@blueprint.get("/ledger")
@staff(Permission.SEE_MONEY)
def ledger() -> Response:
    """Accounts by owner and purpose, under the trial balance (PAY-01, PAY-04)."""
    wanted = books.AccountFilter(
        asked_kind(OwnerType, "owner"), asked_kind(Purpose, "purpose"), asked_id("q")
    )
    found = books.accounts(wanted, request.args.get("cursor"))
    return page(
        "admin/ledger.html",
        accounts=found,
        names=books.names_of(found.items),
        wanted=wanted,
        balance=books.trial_balance(),
        wallet=books.wallet_comparison(),
        owner_types=list(OwnerType),
        purposes=list(Purpose),
    )


@blueprint.get("/ledger/accounts/<uuid:account_id>")
@staff(Permission.SEE_MONEY)
@step_up_when(wants_file)
def ledger_account(account_id: UUID) -> Response:
    """One account with everything that moved it."""
    account = books.account(account_id)
    note_looks([account.owner_id], Opened.FILE if wants_file() else Opened.PAYMENT, by=actor())
    if wants_file():
        rows = statement(account_id, size=CSV_ROWS).items
        lines = [
            (entry.created_at.isoformat(), transfer.kind, transfer.status, entry.amount_minor, account.unit)
            for entry, transfer in rows
        ]
        head = ("at", "kind", "status", "amount_minor", "unit")
        return csv_file("statement.csv", head, lines)
    return page(
        "admin/ledger_account.html",
        account=account,
        name=books.names_of([account]).get(account.id, ""),
        lines=statement(account_id, request.args.get("cursor")),
    )


@blueprint.get("/ledger/transfers/<uuid:transfer_id>")
@staff(Permission.SEE_MONEY)
def ledger_transfer(transfer_id: UUID) -> Response:
    """One movement with its entries."""
    detail = books.transfer(transfer_id)
    note_looks([account.owner_id for _entry, account in detail.lines], Opened.PAYMENT, by=actor())
    names = books.names_of([account for _entry, account in detail.lines])
    return page("admin/ledger_transfer.html", detail=detail, names=names)


@blueprint.post("/ledger/comparison")
@staff(Permission.SEE_MONEY)
def compare_wallet() -> Response:
    """Compare the wallet at Wave with the books now, in the background."""
    if run_now(COMPARE_JOB, by=actor()):
        flash(_("The comparison has begun. Load this page again in a moment."), "success")
    else:
        flash(_("A comparison is under way, or the queue does not answer."), "warning")
    return see_other(url_for("admin.ledger"))


@blueprint.route("/ledger/house-money", methods=["GET", "POST"])
@staff(Permission.MOVE_MONEY)
@step_up
def house_money() -> Response:
    """Note what the house put into the wallet at Wave itself, or took out."""
    form = HouseMoneyForm()
    if form.validate_on_submit():
        with form.attempt():
            book_house_money(form.amount.data, form.reason.data, form.movement_id(), by=actor())
            flash(_("It is in the books."), "success")
            return see_other(url_for("admin.ledger"))
    return page("admin/house_money.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.post("/ledger/check")
@staff(Permission.SEE_MONEY)
def check_ledger() -> Response:
    """Prove the ledger again now, in the background."""
    if run_now(SELF_CHECK, by=actor()):
        flash(_("The check has begun. Load this page again in a moment."), "success")
    else:
        flash(_("A check is under way, or the queue does not answer."), "warning")
    return see_other(url_for("admin.ledger"))
