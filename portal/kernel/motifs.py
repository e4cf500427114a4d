"""Small repeated figures in the manner of wax prints: drawn large, shrunk smooth, laid like cloth."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

INDIGO = "#22335c"
MARIGOLD = "#f2a33a"
HIBISCUS = "#b1244c"
BAOBAB = "#2b7a56"
SAND = "#fbf7f0"
NIGHT = "#141a2b"
LAGOON = "#1d7f8c"
LATERITE = "#c8553d"
SKY = "#9fc3d9"

# ground, main, second, spark: four colours that hold together on cloth
CLOTHS = (
    (INDIGO, MARIGOLD, SAND, HIBISCUS),
    (MARIGOLD, INDIGO, HIBISCUS, SAND),
    (HIBISCUS, SAND, MARIGOLD, INDIGO),
    (BAOBAB, MARIGOLD, SAND, INDIGO),
    (LAGOON, SAND, MARIGOLD, INDIGO),
    (SAND, HIBISCUS, INDIGO, MARIGOLD),
    (LATERITE, SAND, INDIGO, MARIGOLD),
    (NIGHT, LAGOON, MARIGOLD, SAND),
)

Cloth = tuple[str, str, str, str]
Brush = ImageDraw.ImageDraw
Motif = Callable[[Brush, float, Cloth], None]
_SHARP = 3


def disc(brush: Brush, x: float, y: float, radius: float, fill: str) -> None:
    """A filled circle around a point."""
    brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def rings(brush: Brush, side: float, cloth: Cloth) -> None:
    """Water after the stone: circles inside circles, a quarter in each corner."""
    _, main, second, spark = cloth
    for x, y in ((0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)):
        for share, fill in ((0.36, main), (0.29, cloth[0]), (0.23, second), (0.14, cloth[0]), (0.09, spark)):
            disc(brush, x * side, y * side, share * side, fill)


def flower(brush: Brush, side: float, cloth: Cloth) -> None:
    """Eight petals and a heart, seeds in the corners."""
    _, main, second, spark = cloth
    middle = side / 2
    for petal in range(8):
        angle = petal * math.pi / 4
        x, y = middle + math.cos(angle) * side * 0.27, middle + math.sin(angle) * side * 0.27
        disc(brush, x, y, side * 0.13, main if petal % 2 else second)
    disc(brush, middle, middle, side * 0.17, cloth[0])
    disc(brush, middle, middle, side * 0.12, spark)
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        disc(brush, x * side, y * side, side * 0.1, main)


def teeth(brush: Brush, side: float, cloth: Cloth) -> None:
    """Rows of triangles, up and down."""
    _, main, second, spark = cloth
    half = side / 2
    brush.polygon([(0, half), (half, 0), (side, half)], fill=main)
    brush.polygon([(0, side), (half, half), (side, side)], fill=second)
    brush.polygon([(side * 0.3, half), (half, side * 0.2), (side * 0.7, half)], fill=cloth[0])
    disc(brush, half, side * 0.82, side * 0.08, spark)


def eyes(brush: Brush, side: float, cloth: Cloth) -> None:
    """Almond leaves crossing, each with its seed."""
    _, main, second, spark = cloth
    for turn, fill in ((0, main), (1, second)):
        leaf = [_turned(point, side, turn) for point in _almond(side)]
        brush.polygon(leaf, fill=fill)
    disc(brush, side / 2, side / 2, side * 0.16, cloth[0])
    disc(brush, side / 2, side / 2, side * 0.1, spark)


def fans(brush: Brush, side: float, cloth: Cloth) -> None:
    """Overlapping scales, like the fishermen's nets."""
    _, main, second, _spark = cloth
    for x, y in ((0, 0.5), (1, 0.5), (0.5, 1), (0, 1.5), (1, 1.5)):
        for share, fill in ((0.5, main), (0.4, cloth[0]), (0.32, second), (0.22, cloth[0]), (0.12, main)):
            disc(brush, x * side, y * side, share * side, fill)


MOTIFS: tuple[Motif, ...] = (rings, flower, teeth, eyes, fans)


def cloth_of(chance: Random) -> Cloth:
    """One of the house's cloths."""
    return chance.choice(CLOTHS)


def lay(size: tuple[int, int], motif: Motif, cloth: Cloth, side: int) -> Image.Image:
    """A piece of cloth of `size` pixels, `motif` repeated every `side` pixels."""
    large = Image.new("RGB", (side * _SHARP, side * _SHARP), cloth[0])
    motif(ImageDraw.Draw(large), side * _SHARP, cloth)
    tile = large.reduce(_SHARP)
    piece = Image.new("RGB", size)
    for x in range(0, size[0], side):
        for y in range(0, size[1], side):
            piece.paste(tile, (x, y))
    return piece


def hem(brush: Brush, width: int, top: float, height: float, cloth: Cloth) -> None:
    """A band of teeth across the whole width, the house's signature."""
    brush.rectangle((0, top, width, top + height), fill=cloth[1])
    step = height * 2
    for index in range(int(width / step) + 1):
        x = index * step
        brush.polygon([(x, top), (x + step, top), (x + step / 2, top + height)], fill=cloth[3])


def _almond(side: float) -> list[tuple[float, float]]:
    steps = [index / 12 for index in range(13)]
    upper = [(t * side, side / 2 - math.sin(t * math.pi) * side * 0.24) for t in steps]
    lower = [(t * side, side / 2 + math.sin(t * math.pi) * side * 0.24) for t in reversed(steps)]
    return upper + lower


def _turned(point: tuple[float, float], side: float, turn: int) -> tuple[float, float]:
    x, y = point
    return (side - y, x) if turn else (x, y)
