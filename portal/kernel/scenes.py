"""Plain pictures of what a pack gives: a cinema, a table, a quiet hour, a day outside."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from portal.kernel.motifs import (
    BAOBAB,
    HIBISCUS,
    INDIGO,
    LAGOON,
    LATERITE,
    MARIGOLD,
    NIGHT,
    SAND,
    SKY,
    Brush,
    disc,
)

# A scene paints on a ground of any size; all measures are shares of its width and height.
Scene = Callable[[Brush, float, float, Random], None]


def cinema(brush: Brush, width: float, height: float, chance: Random) -> None:
    """A dark hall: the screen, its light, rows of heads."""
    brush.rectangle((0, 0, width, height), fill=NIGHT)
    brush.polygon(
        [(width * 0.14, height * 0.12), (width * 0.86, height * 0.12), (width, height), (0, height)],
        fill=INDIGO,
    )
    brush.rectangle((width * 0.16, height * 0.1, width * 0.84, height * 0.58), fill=SAND)
    sun = chance.uniform(0.34, 0.66)
    brush.rectangle((width * 0.19, height * 0.15, width * 0.81, height * 0.53), fill=LATERITE)
    disc(brush, width * sun, height * 0.42, height * 0.15, MARIGOLD)
    brush.rectangle((width * 0.19, height * 0.42, width * 0.81, height * 0.53), fill=LAGOON)
    for row, (level, shade) in enumerate(((0.8, HIBISCUS), (0.94, NIGHT))):
        seats = 9 + row
        for seat in range(seats + 1):
            x = width * (seat + 0.5 * (row % 2)) / seats
            disc(brush, x, height * level, height * 0.07, shade)
            brush.rounded_rectangle(
                (x - height * 0.095, height * (level + 0.06), x + height * 0.095, height * 1.2),
                radius=height * 0.04,
                fill=shade,
            )


def restaurant(brush: Brush, width: float, height: float, chance: Random) -> None:
    """The great bowl everybody eats from, seen from above, on a checked cloth."""
    brush.rectangle((0, 0, width, height), fill=LATERITE)
    step = height / 6
    for row in range(7):
        for column in range(int(width / step) + 1):
            if (row + column) % 2:
                brush.rectangle(
                    (column * step, row * step, (column + 1) * step, (row + 1) * step), fill="#d4705a"
                )
    x, y = width * 0.5, height * 0.5
    for radius, fill in ((0.45, INDIGO), (0.42, SAND), (0.36, MARIGOLD), (0.33, "#e8903a")):
        disc(brush, x, y, height * radius, fill)
    for _grain in range(90):
        angle, far = chance.uniform(0, math.tau), height * 0.31 * math.sqrt(chance.random())
        disc(brush, x + math.cos(angle) * far, y + math.sin(angle) * far, height * 0.008, "#ffd9a0")
    turn = chance.uniform(0, math.tau)
    for index, fill in enumerate((BAOBAB, HIBISCUS, "#f6d365", BAOBAB, LATERITE)):
        angle = turn + index * math.tau / 5
        disc(
            brush,
            x + math.cos(angle) * height * 0.2,
            y + math.sin(angle) * height * 0.2,
            height * 0.065,
            fill,
        )
    brush.ellipse(
        (x - height * 0.17, y - height * 0.07, x + height * 0.12, y + height * 0.07), fill="#8d98ab"
    )
    brush.polygon(
        [(x + height * 0.1, y), (x + height * 0.2, y - height * 0.07), (x + height * 0.2, y + height * 0.07)],
        fill="#8d98ab",
    )
    disc(brush, x - height * 0.11, y - height * 0.015, height * 0.012, NIGHT)


def spa(brush: Brush, width: float, height: float, chance: Random) -> None:
    """Rings on still water, three stones, a leaf."""
    brush.rectangle((0, 0, width, height), fill="#d5e8e2")
    x, y = width * chance.uniform(0.42, 0.58), height * 0.74
    for ring in range(7, 0, -1):
        reach = width * 0.085 * ring
        shade = "#b9d9d0" if ring % 2 else "#d5e8e2"
        brush.ellipse((x - reach, y - reach * 0.32, x + reach, y + reach * 0.32), fill=shade)
    for level, half, fill in ((0.72, 0.2, "#4b5566"), (0.57, 0.155, "#6b7688"), (0.445, 0.11, "#8b95a5")):
        brush.ellipse(
            (
                x - height * half * 1.4,
                height * (level - 0.085),
                x + height * half * 1.4,
                height * (level + 0.085),
            ),
            fill=fill,
        )
    for side in (-1, 1):
        leaf = [
            (x + side * t * height * 0.3, height * 0.36 - t * height * 0.16 - math.sin(t * math.pi) * bend)
            for bend, way in ((height * 0.09, 1), (-height * 0.05, -1))
            for t in [index / 10 for index in range(11)][::way]
        ]
        brush.polygon(leaf, fill=BAOBAB if side > 0 else "#3f9a70")
    disc(brush, width * 0.84, height * 0.2, height * 0.1, MARIGOLD)


def experience(brush: Brush, width: float, height: float, chance: Random) -> None:
    """Late sun over the sea, a baobab and a pirogue."""
    for index, shade in enumerate(("#f7c977", "#f5b761", "#f2a33a", "#e88a3e")):
        brush.rectangle((0, height * index * 0.15, width, height), fill=shade)
    sun = width * chance.uniform(0.55, 0.75)
    disc(brush, sun, height * 0.5, height * 0.19, "#fff3d6")
    brush.rectangle((0, height * 0.6, width, height), fill=LAGOON)
    for index in range(6):
        level, half = height * (0.63 + index * 0.03), height * (0.16 - index * 0.02)
        brush.rounded_rectangle(
            (sun - half, level, sun + half, level + height * 0.012), radius=3, fill="#fff3d6"
        )
    brush.polygon(
        [(0, height), (0, height * 0.72), (width * 0.52, height * 0.86), (width * 0.6, height)], fill=NIGHT
    )
    _baobab(brush, width * 0.2, height, chance)
    _pirogue(brush, width * 0.8, height)


def _baobab(brush: Brush, x: float, height: float, chance: Random) -> None:
    base = height * 0.82
    brush.polygon(
        [
            (x - height * 0.08, base),
            (x - height * 0.045, height * 0.4),
            (x + height * 0.045, height * 0.4),
            (x + height * 0.09, base),
        ],
        fill=NIGHT,
    )
    for _crown in range(9):
        angle, reach = chance.uniform(math.pi, math.tau), chance.uniform(0.13, 0.23)
        end = (x + math.cos(angle) * height * reach * 1.4, height * 0.4 + math.sin(angle) * height * reach)
        brush.line([(x, height * 0.44), end], fill=NIGHT, width=max(2, int(height * 0.022)))
        disc(brush, end[0], end[1], height * 0.055, NIGHT)


def _pirogue(brush: Brush, boat: float, height: float) -> None:
    brush.polygon(
        [
            (boat - height * 0.2, height * 0.72),
            (boat + height * 0.22, height * 0.7),
            (boat + height * 0.12, height * 0.79),
            (boat - height * 0.12, height * 0.79),
        ],
        fill=HIBISCUS,
    )
    brush.line(
        [(boat - height * 0.16, height * 0.745), (boat + height * 0.17, height * 0.735)],
        fill=SKY,
        width=max(2, int(height * 0.012)),
    )


SCENES: dict[str, Scene] = {
    "cinema": cinema,
    "restaurant": restaurant,
    "spa": spa,
    "experience": experience,
}
