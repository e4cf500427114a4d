"""The Twilio half: takes text messages, keeps them to be read, and sends signed receipts (messaging §1)."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, request

from portal.gateways.sms import MAX_BODY_LENGTH, SIGNATURE_HEADER, signature
from portal.sandbox import faults
from portal.sandbox.config import SandboxConfig
from portal.sandbox.outbox import enqueue
from portal.sandbox.store import Database, Row, insert, like
from portal.sandbox.wave.door import with_faults
from portal.sandbox.world import World, this_world, written

bp = Blueprint("twilio", __name__, url_prefix="/2010-04-01/Accounts")

KEEP = 20_000
API_VERSION = "2010-04-01"
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_SEGMENT = 160
_RECEIPT_PAUSE_SECONDS = 0.3


class Refused(Exception):
    """A call that Twilio answers with an error: its own code, and the HTTP status."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@bp.post("/<account_sid>/Messages.json")
def create_message(account_sid: str) -> Response:
    """Take a message."""
    try:
        _authenticate(this_world().config, account_sid)
        return with_faults("sms.create", lambda: make_response(jsonify(_create(account_sid)), 201))
    except Refused as refusal:
        return _render(refusal)


@bp.get("/<account_sid>/Messages/<sid>.json")
def get_message(account_sid: str, sid: str) -> Response:
    """A message with its present status."""
    try:
        _authenticate(this_world().config, account_sid)
        with this_world().store.transaction() as db:
            row = db.execute("SELECT * FROM sms WHERE sid = ?", (sid,)).fetchone()
        if row is None:
            raise Refused(20404, "The requested resource was not found", 404)
        return make_response(jsonify(_show(row, account_sid)))
    except Refused as refusal:
        return _render(refusal)


def receipt_headers(config: SandboxConfig, delivery: Row) -> dict[str, str]:
    """The headers of a receipt, signed over its address and every field (messaging §1)."""
    fields = parse_qsl(delivery["body"].decode(), keep_blank_values=True)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        SIGNATURE_HEADER: signature(config.sms_auth_token, delivery["url"], fields),
    }


def listing(
    db: Database,
    *,
    to: str | None = None,
    text: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Messages, newest first: to one number, holding a text, older than a number in the list."""
    rows = db.execute(
        "SELECT * FROM sms WHERE (?1 IS NULL OR recipient = ?1) AND (?2 IS NULL OR id < ?2)"
        " AND (?3 IS NULL OR body LIKE ?3 ESCAPE '\\' OR recipient LIKE ?3 ESCAPE '\\')"
        " ORDER BY id DESC LIMIT ?4",
        (to, before, like(text) if text else None, limit),
    ).fetchall()
    return [
        {
            "number": row["id"],
            "sid": row["sid"],
            "to": row["recipient"],
            "from": row["sender"],
            "body": row["body"],
            "status": row["status"],
            "error_code": row["error_code"],
            "sent_at": written(row["created"]),
        }
        for row in rows
    ]


def _create(account_sid: str) -> dict[str, Any]:
    form = request.form
    _check(form.get("To", ""), form.get("From") or form.get("MessagingServiceSid"), form.get("Body", ""))
    callback = form.get("StatusCallback")
    if callback is not None and urlsplit(callback).scheme not in {"http", "https"}:
        raise Refused(21609, "The StatusCallback URL is not a valid URL.")
    world = this_world()
    with world.store.transaction() as db:
        fault = faults.take(db, "sms.create", {"outcome"}, form)
        details = fault.details if fault is not None else {}
        sid = "SM" + secrets.token_hex(16)
        number = insert(
            db,
            "sms",
            sid=sid,
            recipient=form["To"],
            sender=form.get("From", ""),
            body=form["Body"],
            status=str(details.get("final", "delivered")),
            error_code=details.get("error_code"),
            status_callback=callback,
            created=world.timestamp(db),
        )
        db.execute("DELETE FROM sms WHERE id <= ?", (number - KEEP,))
        row = db.execute("SELECT * FROM sms WHERE id = ?", (number,)).fetchone()
        if callback is not None:
            _promise_receipts(world, db, row, account_sid)
    first = {"status": "queued" if form.get("From") else "accepted", "error_code": None}
    return _show(row, account_sid) | first


def _check(to: str, sender: str | None, body: str) -> None:
    if not _NUMBER.fullmatch(to):
        raise Refused(21211, "The 'To' number is not a valid phone number.")
    if not sender:
        raise Refused(21603, "A 'From' phone number is required.")
    if not body:
        raise Refused(21602, "Message body is required.")
    if len(body) > MAX_BODY_LENGTH:
        raise Refused(21617, "The concatenated message body exceeds the 1600 character limit.")


def _promise_receipts(world: World, db: Database, row: Row, account_sid: str) -> None:
    """Twilio tells of each status after the first: here sent, then the final one."""
    final: dict[str, str] = {"ErrorCode": str(row["error_code"])} if row["error_code"] else {}
    for step, (status, extra) in enumerate((("sent", {}), (row["status"], final))):
        fields = {
            "AccountSid": account_sid,
            "ApiVersion": API_VERSION,
            "From": row["sender"],
            "MessageSid": row["sid"],
            "MessageStatus": status,
            "SmsSid": row["sid"],
            "SmsStatus": status,
            "To": row["recipient"],
            **extra,
        }
        enqueue(
            world,
            db,
            provider="twilio",
            event_id=row["sid"],
            event_type=status,
            url=row["status_callback"],
            body=urlencode(fields).encode(),
            wait_seconds=step * _RECEIPT_PAUSE_SECONDS,
        )


def _show(row: Row, account_sid: str) -> dict[str, Any]:
    made = format_datetime(datetime.fromtimestamp(row["created"], UTC))
    return {
        "sid": row["sid"],
        "account_sid": account_sid,
        "status": row["status"],
        "to": row["recipient"],
        "from": row["sender"],
        "messaging_service_sid": None,
        "body": row["body"],
        "num_segments": str(1 + (len(row["body"]) - 1) // _SEGMENT),
        "num_media": "0",
        "direction": "outbound-api",
        "price": None,
        "price_unit": "USD",
        "error_code": row["error_code"],
        "error_message": None,
        "date_created": made,
        "date_updated": made,
        "date_sent": None,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Messages/{row['sid']}.json",
        "api_version": API_VERSION,
        "subresource_uris": {},
    }


def _authenticate(config: SandboxConfig, account_sid: str) -> None:
    wanted = f"{config.sms_account_sid}:{config.sms_auth_token}".encode()
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except binascii.Error:
        given = b""
    if not hmac.compare_digest(given, wanted) or account_sid != config.sms_account_sid:
        raise Refused(20003, "Authenticate", 401)


def _render(refusal: Refused) -> Response:
    body = {
        "code": refusal.code,
        "message": refusal.message,
        "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
        "status": refusal.status,
    }
    return make_response(jsonify(body), refusal.status)
