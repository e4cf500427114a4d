"""Redemptions and webhooks a second, beside the floor and pgbench, round by round in turn.

The rounds are short and alternate, so that whatever else this machine does meets all sides alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from statistics import median

from portal.gateways.wave.signature import HEADER, signed_header
from portal.kernel import clock
from tests.bench import pgbench
from tests.bench.ground import WORK, Ground, Server
from tests.bench.houses import FIRST_NUMBER, HOUSES, Houses, houses_of
from tests.bench.processes import processor_seconds
from tests.bench.recording import Script, record
from tests.bench.report import Report, milliseconds
from tests.bench.size import Size
from tests.bench.traffic import percentile, put_on, request

OF_THE_FLOOR = 0.35
REDEEMED = b"scan-result--redeemed"


@dataclass
class Side:
    """One of those that are compared; `work` does `each` requests on so many lanes."""

    name: str
    work: Callable[[int, int], tuple[float, list[float]]]
    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def begin(self, lanes: int, seconds: float) -> None:
        """Warm up, and find out how many requests fill the time."""
        self.rates, self.times = [], []
        rate, _times = self.work(lanes, 20)
        self._each = max(20, int(rate * seconds / lanes))

    def do_round(self, lanes: int) -> None:
        """One round."""
        rate, times = self.work(lanes, self._each)
        self.rates.append(rate)
        self.times += times

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return median(self.rates)


def redemptions(ground: Ground, report: Report, size: Size) -> None:
    """Scans that redeem, through everything that a till's scan goes through."""
    report.title("Redemptions a second (the scan of a house that trusts its scanner redeems)")
    houses = houses_of(ground.app(WORK))
    with ground.serving(WORK) as server:
        tills = houses.tills(server.port)
        script = _record_scans(ground, server, houses)

        def scan(lanes: int, each: int) -> tuple[float, list[float]]:
            answered = put_on(server.port, houses.lanes(tills, lanes, each), REDEEMED)
            return answered.rate, answered.times

        with _floor(ground, script) as floor:
            sides = _sides(ground, script, scan, floor, houses.take)
            worst = _compare(ground, report, size, sides, (server, floor), script)
        _tell_what_policies_cost(ground, report, size, scan)
    report.at_least("redemptions a second, of the floor, at the worst", worst, OF_THE_FLOOR)


def _tell_what_policies_cost(
    ground: Ground, report: Report, size: Size, scan: Callable[[int, int], tuple[float, list[float]]]
) -> None:
    """The same scans with the policies of the database in force and out of it, in turn (R-18)."""
    lanes = size.connections[-1]
    sides = {is_on: Side("with" if is_on else "without", scan) for is_on in (True, False)}
    sides[True].begin(lanes, size.seconds)
    sides[False].begin(lanes, size.seconds)
    try:
        for _round in range(size.rounds):
            for is_on, side in sides.items():
                ground.lock_rows(WORK, is_on=is_on)
                side.do_round(lanes)
    finally:
        ground.lock_rows(WORK, is_on=True)
    kept = sides[True].rate / sides[False].rate
    report.say(
        f"  policies on rows: {sides[True].rate:,.0f} a second with, {sides[False].rate:,.0f} without them"
        f" ({kept:.2f} of it), {lanes} connections"
    )


def webhooks(ground: Ground, report: Report, size: Size) -> None:
    """Messages of Wave about paid sessions: checked, kept, and put on the queue."""
    report.title("Donation webhooks a second (signed, checked, kept, queued)")
    secrets = ground.app(WORK).config["SETTINGS"].wave_webhook_secrets
    supply = _Numbers()
    with ground.serving(WORK) as server:
        script = Script([_record_webhook(ground, secrets, supply.take(1))])

        def deliver(lanes: int, each: int) -> tuple[float, list[float]]:
            first = supply.take(lanes * each)
            numbers = [range(first + lane, first + lanes * each, lanes) for lane in range(lanes)]
            answered = put_on(server.port, [[_message(one, secrets) for one in lane] for lane in numbers])
            return answered.rate, answered.times

        with _floor(ground, script) as floor:
            sides = _sides(ground, script, deliver, floor, supply.take)
            _compare(ground, report, size, sides, (server, floor), script)


class _Numbers:
    """Numbers of messages, each given out once."""

    def __init__(self) -> None:
        self._next = FIRST_NUMBER

    def take(self, count: int) -> int:
        """The first of `count` numbers."""
        first, self._next = self._next, self._next + count
        return first


def _compare(
    ground: Ground,
    report: Report,
    size: Size,
    sides: Sequence[Side],
    servers: Sequence[Server],
    script: Script,
) -> float:
    """All sides in turn for each number of connections; the smallest part of the floor."""
    rows, shares = [], []
    for lanes in size.connections:
        for side in sides:
            side.begin(lanes, size.seconds)
        spent = [_Spent(server, ground) for server in servers]
        for _round in range(size.rounds):
            for side, watched in zip_longest(sides, spent):
                with watched.counting() if watched else nullcontext():
                    side.do_round(lanes)
        floor = sides[1].rate
        shares.append(sides[0].rate / floor)
        for side in sides:
            times = [
                milliseconds(percentile(side.times, share)) if side.times else "" for share in (0.5, 0.95)
            ]
            rows.append((f"{side.name}, {lanes}", side.rate, *times, side.rate / floor))
        for side, watched in zip(sides, spent, strict=False):
            report.say(f"  {side.name}, {lanes}: {watched.told(len(side.times))}")
    report.table(("who, connections", "a second", "p50 ms", "p95 ms", "of the floor"), rows)
    report.say(f"  {script.statements} statements and a commit in each request")
    if len(sides) < 3:
        report.say("  pgbench is not among the programs of the embedded PostgreSQL; nothing was installed")
    return min(shares)


class _Spent:
    """Processor time of a web server and of PostgreSQL, while it is being counted."""

    def __init__(self, server: Server, ground: Ground) -> None:
        self._leaders = {"web": server.member.pid, "PostgreSQL": ground.stack.pid("postgres")}
        self._seconds = dict.fromkeys(self._leaders, 0.0)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what the block uses."""
        before = self._now()
        yield
        for name, now in self._now().items():
            self._seconds[name] += now - before[name]

    def told(self, requests: int) -> str:
        """The time of one request, by who spent it."""
        parts = [f"{name} {seconds * 1000 / requests:.2f} ms" for name, seconds in self._seconds.items()]
        return f"processor time of a request, {', '.join(parts)}"

    def _now(self) -> dict[str, float]:
        return {name: processor_seconds(leader) for name, leader in self._leaders.items() if leader}


def _sides(
    ground: Ground,
    script: Script,
    portal: Callable[[int, int], tuple[float, list[float]]],
    floor: Server,
    take: Callable[[int], int],
) -> list[Side]:
    def bare(lanes: int, each: int) -> tuple[float, list[float]]:
        first = take(lanes * each)
        numbers = [range(first + lane, first + lanes * each, lanes) for lane in range(lanes)]
        asked = [[request("POST", f"/{number}") for number in lane] for lane in numbers]
        answered = put_on(floor.port, asked, b"done")
        return answered.rate, answered.times

    sides = [Side("portal", portal), Side("floor", bare)]
    program = pgbench.program()
    if program is not None:
        path = ground.folder / "script.pgbench"
        pgbench.write(script, path)
        found: Path = program

        def alone(lanes: int, each: int) -> tuple[float, list[float]]:
            rate = pgbench.run(found, path, ground.owner(WORK), take(lanes * each), lanes, each)
            return rate, []

        sides.append(Side("pgbench", alone))
    return sides


@contextmanager
def _floor(ground: Ground, script: Script) -> Iterator[Server]:
    path = ground.folder / "script.json"
    script.save(path)
    told = {"FLOOR_DATABASE": ground.owner(WORK), "FLOOR_SCRIPT": str(path)}
    with ground.serving(WORK, "tests.bench.floor:app", told) as server:
        yield server


def _record_scans(ground: Ground, server: Server, houses: Houses) -> Script:
    """One scan of each house inside this process, when its running total and its sign-in are known."""
    client = ground.app(WORK).test_client(use_cookies=False)
    tills = houses.tills(server.port)
    put_on(server.port, houses.lanes(tills, 1, HOUSES), REDEEMED)
    first = houses.take(HOUSES)
    steps = {}
    for number in range(first, first + HOUSES):
        asked = tills[number % HOUSES].scan(number, ground.app(WORK).config["SETTINGS"].qr_signing_key)
        steps[number % HOUSES] = record(lambda asked=asked: _redeemed(client, asked), number)
    return Script([steps[house] for house in range(HOUSES)])


def _redeemed(client: object, asked: str) -> None:
    head, _, body = asked.partition("\r\n\r\n")
    headers = [line.split(": ", 1) for line in head.split("\r\n")[1:]]
    answer = client.post("/partner/scan", headers=headers, data=body)  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.data[:500]


def _record_webhook(ground: Ground, secrets: Sequence[str], number: int) -> list:  # type: ignore[type-arg]
    client = ground.app(WORK).test_client()
    body = _body(number)
    headers = {HEADER: signed_header(secrets, body, clock.now())}

    def ask() -> None:
        assert client.post("/webhooks/wave", data=body, headers=headers).status_code == 200

    return record(ask, number)


def _message(number: int, secrets: Sequence[str]) -> str:
    body = _body(number)
    headers = {HEADER: signed_header(secrets, body, clock.now()), "Content-Type": "application/json"}
    return request("POST", "/webhooks/wave", headers, body)


def _body(number: int) -> bytes:
    """A message as Wave writes it about a session that was paid."""
    data = {
        "id": f"cos-{number}",
        "amount": "5000",
        "checkout_status": "complete",
        "client_reference": f"bench-{number}",
        "currency": "XOF",
        "error_url": "https://teranga.example/error",
        "last_payment_error": None,
        "business_name": "Teranga",
        "payment_status": "succeeded",
        "transaction_id": f"TCN{number}",
        "success_url": "https://teranga.example/success",
        "wave_launch_url": f"https://pay.wave.com/c/cos-{number}",
        "when_completed": "2026-11-21T10:15:32Z",
        "when_created": "2026-11-21T10:13:04Z",
        "when_expires": "2026-11-22T10:12:04Z",
    }
    return json.dumps({"id": f"EV_{number}", "type": "checkout.session.completed", "data": data}).encode()
