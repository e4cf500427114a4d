"""People who steer the portal look at payments, give money back, and see what Wave told us (DON-24, DON-29)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind, wants_file
from portal.kernel.i18n import _
from portal.kernel.money import Money
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.payments import confirmation, policies, queries, refunds, webhooks, words
from portal.payments.forms import NoteForm, RefundForm
from portal.payments.models import (
    PaymentStatus,
    PaymentTransaction,
    PaymentWebhookEvent,
    Refund,
    RefundReason,
    RefundStatus,
    TransactionType,
    WebhookStatus,
)

blueprint = Blueprint("payments_admin", __name__, url_prefix="/admin")
blueprint.context_processor(lambda: words.PAGE_WORDS)


@blueprint.get("/payments")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def transactions() -> Response:
    """Every payment, by state, kind, reference or amount."""
    wanted = _wanted_payments()
    if wants_file():
        rows = queries.payments_rows(wanted)
        note_looks([row.payer_user_id for row in rows], Opened.FILE, by=actor())
        return _payments_file(rows)
    found = queries.payments_page(wanted, request.args.get("cursor"))
    return page("payments/transactions.html", payments=found, wanted=wanted, states=PaymentStatus)


@blueprint.get("/payments/<uuid:payment_id>")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
def transaction(payment_id: UUID) -> Response:
    """One payment and all that happened to it."""
    return _payment_page(payment_id, NoteForm())


@blueprint.post("/payments/<uuid:payment_id>/review")
@staff(Permission.MOVE_MONEY)
@step_up
def close_review(payment_id: UUID) -> Response:
    """Take a payment off the list of those that wait for a check."""
    form = NoteForm()
    if form.validate_on_submit():
        with form.attempt():
            confirmation.close_review(payment_id, form.note.data, by=actor())
            flash(_("The check is closed."), "success")
            return see_other(url_for(".transaction", payment_id=payment_id))
    return _payment_page(payment_id, form)


@blueprint.route("/payments/<uuid:payment_id>/refund", methods=["GET", "POST"])
@staff(Permission.MOVE_MONEY)
@step_up
def refund(payment_id: UUID) -> Response:
    """Give a payment back, whole or in part."""
    form = RefundForm()
    detail = queries.payment_detail(payment_id)
    if form.validate_on_submit():
        with form.attempt():
            refunds.request_refund(
                payment_id,
                RefundReason(form.reason.data),
                form.description.data,
                Money(form.amount.data, detail.payment.currency) if form.amount.data else None,
                by=actor(),
            )
            flash(_("The refund is on its way."), "success")
            return see_other(url_for(".transaction", payment_id=payment_id))
    if not form.is_submitted():
        note_looks([detail.payment.payer_user_id], Opened.PAYMENT, by=actor())
    return page("payments/refund.html", detail=detail, form=form, status=422 if form.is_submitted() else 200)


@blueprint.get("/refunds", endpoint="refunds")
@staff(Permission.SEE_PEOPLE, Permission.SEE_MONEY)
@step_up_when(wants_file)
def refund_list() -> Response:
    """Every refund, by state."""
    status = asked_kind(RefundStatus)
    if wants_file():
        rows = queries.refunds_rows(status)
        note_looks([payer_id for _refund, payer_id in rows], Opened.FILE, by=actor())
        return _refunds_file([refund for refund, _payer_id in rows])
    found = queries.refunds_page(status, request.args.get("cursor"))
    return page("payments/refunds.html", refunds=found, wanted=status, states=RefundStatus)


@blueprint.post("/refunds/<uuid:refund_id>/retry")
@staff(Permission.MOVE_MONEY)
@step_up
def retry_refund(refund_id: UUID) -> Response:
    """Ask Wave once more for a refund that failed or never got an answer."""
    asked = refunds.retry_refund(refund_id, by=actor())
    flash(_("Wave is being asked again."), "success")
    return see_other(url_for(".transaction", payment_id=asked.payment_transaction_id))


@blueprint.get("/webhooks", endpoint="webhooks")
@staff(Permission.SEE_MONEY, Permission.OPERATE)
@step_up_when(wants_file)
def webhook_list() -> Response:
    """What Wave told us, and what became of it."""
    status, typed = asked_kind(WebhookStatus), asked()
    if wants_file():
        return _webhooks_file(queries.webhooks_rows(status, typed))
    found = queries.webhooks_page(status, typed, request.args.get("cursor"))
    return page(
        "payments/webhooks.html",
        events=found,
        wanted=status,
        asked=typed,
        states=WebhookStatus,
    )


@blueprint.get("/webhooks/<uuid:event_id>")
@staff(Permission.SEE_MONEY, Permission.OPERATE)
def webhook(event_id: UUID) -> Response:
    """One message of Wave, as it came."""
    return _webhook_page(event_id, NoteForm())


@blueprint.post("/webhooks/<uuid:event_id>/retry")
@staff(Permission.OPERATE)
@step_up
def retry_webhook(event_id: UUID) -> Response:
    """Have a message processed again."""
    webhooks.retry_event(event_id, by=actor())
    flash(_("The message is being processed again."), "success")
    return see_other(url_for(".webhook", event_id=event_id))


@blueprint.post("/webhooks/<uuid:event_id>/dismissal")
@staff(Permission.OPERATE)
@step_up
def dismiss_webhook(event_id: UUID) -> Response:
    """Set a message aside that a person has dealt with."""
    form = NoteForm()
    if form.validate_on_submit():
        with form.attempt():
            webhooks.dismiss_event(event_id, form.note.data, by=actor())
            flash(_("The message is set aside."), "success")
            return see_other(url_for(".webhook", event_id=event_id))
    return _webhook_page(event_id, form)


def _payment_page(payment_id: UUID, form: NoteForm) -> Response:
    detail = queries.payment_detail(payment_id)
    if not form.is_submitted():
        note_looks([detail.payment.payer_user_id], Opened.PAYMENT, by=actor())
    return page(
        "payments/transaction.html",
        detail=detail,
        form=form,
        can_refund=policies.may_be_refunded(detail.payment, detail.refunds),
        status=422 if form.is_submitted() else 200,
    )


def _webhook_page(event_id: UUID, form: NoteForm) -> Response:
    event, history = queries.webhook_detail(event_id)
    if not form.is_submitted():
        payer_id, numbers = queries.payer_of(event)
        note_looks([payer_id], Opened.PAYMENT, contacts=numbers, by=actor())
    return page(
        "payments/webhook.html",
        event=event,
        history=history,
        form=form,
        status=422 if form.is_submitted() else 200,
    )


def _wanted_payments() -> queries.PaymentFilter:
    """What the address asks for; a part that names nothing is left out."""
    return queries.PaymentFilter(
        status=asked_kind(PaymentStatus),
        kind=asked_kind(TransactionType, "kind"),
        only_review=request.args.get("review") == "yes",
        words=asked(),
    )


def _payments_file(rows: Sequence[PaymentTransaction]) -> Response:
    header = (
        "id", "kind", "status", "amount_minor", "refunded_minor", "currency", "source", "source_id",
        "provider_reference", "provider_session", "failure", "needs_review", "created_at", "succeeded_at",
    )  # fmt: skip
    lines = [
        (
            str(row.id),
            row.transaction_type,
            row.status,
            row.amount_minor,
            row.refunded_minor,
            row.currency,
            row.source_type,
            str(row.source_id),
            row.provider_reference,
            row.provider_session_id,
            row.failure_code,
            row.review_reason if row.needs_review else None,
            row.created_at.isoformat(),
            row.succeeded_at.isoformat() if row.succeeded_at else None,
        )
        for row in rows
    ]
    return csv_file("payments.csv", header, lines)


def _refunds_file(rows: Sequence[Refund]) -> Response:
    header = ("id", "payment_id", "status", "amount_minor", "currency", "reason", "description",
              "provider_reference", "last_error", "created_at", "completed_at")  # fmt: skip
    lines = [
        (
            str(row.id),
            str(row.payment_transaction_id),
            row.status,
            row.amount_minor,
            row.currency,
            row.reason,
            row.reason_description,
            row.provider_refund_id,
            row.last_error,
            row.created_at.isoformat(),
            row.completed_at.isoformat() if row.completed_at else None,
        )
        for row in rows
    ]
    return csv_file("refunds.csv", header, lines)


def _webhooks_file(rows: Sequence[PaymentWebhookEvent]) -> Response:
    header = ("id", "provider_event_id", "type", "status", "payment_id", "retries", "error", "created_at")
    lines = [
        (
            str(row.id),
            row.provider_event_id,
            row.event_type,
            row.status,
            str(row.payment_transaction_id) if row.payment_transaction_id else None,
            row.retry_count,
            row.processing_error,
            row.created_at.isoformat(),
        )
        for row in rows
    ]
    return csv_file("webhooks.csv", header, lines)
