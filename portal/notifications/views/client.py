"""A person's message center and wishes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from portal.kernel.access import signed_in
from portal.kernel.asking import asked_kind
from portal.kernel.i18n import _
from portal.kernel.pages import page, safe_next, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.notifications import inbox, queries
from portal.notifications.forms import PreferencesForm
from portal.notifications.models import NotificationType
from portal.notifications.words import PAGE_WORDS

blueprint = Blueprint("notifications", __name__)
blueprint.context_processor(lambda: PAGE_WORDS)


@blueprint.get("/messages")
@signed_in
def center() -> Response:
    """My messages: all, unread or archived, and of one type (NTF-15)."""
    user_id = known_visitor().user_id
    kind, shown = request.args.get("type", ""), request.args.get("show", "")
    messages = queries.inbox(
        user_id,
        type_=asked_kind(NotificationType, "type"),
        unread_only=shown == "unread",
        archived=shown == "archived",
        cursor=request.args.get("cursor"),
    )
    return page(
        "notifications/center.html",
        messages=messages,
        summary=queries.summary(user_id),
        kind=kind,
        shown=shown,
    )


@blueprint.get("/messages/unread")
@signed_in
def unread() -> Response:
    """The bell's number, asked for once a minute by pages that stay open."""
    count = queries.unread_count(known_visitor().user_id)
    response = make_response(render_template("notifications/_unread.html", count=count))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/messages/<uuid:notification_id>")
@signed_in
def open_message(notification_id: UUID) -> Response:
    """Go where the message leads; it is read from now on (NTF-07)."""
    message = inbox.open_notification(notification_id, user_id=known_visitor().user_id)
    return see_other(safe_next(message.action_link, url_for("notifications.center")))


@blueprint.post("/messages/<uuid:notification_id>/read")
@signed_in
def mark_read(notification_id: UUID) -> Response:
    """One message is read."""
    inbox.open_notification(notification_id, user_id=known_visitor().user_id)
    return _back()


@blueprint.post("/messages/read")
@signed_in
def mark_all_read() -> Response:
    """Every message is read."""
    inbox.mark_all_read(known_visitor().user_id)
    flash(_("All messages are marked as read."), "success")
    return _back()


@blueprint.post("/messages/<uuid:notification_id>/archive")
@signed_in
def archive(notification_id: UUID) -> Response:
    """Put one message away."""
    inbox.archive(notification_id, user_id=known_visitor().user_id)
    return _back()


@blueprint.route("/settings/notifications", methods=["GET", "POST"])
@signed_in
def preferences() -> Response:
    """What I want to hear, where and when (NTF-47)."""
    user_id = known_visitor().user_id
    chosen, form = queries.preferences_of(user_id), PreferencesForm()
    if form.validate_on_submit():
        inbox.save_preferences(user_id, form.wishes(chosen), by=actor())
        flash(_("Your choices are saved."), "success")
        return see_other(url_for("notifications.preferences"))
    if not form.is_submitted():
        form.show(chosen)
    return page("notifications/preferences.html", form=form, status=422 if form.errors else 200)


def _back() -> Response:
    """The list as it was: the same filters, the same page."""
    return see_other(safe_next(request.form.get("next"), url_for("notifications.center")))
