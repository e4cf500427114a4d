"""What every part of the demo world shares while it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from portal.demo.agenda import Agenda, Days
from portal.demo.cast import Cast, Person
from portal.demo.plots import Plot
from portal.demo.wave import PlayedWave


@dataclass(slots=True)
class Kept:
    """A house once it works: its row, the people at its tills and its venues by name."""

    partner_id: UUID
    owner: Person
    team: list[Person]
    venues: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Stage:
    """The people and plans of a world, its agenda, and the Wave that plays along."""

    seed: int
    days: Days
    agenda: Agenda
    cast: Cast
    plots: list[Plot]
    wave: PlayedWave
    houses: dict[int, Kept] = field(default_factory=dict)
    packs: dict[int, UUID] = field(default_factory=dict)

    def chance(self, part: str) -> Random:
        """Chance for one part of the world, so that a change there changes nothing elsewhere."""
        return Random(f"{self.seed}:{part}")
