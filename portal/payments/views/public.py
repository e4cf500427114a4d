"""Where Wave leaves its messages. It must answer within five seconds whatever the load, so it only keeps them."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, current_app, make_response, request

from portal.gateways.wave import EventUnreadable, parse_event, signature_ok
from portal.gateways.wave.signature import HEADER
from portal.gateways.wave.webhooks import MAX_BODY_BYTES
from portal.kernel import clock
from portal.kernel.access import open_to_all
from portal.payments.webhooks import store_event

blueprint = Blueprint("payments_public", __name__)

log = structlog.get_logger(__name__)


@blueprint.post("/webhooks/wave")
@open_to_all("Wave calls it; the signature over the raw bytes is what lets a message in")
def wave_webhook() -> Response:
    """Keep a signed message and say so; anything else is refused without a word and leaves no trace (DON-21)."""
    request.max_content_length = MAX_BODY_BYTES
    body = request.get_data(cache=False)
    secrets = current_app.config["SETTINGS"].wave_webhook_secrets
    if not signature_ok(request.headers.get(HEADER), body, secrets, clock.now()):
        log.warning("webhook_unsigned", size=len(body))
        return make_response("", 401)
    try:
        event = parse_event(body)
    except EventUnreadable as unreadable:
        log.warning("webhook_unreadable", why=str(unreadable))
        return make_response("", 400)
    store_event(event)
    return make_response("", 200)
