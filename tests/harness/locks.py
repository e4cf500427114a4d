"""In which order a transaction locks: every request that a test sends is watched (portal/identity/holding.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import lru_cache
from threading import Event, Thread
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from portal.identity import models
from portal.kernel.db import db, transaction

QUEUE, ACCOUNT, END = "a queue", "users", "the end"
#: Nobody else can wait for an account that is being opened.
_NEW_ACCOUNT = "INSERT INTO users"
#: What is tried: a challenge, and a code once its name queues.
_CHALLENGES = "passkey_challenges"
_CODES = "verification_tokens"
#: Everything that is an account's.
_OF_ACCOUNTS = {kind.__tablename__ for kind in vars(models).values() if hasattr(kind, "__tablename__")} - {
    ACCOUNT,
    _CHALLENGES,
}

_CHANGES = re.compile(r"\b(?:UPDATE|DELETE FROM) (\w+)\b(?! SKIP)")
_FROM = re.compile(r"\b(?:FROM|JOIN) (\w+)")
_LOCKS = re.compile(r"\bFOR (?:NO KEY )?UPDATE(?: OF (\w+))?")
_QUEUES = "pg_advisory_xact_lock"
_BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_PATIENCE = 30.0

_taken: ContextVar[list[str] | None] = ContextVar("taken", default=None)
_pause: ContextVar[Callable[[], None] | None] = ContextVar("pause", default=None)


@contextmanager
def watching() -> Iterator[list[str]]:
    """What the transactions of the block lock, each table as often as it is locked; `END` where one is over."""
    taken: list[str] = []
    token = _taken.set(taken)
    try:
        yield taken
    finally:
        _taken.reset(token)


def out_of_order(taken: Sequence[str]) -> list[str]:
    """What was locked too late, as sentences; empty when all is in order."""
    wrong: list[str] = []
    before: list[str] = []
    for one in taken:
        if one == END:
            before = []
            continue
        late = [earlier for earlier in before if _comes_before(one, earlier, before)]
        wrong += [f"{one} is locked after {earlier}" for earlier in late]
        before.append(one)
    return list(dict.fromkeys(wrong))


def _comes_before(one: str, earlier: str, before: list[str]) -> bool:
    """Whether `one` should have been locked before `earlier`, and was not."""
    if one in before:
        return False
    if one.startswith(QUEUE):
        return earlier == ACCOUNT or earlier in _OF_ACCOUNTS
    is_queued = earlier == _CODES and any(that.startswith(QUEUE) for that in before[: before.index(earlier)])
    is_exempt = is_queued or _NEW_ACCOUNT in before
    return one == ACCOUNT and earlier in _OF_ACCOUNTS and not is_exempt


@lru_cache(maxsize=4096)
def locked_by(statement: str) -> tuple[str, ...]:
    """The tables in which a statement locks rows, as it names them."""
    if _QUEUES in statement:
        return (QUEUE,)
    if statement.startswith(f"{_NEW_ACCOUNT} "):
        return (_NEW_ACCOUNT,)
    locks = _LOCKS.search(statement)
    if locks is None:
        return (
            tuple(_CHANGES.findall(statement)) if statement.startswith(("UPDATE", "DELETE", "WITH")) else ()
        )
    return (locks[1],) if locks[1] else tuple(_FROM.findall(statement[: locks.start()]))


@event.listens_for(Engine, "after_cursor_execute")
def _note(
    _connection: Any, cursor: Any, statement: str, values: Any, _context: Any, _executemany: bool
) -> None:
    taken, pause = _taken.get(), _pause.get()
    # What has found no row has locked none.
    if taken is not None and cursor.rowcount != 0:
        # Queues are told apart by their names.
        taken.extend(f"{QUEUE} {values}" if one == QUEUE else one for one in locked_by(statement))
    if pause is not None:
        pause()


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _note_end(session: Session) -> None:
    taken = _taken.get()
    if taken is not None and not session.in_nested_transaction():
        taken.append(END)


def meet(app: Flask, first: Callable[[], object], second: Callable[[], object], place: int) -> bool:
    """Have `second` done while `first` stands where it has locked in `place` tables; whether it has come as far.

    Each in a transaction of its own, once. What either raises is raised, a deadlock too.
    """
    stands, goes_on, failures = Event(), Event(), list[BaseException]()

    def stand() -> None:
        taken = _taken.get()
        if taken is not None and not stands.is_set() and len({*taken}) >= place:
            stands.set()
            goes_on.wait(_PATIENCE)

    def run(work: Callable[[], object], pause: Callable[[], None] | None) -> None:
        _pause.set(pause)
        try:
            with app.app_context(), watching(), transaction():
                work()
        except BaseException as error:
            failures.append(error)

    threads = [
        Thread(target=copy_context().run, args=(run, *one)) for one in ((first, stand), (second, None))
    ]
    threads[0].start()
    while threads[0].is_alive() and not stands.wait(0.01):
        pass
    has_come = stands.is_set()
    threads[1].start()
    while threads[1].is_alive() and not _somebody_waits():
        threads[1].join(0.01)
    goes_on.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return has_come


def _somebody_waits() -> bool:
    try:
        return bool(db.session.execute(_BLOCKED).scalar_one())
    finally:
        db.session.rollback()
