"""The load: requests sent over keep-alive connections by one event loop, in a process of its own.

Reads one JSON job from its input and writes one JSON result. It knows nothing of the portal and waits for
nothing but sockets, so that every server it is pointed at meets the same load.
"""

from __future__ import annotations

import json
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

_CHUNK = 262_144


@dataclass
class Lane:
    """One connection: its requests one after the other, each sent when the answer to the last is there."""

    number: int
    requests: Any
    connection: socket.socket
    received: bytearray = field(default_factory=bytearray)
    size: int = 0
    sent_at: float = 0.0

    def send_next(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.received.clear()
        self.size = 0
        self.sent_at = time.perf_counter()
        self.connection.sendall(request)
        return True

    def take(self) -> bool:
        """Read what has come; whether the answer is whole."""
        chunk = self.connection.recv(_CHUNK)
        if not chunk:
            raise ConnectionError(f"the server hung up: {bytes(self.received[:200])!r}")
        self.received += chunk
        if not self.size:
            self.size = _whole_size(self.received)
        return bool(self.size) and len(self.received) >= self.size


def _whole_size(received: bytearray) -> int:
    """How long the answer will be with its head; 0 while the head is not whole."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    for line in received[:end].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return end + 4 + int(line[15:])
    raise ValueError("an answer without its length")


def drive(job: dict[str, Any]) -> list[list[Any]]:
    """Send every request of every lane: lane, sent at, seconds, and the answer if the job keeps them.

    A job with `seconds` goes round and round until that time is over, or until SIGTERM.
    """
    lanes = [_lane(number, texts, job) for number, texts in enumerate(job["lanes"])]
    ends = time.perf_counter() + job["seconds"] if job["seconds"] else float("inf")
    answers: list[list[Any]] = []
    told_to_end: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told_to_end.append(number))
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.connection, selectors.EVENT_READ, lane)
        began = time.perf_counter()
        working = sum(lane.send_next() for lane in lanes)
        while working:
            for key, _events in selector.select():
                lane = key.data
                if not lane.take():
                    continue
                now = time.perf_counter()
                kept = bytes(lane.received).decode("latin-1") if job["keep"] else ""
                answers.append([lane.number, lane.sent_at - began, now - lane.sent_at, kept])
                if now > ends or told_to_end or not lane.send_next():
                    selector.unregister(lane.connection)
                    working -= 1
    for lane in lanes:
        lane.connection.close()
    return answers


def _lane(number: int, texts: list[str], job: dict[str, Any]) -> Lane:
    requests = [text.encode("latin-1") for text in texts]
    connection = socket.create_connection((job["host"], job["port"]), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Lane(number, cycle(requests) if job["seconds"] else iter(requests), connection)


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
