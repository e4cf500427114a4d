"""What leaves the sandbox by itself: webhooks and receipts, tried again until taken (contract §9).

1. `enqueue` writes a delivery in the transaction that caused it.
2. The background thread claims what is due, sends it from a small pool, and writes down the answer.
3. Anything but a 2xx within five seconds is tried again, ever later, for three days.
A delivery that was being sent when the process died is sent again: receivers must bear doubles anyway.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests

from portal.sandbox.store import Database, Row, insert, update
from portal.sandbox.world import World, written

ANSWER_SECONDS = 5.0
GIVE_UP_SECONDS = 3 * 86_400
KEEP = 20_000
_WAITS = (1, 5, 30, 120, 600, 3600)

HeaderMaker = Callable[[Row, datetime], dict[str, str]]


def enqueue(
    world: World,
    db: Database,
    *,
    provider: str,
    event_id: str,
    event_type: str,
    url: str | None,
    body: bytes,
    state: str = "pending",
    trick: str | None = None,
    wait_seconds: float = 0.0,
) -> None:
    """Write one delivery down; without a receiver it is kept as dropped, for whoever looks."""
    due = world.now(db).timestamp() + wait_seconds
    number = insert(
        db,
        "deliveries",
        provider=provider,
        event_id=event_id,
        event_type=event_type,
        url=url,
        body=body,
        state=state if url else "dropped",
        trick=trick,
        due=due,
        first_due=due,
    )
    db.execute("DELETE FROM deliveries WHERE id <= ?", (number - KEEP,))
    world.has_work.set()


def recover(db: Database) -> None:
    """What was on its way when the last process ended goes out again."""
    db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'sending'")


def claim_due(db: Database, now: float) -> Row | None:
    """Take the delivery that has been due the longest; None when nothing is."""
    row: Row | None = db.execute(
        "SELECT * FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY due, id LIMIT 1", (now,)
    ).fetchone()
    if row is not None:
        update(db, "deliveries", row["id"], state="sending", attempts=row["attempts"] + 1)
    return row


def is_waiting(db: Database) -> bool:
    """Whether anything will come due without anybody asking."""
    (count,) = db.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()
    return bool(count)


def send(world: World, row: Row, make_headers: HeaderMaker) -> None:
    """Try one claimed delivery and write down what came of it. Nothing is locked while it is on its way."""
    with world.store.transaction() as db:
        now = world.now(db)
    try:
        answer = requests.post(
            row["url"],
            data=row["body"],
            headers=make_headers(row, now),
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        outcome, taken = str(answer.status_code), 200 <= answer.status_code < 300
    except (requests.RequestException, ValueError) as error:
        outcome, taken = type(error).__name__, False
    with world.store.transaction() as db:
        _record(db, row, outcome, taken=taken, now=world.now(db).timestamp())
    world.has_work.set()


def release(db: Database, now: float, event_id: str | None = None) -> int:
    """Let held and reordered deliveries go (all, or those of one event); how many."""
    cursor = db.execute(
        "UPDATE deliveries SET state = 'pending', due = ?1"
        " WHERE state IN ('held', 'reordered') AND (?2 IS NULL OR event_id = ?2)",
        (now, event_id),
    )
    return cursor.rowcount


def send_again(world: World, db: Database, event_id: str, url: str | None) -> int:
    """Deliver an event once more, whatever became of it before, to `url`; how many deliveries that makes."""
    row = db.execute(
        "SELECT * FROM deliveries WHERE event_id = ? ORDER BY id LIMIT 1", (event_id,)
    ).fetchone()
    if row is None:
        return 0
    enqueue(
        world,
        db,
        provider=row["provider"],
        event_id=event_id,
        event_type=row["event_type"],
        url=url or row["url"],
        body=row["body"],
    )
    return 1


def listing(db: Database, limit: int) -> list[dict[str, Any]]:
    """The newest deliveries with what became of them."""
    rows = db.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [
        {
            "id": row["id"],
            "provider": row["provider"],
            "event_id": row["event_id"],
            "type": row["event_type"],
            "url": row["url"],
            "state": row["state"],
            "attempts": row["attempts"],
            "last_answer": row["last_answer"],
            "due": written(int(row["due"])),
            "body": json.loads(row["body"]) if row["provider"] == "wave" else row["body"].decode(),
        }
        for row in rows
    ]


def _record(db: Database, row: Row, outcome: str, *, taken: bool, now: float) -> None:
    attempts = row["attempts"] + 1
    if taken:
        update(db, "deliveries", row["id"], state="done", last_answer=outcome)
        if row["provider"] == "wave":
            db.execute("UPDATE deliveries SET state = 'pending', due = ? WHERE state = 'reordered'", (now,))
    elif now - row["first_due"] > GIVE_UP_SECONDS:
        update(db, "deliveries", row["id"], state="failed", last_answer=outcome)
    else:
        wait = _WAITS[min(attempts, len(_WAITS)) - 1]
        update(db, "deliveries", row["id"], state="pending", due=now + wait, last_answer=outcome)
