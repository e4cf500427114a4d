"""Pages for a person: what the sandbox is, the texts and mails it took, and their JSON for tests."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request

from portal.sandbox import mailbox, twilio
from portal.sandbox.wave import checkout, events, wallet
from portal.sandbox.world import clock_offset, this_world, written

bp = Blueprint("pages", __name__)

PAGE_SIZE = 50
MAX_JSON = 1000
# A mail may bring its own styles and open links in a new tab; it may not run, load, send or navigate.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@bp.get("/")
def index() -> str:
    """What this is, where to look, and what can be done to it."""
    world = this_world()
    with world.store.transaction() as db:
        return render_template(
            "index.html",
            balance=wallet.balance(db),
            receiver=events.receiver(world.config, db),
            now=written(world.timestamp(db)),
            offset=clock_offset(db),
            sessions=checkout.recent(world, db, 10),
            controls=_controls(),
        )


@bp.get("/healthz")
def health() -> dict[str, str]:
    """Whether the sandbox can answer and remember."""
    with this_world().store.transaction() as db:
        db.execute("SELECT 1")
    return {"status": "ok"}


@bp.get("/sms")
def sms_page() -> str:
    """Text messages, newest first."""
    text, before = _search()
    with this_world().store.transaction() as db:
        messages = twilio.listing(db, text=text, before=before, limit=PAGE_SIZE)
    return render_template("sms.html", messages=messages, text=text, page_size=PAGE_SIZE)


@bp.get("/mail")
def mail_page() -> str:
    """Mails, newest first."""
    text, before = _search()
    with this_world().store.transaction() as db:
        messages = mailbox.listing(db, text=text, before=before, limit=PAGE_SIZE)
    return render_template("mail.html", messages=messages, text=text, page_size=PAGE_SIZE)


@bp.get("/mail/<int:number>")
def message_page(number: int) -> str:
    """One mail: headers, text, and the HTML in a frame of its own."""
    return render_template("message.html", message=_message(number))


@bp.get("/mail/<int:number>/html")
def message_html(number: int) -> Response:
    """The HTML of a mail, behind a policy under which it can only be looked at."""
    html = _message(number)["html"]
    if html is None:
        abort(404)
    answer = make_response(f'<base target="_blank">{html}')
    answer.headers["Content-Security-Policy"] = MAIL_CSP
    return answer


@bp.get("/_sandbox/sms")
def sms_json() -> dict[str, Any]:
    """Text messages, newest first: `?to=`, `?q=`, `?limit=`."""
    with this_world().store.transaction() as db:
        found = twilio.listing(db, to=request.args.get("to"), text=request.args.get("q"), limit=_limit())
    return {"messages": found}


@bp.get("/_sandbox/mail")
def mail_json() -> dict[str, Any]:
    """Mails, newest first, without bodies: `?to=`, `?q=`, `?limit=`."""
    with this_world().store.transaction() as db:
        found = mailbox.listing(db, to=request.args.get("to"), text=request.args.get("q"), limit=_limit())
    return {"messages": found}


@bp.get("/_sandbox/mail/<int:number>")
def message_json(number: int) -> dict[str, Any]:
    """One mail with its text, HTML and headers."""
    return _message(number)


def _message(number: int) -> dict[str, Any]:
    with this_world().store.transaction() as db:
        message = mailbox.read(db, number)
    return message if message is not None else abort(404)


def _search() -> tuple[str | None, int | None]:
    return request.args.get("q", "").strip() or None, request.args.get("before", type=int)


def _limit() -> int:
    return max(1, min(request.args.get("limit", PAGE_SIZE, type=int), MAX_JSON))


def _controls() -> list[tuple[str, str, str]]:
    """Every control route with its method and the first line of its description."""
    listed = []
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith("/_sandbox"):
            methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            said = (current_app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()
            listed.append((methods, rule.rule, said[0] if said else ""))
    return sorted(listed, key=lambda control: (control[1], control[0]))
