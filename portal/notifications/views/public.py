"""Doors for people who click in a mail, and for the text message provider."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, request

from portal.gateways.sms import SIGNATURE_HEADER, form_signature_ok, read_receipt
from portal.kernel.access import open_to_all
from portal.kernel.errors import Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, public_url
from portal.kernel.visitor import actor
from portal.notifications import inbox
from portal.notifications.mails import read_unsubscribe
from portal.notifications.receipts import take_sms_receipt
from portal.notifications.words import PAGE_WORDS

# Both doors prove themselves without a cookie: by a signed address, by the provider's signature.
blueprint = Blueprint("notifications_public", __name__)
blueprint.context_processor(lambda: PAGE_WORDS)


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@open_to_all("the signed address in a mail is the right to stop that mail")
def unsubscribe(token: str) -> Response:
    """Stop mails of one topic: asked here, or by a mail program with one click (RFC 8058)."""
    named = read_unsubscribe(token)
    if named is None:
        raise NotFound
    user_id, category = named
    is_done = request.method == "POST"
    if is_done:
        inbox.unsubscribe(user_id, category, by=actor())
    return page("notifications/unsubscribe.html", category=category, is_done=is_done)


@blueprint.post("/webhooks/sms")
@open_to_all("the text message provider tells what became of a message, signed")
def sms_receipt() -> Response:
    """Move a delivery forward; what is unknown, doubled or late is answered 204 all the same."""
    fields = list(request.form.items(multi=True))
    token: str = current_app.config["SETTINGS"].sms_auth_token
    called = public_url(request.full_path.rstrip("?"))
    if not form_signature_ok(request.headers.get(SIGNATURE_HEADER), token, called, fields):
        raise Forbidden(_("This receipt is not signed by the provider."))
    receipt = read_receipt(request.form)
    if receipt is not None:
        take_sms_receipt(receipt, parse_id(request.args.get("delivery")))
    return make_response("", 204)
