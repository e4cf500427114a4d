"""A camera that films a printed code."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

# As a cheap phone's camera gives it, with the code filling most of the height.
_WIDTH, _HEIGHT, _CODE = 640, 480, 360
_FRAMES = 10


def film(picture: bytes, path: Path) -> Path:
    """Write a film for Chromium's fake camera: JPEG frames one after another, each showing the picture."""
    code = Image.open(BytesIO(picture)).convert("RGB").resize((_CODE, _CODE))
    frame = Image.new("RGB", (_WIDTH, _HEIGHT), "#c9c2b6")
    frame.paste(code, ((_WIDTH - _CODE) // 2, (_HEIGHT - _CODE) // 2))
    jpeg = BytesIO()
    frame.save(jpeg, "JPEG", quality=80)
    path.write_bytes(jpeg.getvalue() * _FRAMES)
    return path


def filming(path: Path) -> list[str]:
    """The flags with which Chromium takes that film for what its camera sees."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
