"""Operators watch what is sent, write the words, and look at the rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import is_contact, note_looks
from portal.audit.models import Opened
from portal.kernel.access import changes_something, staff, step_up_when
from portal.kernel.asking import asked, asked_kind, wants_file
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.notifications import operations, queries, templates
from portal.notifications.catalog import template_for
from portal.notifications.forms import TemplateForm, TestSendForm
from portal.notifications.models import Channel, DeliveryStatus, NotificationDelivery, NotificationTemplate
from portal.notifications.words import CHANNEL_WORDS, PAGE_WORDS

blueprint = Blueprint("notifications_admin", __name__, url_prefix="/admin/notifications")
blueprint.context_processor(lambda: PAGE_WORDS)

RATE_DAYS = 30
_CSV_HEAD = ("id", "created_at", "template", "channel", "recipient", "status", "attempt", "sent_at", "error")


def _wanted() -> queries.DeliveryFilter:
    """What the address asks for; a part that names nothing is left out."""
    return queries.DeliveryFilter(
        channel=asked_kind(Channel, "channel"),
        status=asked_kind(DeliveryStatus),
        template_key=asked("template"),
        recipient=asked("q", 255),
        dead_only=request.args.get("dead") == "1",
    )


@blueprint.get("")
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
@step_up_when(wants_file)
def deliveries() -> Response:
    """Every attempt on every channel; dead ones can be tried again (NTF-39)."""
    wanted = _wanted()
    if wants_file():
        rows = queries.deliveries_rows(wanted)
        _note_recipients(rows, Opened.FILE)
        return csv_file("deliveries.csv", _CSV_HEAD, map(_csv_row, rows))
    found = queries.deliveries_page(wanted, request.args.get("cursor"))
    if is_contact(wanted.recipient or ""):
        _note_recipients(found.items, Opened.SEARCH)
    return page(
        "notifications/admin/deliveries.html",
        deliveries=found,
        wanted=wanted,
        channel_choices=[(value, _(words)) for value, words in CHANNEL_WORDS.items()],
        states=list(DeliveryStatus),
    )


@blueprint.post("/<uuid:delivery_id>/retry")
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
def retry(delivery_id: UUID) -> Response:
    """Try a dead delivery again."""
    operations.retry_dead(delivery_id, by=actor())
    flash(_("It is being sent again."), "success")
    return see_other(url_for("notifications_admin.deliveries", dead=1))


@blueprint.get("/templates")
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
def template_list() -> Response:
    """The words in force, by message and language."""
    return page(
        "notifications/admin/templates.html",
        templates=queries.active_templates(),
        language_name=templates.language_name,
    )


@blueprint.route("/templates/<uuid:template_id>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
@step_up_when(changes_something)
def template(template_id: UUID) -> Response:
    """Read, preview and rewrite one message in one language; saving makes a new version (NTF-25)."""
    shown, form = queries.template_version(template_id), TemplateForm()
    if form.validate_on_submit():
        with form.attempt():
            channels = tuple(Channel(name) for name in form.channels.data)
            made = templates.new_version(template_id, form.text(), channels, by=actor())
            flash(_("Version %(number)s is in force.", number=made.version), "success")
            return see_other(url_for("notifications_admin.template", template_id=made.id))
    if not form.is_submitted():
        form.show(shown)
    return _template_page(shown, form, TestSendForm(), status=422 if form.is_submitted() else 200)


@blueprint.post("/templates/<uuid:template_id>/sample")
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
def sample(template_id: UUID) -> Response:
    """Mail this version with sample data."""
    shown, form, words = queries.template_version(template_id), TestSendForm(), TemplateForm(formdata=None)
    if form.validate_on_submit():
        operations.send_sample(template_id, form.email.data, by=actor())
        flash(_("The sample is on its way."), "success")
        return see_other(url_for("notifications_admin.template", template_id=template_id))
    words.show(shown)
    return _template_page(shown, words, form, status=422)


@blueprint.get("/rates")
@staff(Permission.HELP_PEOPLE, Permission.OPERATE)
def rates() -> Response:
    """How much was sent, delivered and refused, by message and channel (NTF-52)."""
    rows = [_Rate(*list(row)) for row in queries.rates(RATE_DAYS)]
    return page("notifications/admin/rates.html", rows=rows, days=RATE_DAYS)


@dataclass(frozen=True, slots=True)
class _Rate:
    """One line of the rates page."""

    template_key: str
    channel: str
    sent: int
    delivered: int
    failed: int
    bounced: int

    @property
    def delivered_percent(self) -> int:
        """Confirmed arrivals of what was sent, in whole percent."""
        return round(100 * self.delivered / self.sent) if self.sent else 0


def _template_page(
    shown: NotificationTemplate, form: TemplateForm, sample_form: TestSendForm, status: int
) -> Response:
    message = template_for(shown.template_key)
    return page(
        "notifications/admin/template.html",
        version=shown,
        message=message,
        form=form,
        sample_form=sample_form,
        preview=templates.preview(shown),
        spoken_in=templates.language_name(shown),
        versions=queries.versions(shown.template_key, shown.locale),
        status=status,
    )


def _note_recipients(rows: Sequence[NotificationDelivery], opened: Opened) -> None:
    strangers = [row.recipient_identifier for row in rows if row.user_id is None]
    note_looks([row.user_id for row in rows], opened, contacts=strangers, by=actor())


def _csv_row(row: NotificationDelivery) -> tuple[object, ...]:
    return (
        str(row.id),
        row.created_at.isoformat(),
        row.template_key,
        row.channel,
        row.recipient_identifier,
        row.status,
        row.attempt_no,
        row.sent_at.isoformat() if row.sent_at else "",
        row.error_code or "",
    )
