"""Measuring whether the time of an answer tells who is known here.

Known and unknown contacts are tried in turns, in one run and in an order of chance, so that whatever slows the
machine slows both. What is compared is how often a known one takes longer: half of the time when nothing tells.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product

ROUNDS = 60
# Below the tries that lock an address.
TRIES = 4
# Chance alone leads this far from a half in one of a million runs.
FAR = 0.26

Try = Callable[[str], object]


def share_of_slower(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How likely a try of a known contact takes longer than one of an unknown contact."""
    wins = sum((one > other) + (one == other) / 2 for one, other in product(known, unknown))
    return wins / (len(known) * len(unknown))


def measured(try_it: Try, rounds: int = ROUNDS) -> float:
    """Try contacts of both kinds in turns; the share of known ones that took longer."""
    chance = random.Random(7)
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds + 3):
        for is_known in chance.sample([True, False], 2):
            contact = contact_of(number, is_known=is_known)
            began = time.perf_counter()
            try_it(contact)
            took = time.perf_counter() - began
            if number >= 3:
                times[is_known].append(took)
    return share_of_slower(times[True], times[False])


def addresses() -> Iterator[str]:
    """Networks from everywhere, none of them twice."""
    return (f"198.51.{high}.{low}" for high, low in product(range(100), range(1, 255)))


def known_contacts() -> list[str]:
    """Every known contact that `measured` tries."""
    return [contact_of(number, is_known=True) for number in range(0, ROUNDS + 3, TRIES)]


def contact_of(number: int, *, is_known: bool) -> str:
    """Whom one round tries."""
    return f"{'known' if is_known else 'nobody'}{number // TRIES}@example.org"
