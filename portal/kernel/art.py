"""Pictures without photographers: the same seed always gives the same picture, in a few milliseconds.

Used for the demo world, for pots whose owner has not chosen a photo, and for the preview that a shared
link shows.
"""

from __future__ import annotations

import io
import math
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont, ImageOps

from portal.kernel.motifs import (
    BAOBAB,
    CLOTHS,
    INDIGO,
    MARIGOLD,
    MOTIFS,
    SAND,
    Brush,
    Cloth,
    cloth_of,
    disc,
    hem,
    lay,
)
from portal.kernel.scenes import SCENES, experience

FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
COVER_SIZE = (800, 450)
PREVIEW_SIZE = (1200, 630)
_SKINS = ("#5b3a29", "#6f4632", "#8a5a3c", "#4a2e22", "#a06a45")
_SHARP = 2


def pot_cover(seed: str) -> bytes:
    """A festive cover for a pot (WebP, 800 x 450): wax cloth with a calabash of gifts, after `seed`."""
    chance = Random(f"cover:{seed}")
    cloth = cloth_of(chance)
    picture = lay(COVER_SIZE, chance.choice(MOTIFS), cloth, chance.choice((100, 120, 150)))
    medallion = _medallion(chance.choice([other for other in CLOTHS if other[0] != cloth[0]]))
    picture.paste(medallion, (COVER_SIZE[0] // 2 - medallion.width // 2, 45), medallion)
    return _webp(picture)


def pack_picture(category: str, seed: str) -> bytes:
    """What a pack gives (WebP, 800 x 450): cinema, restaurant, spa, or experience for any other category."""
    width, height = COVER_SIZE[0] * _SHARP, COVER_SIZE[1] * _SHARP
    picture = Image.new("RGB", (width, height))
    SCENES.get(category, experience)(ImageDraw.Draw(picture), width, height, Random(f"pack:{seed}"))
    return _webp(picture.reduce(_SHARP))


def portrait(name: str) -> bytes:
    """A person in paper cut (WebP, 256 x 256): cloth behind, boubou, head and headwear, after `name`."""
    chance = Random(f"portrait:{name}")
    cloth = cloth_of(chance)
    side = 256 * _SHARP
    picture = lay((side, side), chance.choice(MOTIFS), cloth, 128)
    _bust(ImageDraw.Draw(picture), side, chance, cloth)
    return _webp(picture.reduce(_SHARP))


def pot_preview(title: str, raised_text: str, percent: int, cover: bytes | None) -> bytes:
    """What a shared pot link shows (JPEG, 1200 x 630): title, amount in words, progress, cover.

    `percent` is cut to 0-100 for the bar; without a readable cover one is drawn after the title.
    """
    width, height = PREVIEW_SIZE
    picture = Image.new("RGB", PREVIEW_SIZE, INDIGO)
    picture.paste(_cover_of(cover, title), (660, 0))
    brush = ImageDraw.Draw(picture)
    brush.polygon([(640, 0), (720, 0), (640, height)], fill=INDIGO)
    lines = _wrapped(title, _font("Bold", 62), 560)
    top = 70
    for line in lines:
        brush.text((64, top), line, font=_font("Bold", 62), fill=SAND)
        top += 78
    brush.text((64, 408), raised_text, font=_fitting(raised_text, 560), fill=MARIGOLD)
    _bar(brush, (64, 496, 600, 524), max(0, min(100, percent)))
    brush.text((64, 548), "Teranga", font=_font("Bold", 34), fill=SAND)
    hem(brush, width, height - 20, 20, (INDIGO, INDIGO, SAND, MARIGOLD))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _medallion(cloth: Cloth) -> Image.Image:
    """A round plaque with a calabash from which gifts rise; transparent around it."""
    side = 360 * _SHARP
    plaque = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    brush = ImageDraw.Draw(plaque)
    middle = side / 2
    for share, fill in ((0.5, cloth[3]), (0.47, SAND), (0.43, cloth[0])):
        disc(brush, middle, middle, side * share, fill)
    spark = next(colour for colour in (cloth[1], cloth[2], cloth[3]) if colour != cloth[0])
    _calabash(brush, side, spark, cloth)
    return plaque.reduce(_SHARP)


def _calabash(brush: Brush, side: float, colour: str, cloth: Cloth) -> None:
    """The house's mark: an open bowl, a flame of welcome above it, rays around."""
    flame = cloth[2] if cloth[2] not in (cloth[0], colour) else SAND
    brush.pieslice((side * 0.25, side * 0.29, side * 0.75, side * 0.75), 0, 180, fill=colour)
    brush.rectangle((side * 0.41, side * 0.72, side * 0.59, side * 0.78), fill=colour)
    for index in range(7):
        disc(brush, side * (0.32 + index * 0.06), side * 0.585, side * 0.012, cloth[0])
    disc(brush, side * 0.5, side * 0.4, side * 0.08, flame)
    brush.polygon(
        [(side * 0.5, side * 0.21), (side * 0.431, side * 0.36), (side * 0.569, side * 0.36)], fill=flame
    )
    for degrees in (200, 232, 308, 340):
        angle = math.radians(degrees)
        for step in range(8):
            reach = side * (0.19 + step * 0.012)
            disc(
                brush,
                side * 0.5 + math.cos(angle) * reach,
                side * 0.46 + math.sin(angle) * reach,
                side * 0.022,
                colour,
            )


def _bust(brush: Brush, side: int, chance: Random, cloth: Cloth) -> None:
    skin = chance.choice(_SKINS)
    robe = chance.choice([other for other in CLOTHS if other[0] != cloth[0]])
    disc(brush, side / 2, side * 0.52, side * 0.46, cloth[2])
    cap, band = [colour for colour in (robe[1], robe[3], robe[2]) if colour != cloth[2]][:2]
    brush.ellipse((side * 0.12, side * 0.72, side * 0.88, side * 1.5), fill=robe[0])
    brush.polygon(
        [(side * 0.38, side * 0.72), (side * 0.62, side * 0.72), (side * 0.5, side * 0.92)], fill=robe[1]
    )
    brush.rounded_rectangle(
        (side * 0.43, side * 0.58, side * 0.57, side * 0.8), radius=side * 0.06, fill=skin
    )
    brush.ellipse((side * 0.33, side * 0.28, side * 0.67, side * 0.7), fill=skin)
    headwear = chance.randrange(3)
    if headwear == 0:  # a tied scarf
        brush.ellipse((side * 0.27, side * 0.16, side * 0.73, side * 0.46), fill=cap)
        brush.polygon(
            [(side * 0.56, side * 0.3), (side * 0.84, side * 0.1), (side * 0.78, side * 0.36)], fill=band
        )
    elif headwear == 1:  # a round cap
        brush.rounded_rectangle(
            (side * 0.33, side * 0.2, side * 0.67, side * 0.4), radius=side * 0.06, fill=cap
        )
        brush.rectangle((side * 0.33, side * 0.33, side * 0.67, side * 0.38), fill=band)
    else:  # hair
        brush.pieslice((side * 0.29, side * 0.18, side * 0.71, side * 0.64), 180, 360, fill="#1b1412")
        disc(brush, side * 0.5, side * 0.2, side * 0.09, "#1b1412")


def _bar(brush: Brush, box: tuple[int, int, int, int], percent: int) -> None:
    left, top, right, bottom = box
    radius = (bottom - top) // 2
    brush.rounded_rectangle(box, radius=radius, fill="#46557d")
    if percent:
        end = max(left + 2 * radius, left + (right - left) * percent // 100)
        brush.rounded_rectangle(
            (left, top, end, bottom), radius=radius, fill=BAOBAB if percent >= 100 else MARIGOLD
        )


def _cover_of(cover: bytes | None, title: str) -> Image.Image:
    wanted = (PREVIEW_SIZE[0] - 660, PREVIEW_SIZE[1])
    for data in (cover, None):
        try:
            with Image.open(io.BytesIO(data or pot_cover(title))) as source:
                source.draft("RGB", wanted)
                return ImageOps.fit(source.convert("RGB"), wanted, Image.Resampling.BILINEAR)
        except (OSError, ValueError, SyntaxError):
            continue
    return Image.new("RGB", wanted, MARIGOLD)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int, most: int = 4) -> list[str]:
    """`text` in at most `most` lines of `width` pixels; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = _shortened(word, font, width)
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1] + "…", font, width)]
    return lines


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while len(text) > 2 and font.getlength(text) > width:
        text = text.rstrip("…")[:-1] + "…"
    return text


def _fitting(text: str, width: int) -> ImageFont.FreeTypeFont:
    """The largest bold font in which `text` fits one line."""
    sizes = [size for size in (58, 50, 42, 36, 30) if _font("Bold", size).getlength(text) <= width]
    return _font("Bold", sizes[0] if sizes else 24)


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"NotoSans-{weight}.ttf"), size)


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=60, method=1)
    return out.getvalue()
