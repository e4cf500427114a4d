"""Money in: checkout sessions, from asking to paid, failed, expired or refunded (contract §5)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from portal.sandbox.store import Database, Row, insert, update
from portal.sandbox.wave import events, wallet
from portal.sandbox.wave.answers import Problem
from portal.sandbox.wave.bodies import Json
from portal.sandbox.wave.identifiers import new_session_id
from portal.sandbox.world import World, written

LIFE_SECONDS = 1800


def create(world: World, db: Database, order: Json) -> Json:
    """A new open session. Raises `Problem` for a currency that is not the wallet's."""
    if order["currency"] != wallet.CURRENCY:
        raise Problem("request-validation-error", "The wallet has another currency.")
    if order.get("aggregated_merchant_id"):
        raise Problem("invalid-aggregated-merchant-id")
    now = world.timestamp(db)
    session_id = new_session_id()
    insert(
        db,
        "sessions",
        id=session_id,
        amount=int(order["amount"]),
        currency=order["currency"],
        success_url=order["success_url"],
        error_url=order["error_url"],
        client_reference=order.get("client_reference"),
        restrict_payer_mobile=order.get("restrict_payer_mobile"),
        created=now,
        expires=now + LIFE_SECONDS,
    )
    return show(world, find(world, db, session_id))


def find(world: World, db: Database, session_id: str) -> Row:
    """The session's row, expired by the clock if its time is over. Raises `Problem`."""
    expire_by_clock(world, db)
    row: Row | None = db.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone()
    if row is None:
        raise Problem("checkout-session-not-found")
    return row


def find_by_transaction(world: World, db: Database, transaction_id: str) -> Row:
    """The session that a transaction paid. Raises `Problem`."""
    row = db.execute("SELECT id FROM sessions WHERE transaction_id = ?", (transaction_id,)).fetchone()
    if row is None:
        raise Problem("checkout-session-not-found")
    return find(world, db, row["id"])


def search(world: World, db: Database, client_reference: str) -> list[Json]:
    """Every session made with a reference, in order."""
    expire_by_clock(world, db)
    rows = db.execute(
        "SELECT * FROM sessions WHERE client_reference = ? ORDER BY created, rowid", (client_reference,)
    ).fetchall()
    return [show(world, row) for row in rows]


def recent(world: World, db: Database, limit: int) -> list[Json]:
    """The newest sessions, for a person who looks."""
    expire_by_clock(world, db)
    rows = db.execute("SELECT * FROM sessions ORDER BY rowid DESC LIMIT ?", (limit,)).fetchall()
    return [show(world, row) for row in rows]


def expire_by_clock(world: World, db: Database) -> None:
    """End every open session whose time is over; no webhook says so."""
    db.execute(
        "UPDATE sessions SET checkout_status = 'expired', payment_status = 'cancelled', completed = expires"
        " WHERE checkout_status = 'open' AND expires <= ?",
        (world.timestamp(db),),
    )


def expire(world: World, db: Database, session_id: str) -> None:
    """End an open session by call. Raises `Problem` 409 when it is not open."""
    _open_session(world, db, session_id)
    now = world.timestamp(db)
    update(db, "sessions", session_id, checkout_status="expired", payment_status="cancelled", completed=now)


def pay(world: World, db: Database, session_id: str, payer_mobile: str) -> Json:
    """The payer confirms: money arrives and the webhook is sent; the session, or the failed try.

    Another number than the one it is restricted to is a failed try. Raises `Problem` when it is not open.
    """
    session = _open_session(world, db, session_id)
    if session["restrict_payer_mobile"] not in {None, payer_mobile}:
        return fail(world, db, session_id, "payer-mobile-mismatch")
    now = world.timestamp(db)
    fee = wallet.fee_for(session["amount"])
    transaction_id = wallet.book(
        db,
        "api_checkout",
        session["amount"] - fee,
        fee,
        now,
        counterparty_mobile=payer_mobile,
        client_reference=session["client_reference"],
        checkout_api_session_id=session_id,
    )
    update(
        db,
        "sessions",
        session_id,
        checkout_status="complete",
        payment_status="succeeded",
        transaction_id=transaction_id,
        payer_mobile=payer_mobile,
        last_payment_error=None,
        completed=now,
    )
    shown = show(world, find(world, db, session_id))
    events.announce(world, db, "checkout.session.completed", shown)
    return shown


def fail(world: World, db: Database, session_id: str, code: str) -> Json:
    """A try fails: the session stays open with the reason, and a webhook says so. Raises `Problem`."""
    _open_session(world, db, session_id)
    error = {"code": code, "message": Problem(code).message}
    update(db, "sessions", session_id, last_payment_error=json.dumps(error))
    shown = show(world, find(world, db, session_id))
    told = {name: value for name, value in shown.items() if name not in {"transaction_id", "when_completed"}}
    events.announce(world, db, "checkout.session.payment_failed", told)
    return shown


def refund(world: World, db: Database, session_id: str) -> None:
    """Give the whole payment back; again is no harm. Raises `Problem` when unpaid or unaffordable."""
    session = find(world, db, session_id)
    if session["is_refunded"]:
        return
    if session["checkout_status"] != "complete":
        raise Problem("checkout-refund-failed", "Nothing was paid.", status=409)
    payment = wallet.find_transaction(db, session["transaction_id"])
    if wallet.balance(db) < payment["amount"]:
        raise Problem("checkout-refund-failed", "The wallet cannot pay this back.")
    wallet.book_back(db, payment, "api_checkout_refund", world.timestamp(db))
    update(db, "sessions", session_id, is_refunded=1)


def show(world: World, session: Row) -> dict[str, Any]:
    """A session as Wave writes it."""
    name = world.config.business_name
    query = f"a={session['amount']}&c={session['currency']}&m={quote(name, safe='')}"
    error = session["last_payment_error"]
    return {
        "id": session["id"],
        "amount": str(session["amount"]),
        "checkout_status": session["checkout_status"],
        "client_reference": session["client_reference"],
        "currency": session["currency"],
        "error_url": session["error_url"],
        "last_payment_error": json.loads(error) if error else None,
        "business_name": name,
        "payment_status": session["payment_status"],
        "transaction_id": session["transaction_id"],
        "restrict_payer_mobile": session["restrict_payer_mobile"],
        "success_url": session["success_url"],
        "wave_launch_url": f"{world.base_url}/c/{session['id']}?{query}",
        "when_completed": None if session["completed"] is None else written(session["completed"]),
        "when_created": written(session["created"]),
        "when_expires": written(session["expires"]),
    }


def _open_session(world: World, db: Database, session_id: str) -> Row:
    session = find(world, db, session_id)
    if session["checkout_status"] != "open":
        raise Problem("checkout-session-not-open", f"The session is {session['checkout_status']}.")
    return session
