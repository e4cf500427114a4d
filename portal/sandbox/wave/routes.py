"""Wave's addresses: each view reads strictly, does one thing in one transaction, and answers as Wave does."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, make_response, request

from portal.sandbox import faults
from portal.sandbox.wave import checkout, payouts, recipients, wallet
from portal.sandbox.wave.answers import Problem
from portal.sandbox.wave.bodies import (
    PAYOUT_FIELDS,
    RECIPIENT_FIELDS,
    Json,
    check,
    check_batch,
    check_key,
    check_nothing,
    checkout_fields,
    parse,
)
from portal.sandbox.wave.door import Answer, authenticate, operation, render
from portal.sandbox.world import this_world

bp = Blueprint("wave", __name__, url_prefix="/v1")


@bp.post("/checkout/sessions")
@operation("checkout.create")
def create_session() -> Answer:
    """Ask for money."""
    world = this_world()
    order = check(_body(), checkout_fields(world.config.https_only))
    with world.store.transaction() as db:
        return checkout.create(world, db, order)


@bp.get("/checkout/sessions/<session_id>")
@operation("checkout.get")
def get_session(session_id: str) -> Answer:
    """One session."""
    world = this_world()
    with world.store.transaction() as db:
        return checkout.show(world, checkout.find(world, db, session_id))


@bp.get("/checkout/sessions")
@operation("checkout.by_transaction")
def get_session_by_transaction() -> Answer:
    """The session that a transaction paid."""
    world = this_world()
    with world.store.transaction() as db:
        return checkout.show(world, checkout.find_by_transaction(world, db, _needed("transaction_id")))


@bp.get("/checkout/sessions/search")
@operation("checkout.search")
def search_sessions() -> Answer:
    """Sessions by our reference."""
    world = this_world()
    with world.store.transaction() as db:
        return {"result": checkout.search(world, db, _needed("client_reference"))}


@bp.post("/checkout/sessions/<session_id>/expire")
@operation("checkout.expire")
def expire_session(session_id: str) -> Answer:
    """End an open session."""
    check_nothing(request.get_data())
    world = this_world()
    with world.store.transaction() as db:
        checkout.expire(world, db, session_id)
    return _empty()


@bp.post("/checkout/sessions/<session_id>/refund")
@operation("checkout.refund")
def refund_session(session_id: str) -> Answer:
    """Give a paid session's money back."""
    check_nothing(request.get_data())
    world = this_world()
    with world.store.transaction() as db:
        checkout.refund(world, db, session_id)
    return _empty()


@bp.post("/payout")
@operation("payout.create")
def create_payout() -> Answer:
    """Send money."""
    key = check_key(request.headers.get("Idempotency-Key"))
    order = check(_body(), PAYOUT_FIELDS)
    world = this_world()
    with world.store.transaction() as db:
        now = world.timestamp(db)
        return _answer(payouts.once(db, key, "payout", order, lambda: payouts.pay(db, order, now)))


@bp.get("/payout/<payout_id>")
@operation("payout.get")
def get_payout(payout_id: str) -> Answer:
    """One payout."""
    world = this_world()
    with world.store.transaction() as db:
        return payouts.read(db, payout_id, world.timestamp(db))


@bp.get("/payouts/search")
@operation("payout.search")
def search_payouts() -> Answer:
    """Payouts by our reference."""
    world = this_world()
    with world.store.transaction() as db:
        return {"result": payouts.search(db, _needed("client_reference"), world.timestamp(db))}


@bp.post("/payout/<payout_id>/reverse")
@operation("payout.reverse")
def reverse_payout(payout_id: str) -> Answer:
    """Take a payout back."""
    check_nothing(request.get_data())
    world = this_world()
    with world.store.transaction() as db:
        payouts.reverse(db, payout_id, world.timestamp(db))
    return _empty()


@bp.post("/payout-batch", strict_slashes=False)
@operation("batch.create")
def create_batch() -> Answer:
    """Hand a batch over."""
    key = check_key(request.headers.get("Idempotency-Key"))
    body = _body()
    orders = check_batch(body)
    world = this_world()
    with world.store.transaction() as db:
        now = world.now(db).timestamp()
        answer = payouts.once(db, key, "batch", body, lambda: payouts.submit_batch(db, orders, now))
    world.has_work.set()
    return _answer(answer)


@bp.get("/payout-batch/<batch_id>")
@bp.get("/payouts-batch/<batch_id>")
@operation("batch.get")
def get_batch(batch_id: str) -> Answer:
    """One batch with its payouts."""
    world = this_world()
    with world.store.transaction() as db:
        return payouts.read_batch(db, batch_id, world.timestamp(db))


@bp.post("/verify_recipient/")
@operation("recipient.verify")
def verify_recipient() -> Answer:
    """What is known of a recipient."""
    asked = check(_body(), RECIPIENT_FIELDS)
    world = this_world()
    with world.store.transaction() as db:
        fault = faults.take(db, "recipient.verify", {"answer"}, asked)
        answer = recipients.verify(db, asked, world.timestamp(db))
    if answer is None:
        raise Problem("too-many-requests")
    return answer if fault is None else answer | fault.details.get("fields", {})


@bp.get("/balance")
@operation("balance.get")
def get_balance() -> Answer:
    """What the wallet holds."""
    with this_world().store.transaction() as db:
        return {"amount": str(wallet.balance(db)), "currency": wallet.CURRENCY}


@bp.get("/transactions")
@operation("transactions.list")
def list_transactions() -> Answer:
    """A page of a day's transactions."""
    world = this_world()
    size = request.args.get("first", wallet.MAX_PAGE, type=int)
    with world.store.transaction() as db:
        day = _day(request.args.get("date")) or world.now(db).date()
        return wallet.page(db, day, request.args.get("after"), max(1, min(size, wallet.MAX_PAGE)))


@bp.post("/transactions/<transaction_id>/refund")
@operation("transactions.refund")
def refund_transaction(transaction_id: str) -> Answer:
    """Give a till payment back."""
    check_nothing(request.get_data())
    world = this_world()
    with world.store.transaction() as db:
        wallet.refund_merchant_payment(db, transaction_id, world.timestamp(db))
    return _empty()


def refuse_address(code: str) -> Response:
    """The answer for an address or method not among the above, and for calls only partners may make."""
    try:
        authenticate(this_world())
        for_partners = request.path.startswith(("/v1/aggregated_merchants", "/v1/b2b/"))
        raise Problem("no-permission" if for_partners else code)
    except Problem as problem:
        return render(problem)


def _body() -> Json:
    return parse(request.get_data(), request.headers.get("Content-Type", ""))


def _needed(name: str) -> str:
    """A query parameter that must be there. Raises `Problem`."""
    value = request.args.get(name)
    if not value:
        detail = {"loc": [name], "msg": "field required", "type": "value_error.missing"}
        raise Problem("request-validation-error", details=[detail])
    return value


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("request-validation-error", "date is YYYY-MM-DD.") from None


def _answer(stored: payouts.Answer) -> Answer:
    status, body = stored
    return body, status


def _empty() -> Response:
    return make_response("", 200)
