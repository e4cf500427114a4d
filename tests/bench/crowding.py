"""The till beside a crowd: a scan's p95 alone, and while four others load public pages without a pause."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from sqlalchemy import select

from portal.kernel.db import transaction
from portal.pots.models import Pot, PotStatus, Visibility
from tests.bench.ground import WORK, Ground
from tests.bench.houses import houses_of
from tests.bench.rates import REDEEMED
from tests.bench.report import Report, milliseconds
from tests.bench.size import Size
from tests.bench.traffic import Load, percentile, put_on, request

OTHERS = 4
MOST_GROWTH = 2.0
_SCANS = 60
# Longer than a round can take; the load is stopped when the scans are done.
_SECONDS = 120.0


def scan_under_page_load(ground: Ground, report: Report, size: Size) -> None:
    """Rounds of scans, alone and beside the others in turn."""
    report.title(f"A scan alone, and while {OTHERS} others load public pages without a pause")
    houses = houses_of(ground.app(WORK))
    others = _public_pages(ground)
    alone: list[float] = []
    beside: list[float] = []
    rates: list[float] = []
    with ground.serving(WORK) as server:
        tills = houses.tills(server.port)
        put_on(server.port, houses.lanes(tills, 1, _SCANS), REDEEMED)
        for _round in range(size.rounds * 2):
            alone += put_on(server.port, houses.lanes(tills, 1, _SCANS), REDEEMED).times
            crowd = Load(server.port, others, seconds=_SECONDS, keep=False)
            try:
                put_on(server.port, houses.lanes(tills, 1, 10), REDEEMED)
                beside += put_on(server.port, houses.lanes(tills, 1, _SCANS), REDEEMED).times
            finally:
                rates.append(crowd.stop().rate)
        visits = put_on(server.port, [pages * 20 for pages in others]).rate
    rows = [
        (name, milliseconds(percentile(times, 0.5)), milliseconds(percentile(times, 0.95)))
        for name, times in (("alone", alone), (f"beside {OTHERS} others", beside))
    ]
    report.table(("the scan", "p50 ms", "p95 ms"), rows)
    report.say(
        f"  the {OTHERS} others load {visits:.0f} pages a second alone, {median(rates):.0f} beside the till"
    )
    growth = percentile(beside, 0.95) / percentile(alone, 0.95)
    report.at_most("a scan's p95 under page load, of alone", growth, MOST_GROWTH)


def _public_pages(ground: Ground) -> Sequence[list[str]]:
    """What each of the others goes through, each beginning elsewhere."""
    shown = select(Pot.public_slug).where(Pot.status == PotStatus.OPEN, Pot.visibility == Visibility.PUBLIC)
    with ground.app(WORK).app_context(), transaction() as session:
        slugs = session.scalars(shown.order_by(Pot.id).limit(4)).all()
    paths = ["/", "/packs", "/pots/public", *(f"/p/{slug}" for slug in slugs)]
    return [[request("GET", path) for path in paths[start:] + paths[:start]] for start in range(OTHERS)]
