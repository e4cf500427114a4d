"""`/_sandbox/`: what a test or a curious person may do to the sandbox's world. The portal never calls it.

All bodies and answers are JSON. The index page of the sandbox lists the routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, jsonify, request
from werkzeug.exceptions import BadRequest

from portal.sandbox import faults, outbox
from portal.sandbox.store import forget_everything, set_setting
from portal.sandbox.wave import checkout, events, payouts, recipients, wallet
from portal.sandbox.wave.answers import PAYMENT_FAILURES
from portal.sandbox.world import clock_offset, set_clock_offset, this_world, written

bp = Blueprint("control", __name__, url_prefix="/_sandbox")

Json = dict[str, Any]
DEFAULT_PAYER = "+221770000000"
_MAX_LISTED = 500


@bp.get("/faults")
def list_faults() -> Json:
    """Faults that have not struck, and what can be armed."""
    with this_world().store.transaction() as db:
        return {"armed": faults.armed(db), "operations": list(faults.OPERATIONS)}


@bp.post("/faults")
def arm_fault() -> Json:
    """Arm `{operation, kind, times?, match?, …}`; 400 names what exists when this does not."""
    with this_world().store.transaction() as db:
        try:
            return {"id": faults.arm(db, _body())}
        except faults.UnknownFault as error:
            raise BadRequest(str(error)) from None


@bp.delete("/faults")
def disarm_faults() -> Json:
    """Disarm everything."""
    with this_world().store.transaction() as db:
        db.execute("DELETE FROM faults")
    return {}


@bp.get("/wallet")
def show_wallet() -> Json:
    """What the wallet holds."""
    with this_world().store.transaction() as db:
        return {"balance": wallet.balance(db), "currency": wallet.CURRENCY}


@bp.post("/wallet")
def change_wallet() -> Json:
    """Set `{balance}`, in whole francs."""
    with this_world().store.transaction() as db:
        wallet.set_balance(db, _whole("balance"))
    return show_wallet()


@bp.get("/moved")
def show_moved() -> Json:
    """All that moved, by our references: tests of crashes ask here for "exactly one payout"."""
    with this_world().store.transaction() as db:
        out = db.execute(
            "SELECT client_reference, count(*) AS payouts, sum(receive_amount) AS receive_amount,"
            " sum(fee) AS fee, sum(status = 'reversed') AS reversed FROM payouts"
            " WHERE is_debited AND status <> 'failed' GROUP BY client_reference ORDER BY min(number)"
        ).fetchall()
        into = db.execute(
            "SELECT client_reference, count(*) AS payments, sum(amount) AS amount,"
            " sum(is_refunded) AS refunded FROM sessions"
            " WHERE checkout_status = 'complete' GROUP BY client_reference ORDER BY min(rowid)"
        ).fetchall()
        return {
            "balance": wallet.balance(db),
            "payouts": [dict(row) for row in out],
            "payments": [dict(row) for row in into],
        }


@bp.get("/payouts")
def list_payouts() -> Json:
    """Every payout, also the failed; `?client_reference=` narrows. Looking settles nothing."""
    reference = request.args.get("client_reference")
    with this_world().store.transaction() as db:
        rows = db.execute(
            "SELECT * FROM payouts WHERE ?1 IS NULL OR client_reference = ?1 ORDER BY number DESC LIMIT ?2",
            (reference, _MAX_LISTED),
        ).fetchall()
        return {"payouts": [payouts.show(row) for row in rows]}


@bp.post("/payouts/<payout_id>/settle")
def settle_payout(payout_id: str) -> Json:
    """End a processing payout as `{status: succeeded|failed, code?}`."""
    told = _body()
    if told.get("status") not in {"succeeded", "failed"}:
        raise BadRequest("status is succeeded or failed")
    world = this_world()
    with world.store.transaction() as db:
        payouts.settle(db, payout_id, told["status"], told.get("code"), world.timestamp(db))
        return payouts.show(payouts.find(db, payout_id))


@bp.post("/batches")
def change_batches() -> Json:
    """Set `{delay_seconds}` for coming batches."""
    with this_world().store.transaction() as db:
        set_setting(db, "batch_delay", _whole("delay_seconds"))
    return {}


@bp.post("/batches/run")
def run_batches() -> Json:
    """Run every waiting batch now, whatever its delay."""
    world = this_world()
    with world.store.transaction() as db:
        return {"batches": payouts.run_batches(db, world.timestamp(db), float("inf"))}


@bp.get("/sessions")
def list_sessions() -> Json:
    """The newest checkout sessions; `?client_reference=` narrows."""
    world = this_world()
    reference = request.args.get("client_reference")
    with world.store.transaction() as db:
        found = (
            checkout.search(world, db, reference) if reference else checkout.recent(world, db, _MAX_LISTED)
        )
    return {"sessions": found}


@bp.post("/sessions/<session_id>/pay")
def pay_session(session_id: str) -> Json:
    """Play the payer: `{mobile?}` pays."""
    world = this_world()
    with world.store.transaction() as db:
        return checkout.pay(world, db, session_id, str(_body().get("mobile", DEFAULT_PAYER)))


@bp.post("/sessions/<session_id>/fail")
def fail_session(session_id: str) -> Json:
    """Play the payer: a try that fails with `{code?}`."""
    code = _body().get("code", "payment-failure")
    if code not in PAYMENT_FAILURES:
        raise BadRequest(f"code is one of {', '.join(PAYMENT_FAILURES)}")
    world = this_world()
    with world.store.transaction() as db:
        return checkout.fail(world, db, session_id, code)


@bp.post("/merchant-payments")
def receive_merchant_payment() -> Json:
    """A payment at the till, with its webhook: `{amount, mobile?}`."""
    world = this_world()
    amount, mobile = _whole("amount"), str(_body().get("mobile", DEFAULT_PAYER))
    with world.store.transaction() as db:
        line = wallet.receive_merchant_payment(db, amount, mobile, world.timestamp(db))
        data = {
            "id": line["transaction_id"],
            "amount": str(amount),
            "fee": str(line["fee"]),
            "currency": wallet.CURRENCY,
            "sender_mobile": mobile,
            "merchant_id": "M_SANDBOX0001",
            "merchant_name": world.config.business_name,
            "when_created": written(line["happened"]),
        }
        events.announce(world, db, "merchant.payment_received", data)
    return data


@bp.put("/recipients/<mobile>")
def describe_recipient(mobile: str) -> Json:
    """Make a person known: `{name?, national_id?, payment_limit?, refusal?}`; `refusal` is a payout code."""
    told = _body()
    with this_world().store.transaction() as db:
        recipients.describe(
            db,
            mobile,
            name=told.get("name"),
            national_id=told.get("national_id"),
            payment_limit=told.get("payment_limit"),
            refusal=told.get("refusal"),
        )
    return {}


@bp.get("/webhooks")
def list_webhooks() -> Json:
    """The newest deliveries, Wave's and Twilio's, with what became of each."""
    with this_world().store.transaction() as db:
        return {"deliveries": outbox.listing(db, _MAX_LISTED)}


@bp.post("/webhooks")
def send_webhook() -> Json:
    """Send any event: `{type, data}`."""
    told = _body()
    world = this_world()
    with world.store.transaction() as db:
        data = told.get("data")
        event_id = events.announce(
            world, db, str(told.get("type", "test.test_event")), data if isinstance(data, dict) else {}
        )
    return {"event_id": event_id}


@bp.put("/webhooks/receiver")
def change_receiver() -> Json:
    """Send coming events to `{url}`; null keeps them here."""
    with this_world().store.transaction() as db:
        set_setting(db, events.WEBHOOK_URL, _body().get("url"))
    return {}


@bp.post("/webhooks/release")
def release_webhooks() -> Json:
    """Let held and reordered deliveries go: all, or those of `{event_id}`."""
    world = this_world()
    with world.store.transaction() as db:
        count = outbox.release(db, world.now(db).timestamp(), _body().get("event_id"))
    world.has_work.set()
    return {"released": count}


@bp.post("/webhooks/<event_id>/resend")
def resend_webhook(event_id: str) -> Json:
    """Deliver an event once more, also one that was dropped."""
    world = this_world()
    with world.store.transaction() as db:
        return {"deliveries": outbox.send_again(world, db, event_id, events.receiver(world.config, db))}


@bp.get("/clock")
def show_clock() -> Json:
    """The sandbox's time and its own offset (the clock file comes on top)."""
    world = this_world()
    with world.store.transaction() as db:
        return {"now": written(world.timestamp(db)), "offset_seconds": clock_offset(db)}


@bp.post("/clock")
def change_clock() -> Json:
    """Set `{offset_seconds}`."""
    world = this_world()
    with world.store.transaction() as db:
        set_clock_offset(db, _whole("offset_seconds"))
    world.has_work.set()
    return show_clock()


@bp.post("/reset")
def reset() -> Json:
    """Forget all that happened; only the webhook receiver stays."""
    with this_world().store.transaction() as db:
        forget_everything(db, keep=events.WEBHOOK_URL)
    return {}


def _body() -> Mapping[str, Any]:
    """The JSON object of the request; a page of another site cannot send one. Empty is an empty object."""
    if not request.get_data():
        return {}
    body = request.get_json()
    return body if isinstance(body, dict) else abort(400)


def _whole(name: str) -> int:
    value = _body().get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(f"{name} is a whole number")
    return value


@bp.errorhandler(BadRequest)
def explain(error: BadRequest) -> tuple[Any, int]:
    """What was wrong with the request, as JSON."""
    return jsonify(message=error.description), 400
