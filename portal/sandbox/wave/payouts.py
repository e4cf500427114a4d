"""Money out: one payout, a batch of them, looking them up, taking one back (contract §4 and §6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from portal.sandbox import faults
from portal.sandbox.faults import PAYOUT_KINDS
from portal.sandbox.store import Database, Row, get_setting, insert, update
from portal.sandbox.wave import recipients, wallet
from portal.sandbox.wave.answers import Problem
from portal.sandbox.wave.bodies import Json
from portal.sandbox.wave.identifiers import new_batch_id, new_payout_id
from portal.sandbox.world import written

REVERSAL_SECONDS = 3 * 86_400
BATCH_DELAY_SECONDS = 0.3
READS_UNTIL_SETTLED = 2
_OPTIONAL = ("name", "national_id", "payment_reason", "client_reference")

Answer = tuple[int, Json | str]


def once(db: Database, key: str, operation: str, body: Json, act: Callable[[], Json]) -> Answer:
    """Do `act` once for this key; the same key and body again replays the answer, a refusal too.

    Raises `Problem` 409 when the key comes with another body (contract §4).
    """
    described = json.dumps([operation, body], sort_keys=True)
    fingerprint = hashlib.sha256(described.encode()).hexdigest()
    row = db.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
    if row is not None:
        if row["fingerprint"] != fingerprint:
            raise Problem("idempotency-mismatch", shape="payout")
        return row["status"], json.loads(row["answer"])
    answer: Answer
    try:
        answer = 200, act()
    except Problem as problem:
        answer = problem.status, problem.body()
    insert(
        db, "idempotency", key=key, fingerprint=fingerprint, status=answer[0], answer=json.dumps(answer[1])
    )
    return answer


def pay(db: Database, order: Json, now: int) -> Json:
    """One payout, now. Raises `Problem` when it is refused without leaving a payout behind."""
    fault = faults.take(db, "payout.create", PAYOUT_KINDS, order)
    if fault is not None and fault.kind == "refuse":
        shape = str(fault.details.get("shape", "payout"))
        status = fault.details.get("status")
        raise Problem(str(fault.details.get("code", "insufficient-funds")), status=status, shape=shape)
    code = _refusal(db, order, fault)
    if code is not None:
        raise Problem(code, shape="payout")
    payout_id = _submit(db, order, now, batch_id=None)
    _execute(db, payout_id, fault, now)
    return show(find(db, payout_id))


def submit_batch(db: Database, orders: list[Json], now: float) -> Json:
    """Take a batch in; the items wait as processing until the background thread reaches it."""
    batch_id = new_batch_id()
    delay = float(get_setting(db, "batch_delay", BATCH_DELAY_SECONDS))
    insert(db, "batches", id=batch_id, due=now + delay)
    for order in orders:
        _submit(db, order, int(now), batch_id=batch_id)
    return {"id": batch_id}


def run_batches(db: Database, now: int, due_by: float) -> int:
    """Try every item of each batch that is due by a time; how many batches that was."""
    due = db.execute("SELECT id FROM batches WHERE status = 'processing' AND due <= ?", (due_by,)).fetchall()
    for batch in due:
        items = db.execute(
            "SELECT * FROM payouts WHERE batch_id = ? ORDER BY number", (batch["id"],)
        ).fetchall()
        for item in items:
            order = dict(item)
            fault = faults.take(db, "batch.item", PAYOUT_KINDS, order)
            code = _refusal(db, order, fault)
            if code is None:
                _execute(db, item["id"], fault, now)
            else:
                _fail(db, item["id"], code)
        update(db, "batches", batch["id"], status="complete")
    return len(due)


def batches_wait(db: Database) -> bool:
    """Whether a batch has still to be run."""
    return db.execute("SELECT 1 FROM batches WHERE status = 'processing' LIMIT 1").fetchone() is not None


def read(db: Database, payout_id: str, now: int) -> Json:
    """A payout as it is now; reading one that is processing may settle it. Raises `Problem`."""
    find(db, payout_id)
    _count_read(db, payout_id, now)
    return show(find(db, payout_id))


def search(db: Database, client_reference: str, now: int) -> list[Json]:
    """Every payout made with a reference, in order."""
    rows = db.execute(
        "SELECT id FROM payouts WHERE client_reference = ? ORDER BY number", (client_reference,)
    ).fetchall()
    return [read(db, row["id"], now) for row in rows]


def read_batch(db: Database, batch_id: str, now: int) -> Json:
    """A batch and its items. Raises `Problem`."""
    batch = db.execute("SELECT * FROM batches WHERE id = ?", (batch_id,)).fetchone()
    if batch is None:
        raise Problem("not-found")
    rows = db.execute("SELECT id FROM payouts WHERE batch_id = ? ORDER BY number", (batch_id,)).fetchall()
    items = [read(db, row["id"], now) for row in rows]
    return {"id": batch_id, "status": batch["status"], "payouts": items}


def reverse(db: Database, payout_id: str, now: int) -> None:
    """Take the amount and the fee back; again is no harm. Raises `Problem` (contract §6)."""
    payout = find(db, payout_id)
    if payout["status"] == "reversed":
        return
    if payout["status"] != "succeeded":
        raise Problem("not-found")
    if now - payout["submitted"] > REVERSAL_SECONDS:
        raise Problem("payout-reversal-time-limit-exceeded", shape="payout")
    _book(db, payout, now, is_reversal=True)
    update(db, "payouts", payout_id, status="reversed")


def settle(db: Database, payout_id: str, status: str, code: str | None, now: int) -> None:
    """End a processing payout as succeeded or failed; a failed one gives the money back."""
    payout = find(db, payout_id)
    if payout["status"] != "processing":
        raise Problem("not-found", "This payout is not processing.")
    if status == "failed":
        if payout["is_debited"]:
            _book(db, payout, now, is_reversal=True)
        _fail(db, payout_id, code or "recipient-account-inactive")
    else:
        update(db, "payouts", payout_id, status="succeeded", reads_left=None)


def find(db: Database, payout_id: str) -> Row:
    """The payout's row. Raises `Problem`."""
    row: Row | None = db.execute("SELECT * FROM payouts WHERE id = ?", (payout_id,)).fetchone()
    if row is None:
        raise Problem("not-found")
    return row


def show(payout: Row) -> Json:
    """A payout as Wave writes it."""
    shown: Json = {
        "id": payout["id"],
        "currency": payout["currency"],
        "receive_amount": str(payout["receive_amount"]),
        "fee": str(payout["fee"]),
        "mobile": payout["mobile"],
        "status": payout["status"],
        "timestamp": written(payout["submitted"]),
    }
    shown |= {name: payout[name] for name in _OPTIONAL if payout[name] is not None}
    if payout["error_code"] is not None:
        problem = Problem(payout["error_code"])
        shown["payout_error"] = {"error_code": problem.code, "error_message": problem.message}
    return shown


def _submit(db: Database, order: Json, now: int, *, batch_id: str | None) -> str:
    payout_id = new_payout_id()
    amount = int(order["receive_amount"])
    insert(
        db,
        "payouts",
        id=payout_id,
        batch_id=batch_id,
        currency=order["currency"],
        receive_amount=amount,
        fee=wallet.fee_for(amount),
        mobile=order["mobile"],
        status="processing",
        submitted=now,
        **{name: order.get(name) for name in _OPTIONAL},
    )
    return payout_id


def _execute(db: Database, payout_id: str, fault: faults.Fault | None, now: int) -> None:
    """Move the money, unless an armed fault says that the payout fails; or leave it processing."""
    if fault is not None and fault.kind in {"fail", "refuse"}:
        _fail(db, payout_id, str(fault.details.get("code", "insufficient-funds")))
        return
    _book(db, find(db, payout_id), now, is_reversal=False)
    if fault is None:
        update(db, "payouts", payout_id, status="succeeded", is_debited=1)
        return
    update(
        db,
        "payouts",
        payout_id,
        is_debited=1,
        settles_as=fault.details.get("then", "succeeded"),
        settles_with=fault.details.get("code"),
        reads_left=fault.details.get("after_reads", READS_UNTIL_SETTLED),
    )


def _count_read(db: Database, payout_id: str, now: int) -> None:
    payout = find(db, payout_id)
    if payout["reads_left"] is None or payout["status"] != "processing":
        return
    left = payout["reads_left"] - 1
    update(db, "payouts", payout_id, reads_left=left)
    if left == 0:
        settle(db, payout_id, payout["settles_as"], payout["settles_with"], now)


def _fail(db: Database, payout_id: str, code: str) -> None:
    update(db, "payouts", payout_id, status="failed", error_code=code, reads_left=None)


def _refusal(db: Database, order: Json, fault: faults.Fault | None) -> str | None:
    """The code with which Wave itself refuses this order; None when a fault decides, or nothing is wrong."""
    if fault is not None and fault.kind != "processing":
        return None
    amount = int(order["receive_amount"])
    person = recipients.find(db, order["mobile"])
    if order.get("aggregated_merchant_id"):
        return "invalid-aggregated-merchant-id"
    if order["currency"] != wallet.CURRENCY:
        return "currency-mismatch"
    if not order["mobile"].startswith(recipients.HOME_PREFIX):
        return "country-mismatch"
    if person is not None and person["refusal"]:
        return str(person["refusal"])
    if amount > recipients.limit_of(person):
        return "recipient-limit-exceeded"
    return "insufficient-funds" if wallet.balance(db) < amount + wallet.fee_for(amount) else None


def _book(db: Database, payout: Row, now: int, *, is_reversal: bool) -> None:
    sign = 1 if is_reversal else -1
    wallet.book(
        db,
        "api_payout_reversal" if is_reversal else "api_payout",
        sign * (payout["receive_amount"] + payout["fee"]),
        -sign * payout["fee"],
        now,
        is_reversal=is_reversal,
        counterparty_mobile=payout["mobile"],
        counterparty_name=payout["name"],
        client_reference=payout["client_reference"],
        payment_reason=payout["payment_reason"],
        batch_id=payout["batch_id"],
    )
