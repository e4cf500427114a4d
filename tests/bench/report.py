"""What the bench says: tables as they come, and every target once more at the end, met or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float


@dataclass(frozen=True)
class Target:
    """A claim of the portal about itself, and what was measured."""

    name: str
    measured: float
    limit: float
    unit: str
    at_least: bool

    @property
    def is_met(self) -> bool:
        """Whether the figure keeps to the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        verdict = "met   " if self.is_met else "MISSED"
        wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"
        return f"{verdict}  {self.name}: {self.measured:.3g}{self.unit} ({wanted})"


@dataclass
class Report:
    """Prints as it goes."""

    targets: list[Target] = field(default_factory=list)

    def title(self, text: str) -> None:
        """A new part."""
        self.say(f"\n{text}\n{'─' * len(text)}")

    def say(self, text: str) -> None:
        """A line."""
        print(text, flush=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Rows under their heads, words to the left and numbers to the right."""
        texts = [[_text(cell) for cell in row] for row in rows]
        widths = [max(len(line[column]) for line in [list(head), *texts]) for column in range(len(head))]
        for line, cells in zip([list(head), *texts], [head, *rows], strict=True):
            aligned = [
                text.ljust(width)
                if column == 0 or (isinstance(cell, str) and cells is not head)
                else text.rjust(width)
                for column, (text, width, cell) in enumerate(zip(line, widths, cells, strict=True))
            ]
            self.say("  " + "   ".join(aligned).rstrip())

    def at_least(self, name: str, measured: float, limit: float, unit: str = "") -> None:
        """A figure that should not be smaller than `limit`."""
        self._add(Target(name, measured, limit, unit, True))

    def at_most(self, name: str, measured: float, limit: float, unit: str = "") -> None:
        """A figure that should not be larger than `limit`."""
        self._add(Target(name, measured, limit, unit, False))

    def sum_up(self) -> int:
        """Every target again; how many were missed."""
        missed = [target for target in self.targets if not target.is_met]
        if self.targets:
            self.title("Targets")
            for target in self.targets:
                self.say(f"  {target}")
            self.say(f"\n  {len(self.targets) - len(missed)} of {len(self.targets)} targets met")
        return len(missed)

    def _add(self, target: Target) -> None:
        self.targets.append(target)
        self.say(f"  → {target}")


def milliseconds(seconds: float) -> float:
    """Seconds as the tables show them."""
    return round(seconds * 1000, 1)


def _text(cell: Cell) -> str:
    return (
        f"{cell:,.2f}"
        if isinstance(cell, float) and abs(cell) < 10
        else f"{cell:,.1f}"
        if isinstance(cell, float)
        else f"{cell:,}"
        if isinstance(cell, int)
        else cell
    )
