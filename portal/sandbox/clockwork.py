"""The one background thread: it runs batches that are due and sends what is in the outbox."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from portal.sandbox import outbox
from portal.sandbox.outbox import HeaderMaker
from portal.sandbox.store import Row, StoreClosed
from portal.sandbox.wave import events, payouts
from portal.sandbox.world import World

log = logging.getLogger(__name__)

SENDERS = 8
_IDLE_SECONDS = 1.0
_WAITING_SECONDS = 0.1


class Clockwork(threading.Thread):
    """Runs until `stop`. Receivers that hang occupy a sender each, never the thread itself."""

    def __init__(self, world: World, receipt_headers: HeaderMaker) -> None:
        super().__init__(name="clockwork", daemon=True)
        self._world = world
        self._receipt_headers = receipt_headers
        self._senders = threading.BoundedSemaphore(SENDERS)
        self._is_stopping = threading.Event()

    def run(self) -> None:
        """Look for work when told of some, and often while something waits for its time."""
        with self._world.store.transaction() as db:
            outbox.recover(db)
        while not self._is_stopping.is_set():
            self._world.has_work.clear()
            try:
                waits = self._tick()
            except StoreClosed:
                return
            except Exception:
                # Without this thread no webhook would ever leave, and nothing would say so.
                log.exception("the background thread stumbled and goes on")
                waits = True
            self._world.has_work.wait(_WAITING_SECONDS if waits else _IDLE_SECONDS)

    def stop(self) -> None:
        """Ask the thread to end; what is being sent is sent again by the next process."""
        self._is_stopping.set()
        self._world.has_work.set()

    def _tick(self) -> bool:
        """Do what is due; whether more will come due by itself."""
        with self._world.store.transaction() as db:
            payouts.run_batches(db, self._world.timestamp(db), self._world.now(db).timestamp())
        claimed = self._claim_one()
        while claimed is not None:
            threading.Thread(target=self._send, args=(claimed,), daemon=True).start()
            claimed = self._claim_one()
        with self._world.store.transaction() as db:
            return outbox.is_waiting(db) or payouts.batches_wait(db)

    def _claim_one(self) -> Row | None:
        """The next delivery that is due, with a sender reserved for it; None when there is neither."""
        if not self._senders.acquire(blocking=False):
            return None
        with self._world.store.transaction() as db:
            due = outbox.claim_due(db, self._world.now(db).timestamp())
        if due is None:
            self._senders.release()
        return due

    def _send(self, delivery: Row) -> None:
        try:
            outbox.send(self._world, delivery, self._headers)
        except StoreClosed:
            return
        finally:
            self._senders.release()

    def _headers(self, delivery: Row, now: datetime) -> dict[str, str]:
        if delivery["provider"] == "twilio":
            return self._receipt_headers(delivery, now)
        return events.headers_for(self._world.config, delivery["body"], now, delivery["trick"])
