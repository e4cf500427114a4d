"""The business wallet: its balance and the list of what changed it (contract §8).

In each line `amount` is the change of the balance and `amount + fee` what the other side gave or got. A
refund or a reversal gives its fee back, so that its line is the first one with the signs turned.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal.sandbox.store import Database, Row, get_setting, insert, set_setting
from portal.sandbox.wave.answers import Problem
from portal.sandbox.wave.identifiers import new_transaction_id
from portal.sandbox.world import written

CURRENCY = "XOF"
OPENING_BALANCE = 5_000_000
MAX_PAGE = 1000


def fee_for(amount: int) -> int:
    """One percent, rounded down to a multiple of five francs (contract §11)."""
    return amount // 500 * 5


def balance(db: Database) -> int:
    """What the wallet holds."""
    return int(get_setting(db, "balance", OPENING_BALANCE))


def set_balance(db: Database, amount: int) -> None:
    """Top up or empty the wallet; no transaction says so."""
    set_setting(db, "balance", amount)


def book(
    db: Database,
    kind: str,
    amount: int,
    fee: int,
    now: int,
    *,
    is_reversal: bool = False,
    **fields: str | None,
) -> str:
    """Change the balance by `amount` and write the line; the transaction's id."""
    left = balance(db) + amount
    set_balance(db, left)
    transaction_id = new_transaction_id()
    insert(
        db,
        "transactions",
        transaction_id=transaction_id,
        transaction_type=kind,
        happened=now,
        amount=amount,
        fee=fee,
        balance=left,
        is_reversal=int(is_reversal),
        fields=json.dumps({name: value for name, value in fields.items() if value is not None}),
    )
    return transaction_id


def book_back(db: Database, transaction: Row, kind: str, now: int) -> str:
    """Write the line that undoes `transaction`, its fee included."""
    fields = json.loads(transaction["fields"])
    return book(db, kind, -transaction["amount"], -transaction["fee"], now, is_reversal=True, **fields)


def find_transaction(db: Database, transaction_id: str) -> Row:
    """The line with this id. Raises `Problem`."""
    row: Row | None = db.execute(
        "SELECT * FROM transactions WHERE transaction_id = ?", (transaction_id,)
    ).fetchone()
    if row is None:
        raise Problem("not-found")
    return row


def receive_merchant_payment(db: Database, amount: int, mobile: str, now: int) -> Row:
    """A payment at the till, outside any checkout."""
    fee = fee_for(amount)
    transaction_id = book(db, "merchant_payment", amount - fee, fee, now, counterparty_mobile=mobile)
    return find_transaction(db, transaction_id)


def refund_merchant_payment(db: Database, transaction_id: str, now: int) -> None:
    """Give a till payment back; again is no harm. Raises `Problem` when unknown or unaffordable."""
    row = find_transaction(db, transaction_id)
    if row["transaction_type"] != "merchant_payment":
        raise Problem("not-found")
    if row["is_refunded"]:
        return
    if balance(db) < row["amount"]:
        raise Problem("insufficient-funds")
    book_back(db, row, "merchant_payment_refund", now)
    db.execute("UPDATE transactions SET is_refunded = 1 WHERE number = ?", (row["number"],))


def page(db: Database, day: date, after: str | None, size: int) -> dict[str, Any]:
    """One page of a UTC day's transactions, oldest first. Raises `Problem` for a cursor that is not ours."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    until = start + timedelta(days=1)
    rows = db.execute(
        "SELECT * FROM transactions WHERE happened >= ? AND happened < ? AND number > ?"
        " ORDER BY number LIMIT ?",
        (int(start.timestamp()), int(until.timestamp()), _from_cursor(after), size + 1),
    ).fetchall()
    shown = rows[:size]
    return {
        "page_info": {
            "start_cursor": after,
            "end_cursor": _to_cursor(shown[-1]["number"]) if shown else None,
            "has_next_page": len(rows) > size,
        },
        "date": day.isoformat(),
        "items": [_line(row) for row in shown],
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "timestamp": written(row["happened"]),
        "transaction_id": row["transaction_id"],
        "transaction_type": row["transaction_type"],
        "amount": str(row["amount"]),
        "fee": str(row["fee"]),
        "balance": str(row["balance"]),
        "currency": CURRENCY,
        "is_reversal": bool(row["is_reversal"]),
        **json.loads(row["fields"]),
    }


def _to_cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"after:{number}".encode()).decode()


def _from_cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        name, _, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        return int(number) if name == "after" else _refuse_cursor()
    except ValueError:
        return _refuse_cursor()


def _refuse_cursor() -> int:
    raise Problem("request-validation-error", "The cursor is not one of ours.")
