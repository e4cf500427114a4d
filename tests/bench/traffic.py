"""Load on a server: what is sent, and how long the answers took."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.ports import LOOPBACK

# A cheap phone's browser: it takes compressed answers and names itself at length.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Encoding": "gzip",
    "Accept-Language": "fr-SN,fr;q=0.9",
}


@dataclass
class Round:
    """What came of one round of load. Once the first connection has nothing left to send, nothing counts."""

    times: list[float]
    seconds: float
    bodies: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> str:
    """A request as it goes over the wire, as text of single bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}"]
    length = {"Content-Length": str(len(body))} if body or method == "POST" else {}
    lines += [f"{name}: {value}" for name, value in {**BROWSER, **(headers or {}), **length}.items()]
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode("latin-1")


def form(path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """A form as HTMX posts it: for a part of the page."""
    told = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
    told |= {"HX-Request-Type": "partial", **headers}
    return request("POST", path, told, urlencode(fields).encode())


class Load:
    """Load that a process of its own puts on the server at `port`, from now on."""

    def __init__(
        self, port: int, lanes: Sequence[Sequence[str]], *, seconds: float = 0, keep: bool = True
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(PROJECT_ROOT / "tests" / "bench" / "generator.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        job = {"host": LOOPBACK, "port": port, "lanes": lanes, "seconds": seconds, "keep": keep}
        json.dump(job, self._process.stdin)
        self._process.stdin.close()

    def result(self, expected: bytes = b"", status: int = 200) -> Round:
        """Wait for the end. Raises `AssertionError` when an answer is not of `status` with `expected` in it."""
        assert self._process.stdout is not None
        with self._process.stdout as output:
            text = output.read()
        if self._process.wait():
            raise AssertionError("the load could not be put on the server")
        return _counted(json.loads(text), expected, status)

    def stop(self) -> Round:
        """End it before its time; what was answered until then."""
        self._process.terminate()
        return self.result()


def put_on(port: int, lanes: Sequence[Sequence[str]], expected: bytes = b"", status: int = 200) -> Round:
    """One round: every request of every lane, answered as expected."""
    return Load(port, lanes).result(expected, status)


def percentile(times: Sequence[float], share: float) -> float:
    """The time that `share` of the answers kept to."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _counted(answers: list[list[Any]], expected: bytes, status: int) -> Round:
    last = {lane: sent + seconds for lane, sent, seconds, _text in answers}
    end = min(last.values())
    counted = [answer for answer in answers if answer[1] + answer[2] <= end]
    bodies = [text for _lane, _sent, _seconds, text in counted if text]
    for text in bodies:
        _check(text, expected, status)
    return Round([seconds for _lane, _sent, seconds, _text in counted], end, bodies)


def _check(text: str, expected: bytes, status: int) -> None:
    head, _, rest = text.encode("latin-1").partition(b"\r\n\r\n")
    body = gzip.decompress(rest) if b"content-encoding: gzip" in head.lower() else rest
    if head.split(b" ", 2)[1] != str(status).encode() or expected not in body:
        raise AssertionError(f"another answer than expected: {head[:80]!r} … {body[:600]!r}")
