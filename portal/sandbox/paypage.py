"""The page behind `wave_launch_url`, where a person plays the payer (contract §5 and §11)."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from portal.sandbox.addresses import origin_of
from portal.sandbox.wave import checkout
from portal.sandbox.wave.answers import PAYMENT_FAILURES, Problem
from portal.sandbox.wave.bodies import MOBILE, Json
from portal.sandbox.words import words_for
from portal.sandbox.world import this_world

bp = Blueprint("paypage", __name__)

DEFAULT_PAYER = "+221770000000"


@bp.get("/c/<session_id>")
def show(session_id: str) -> Response:
    """The request for money, or what became of it."""
    world = this_world()
    with world.store.transaction() as db:
        try:
            session = checkout.show(world, checkout.find(world, db, session_id))
        except Problem:
            session = None
    return _page(session, 404 if session is None else 200)


@bp.post("/c/<session_id>")
def answer(session_id: str) -> Response:
    """Pay, fail or walk away; then back to the merchant, whom the redirect alone proves nothing."""
    world = this_world()
    choice = request.form.get("choice")
    mobile = "".join(request.form.get("mobile", "").split()) or DEFAULT_PAYER
    reason = request.form.get("reason", "")
    with world.store.transaction() as db:
        try:
            session = checkout.show(world, checkout.find(world, db, session_id))
        except Problem:
            return _page(None, 404)
        if session["checkout_status"] != "open":
            return _page(session, 409)
        if choice == "pay" and not MOBILE.looks_right(mobile):
            return _page(session, 422, wrong_mobile=True)
        if choice == "pay":
            session = checkout.pay(world, db, session_id, mobile)
        elif choice == "fail":
            code = reason if reason in PAYMENT_FAILURES else "payment-failure"
            session = checkout.fail(world, db, session_id, code)
    is_paid = session["payment_status"] == "succeeded"
    return _closed(redirect(session["success_url" if is_paid else "error_url"], 303))


def _page(session: Json | None, status: int, *, wrong_mobile: bool = False) -> Response:
    page = render_template(
        "pay.html",
        session=session,
        words=words_for(request.accept_languages.best_match(["fr", "en"], "fr")),
        reasons=PAYMENT_FAILURES,
        default_payer=DEFAULT_PAYER,
        wrong_mobile=wrong_mobile,
    )
    made = make_response(page, status)
    if session is not None:
        # Browsers hold `form-action` against the redirect that follows a form, so both ways back are named.
        ways_back = {origin_of(session["success_url"]), origin_of(session["error_url"])}
        made.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {' '.join(sorted(ways_back))}"
        )
    return _closed(made)


def _closed(response: object) -> Response:
    made = make_response(response)
    made.headers["Cache-Control"] = "no-store"
    return made
