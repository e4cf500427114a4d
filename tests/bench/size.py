"""How much the bench does: enough for figures that hold, or just enough to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """The numbers of one run."""

    connections: tuple[int, ...] = (1, 4, 16)
    rounds: int = 5
    seconds: float = 2.0
    page_visits: int = 300
    scale: int = 100
    redemptions: int = 100_000
    messages: tuple[int, ...] = (1_000, 10_000)
    postings: int = 2_000


FULL = Size()
QUICK = Size(
    connections=(1, 4),
    rounds=2,
    seconds=0.5,
    page_visits=20,
    scale=2,
    redemptions=5_000,
    messages=(200,),
    postings=200,
)
