"""Scans of papers people send: a picture, made anew, or a PDF, of which only a picture of its pages is kept.

What a file is follows from its first bytes, never from its name or from what the browser says of it. A PDF may hold
scripts, files, links and worse, and what reads it may have holes: it is drawn by a short-lived process that has no
rights (`draw_pdf.py`), lies in memory only, and what that process answers is read like a picture of a stranger.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from portal.kernel.draw_pdf import Ending
from portal.kernel.errors import InvalidInput, TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.images import MAX_UPLOAD_BYTES, clean_pages, clean_picture

PICTURE = "image/webp"
# A WebP is at most 16,383 pixels high: so many pages fit below each other.
MOST_PAGES = 6
# Long enough to read the small print of a passport.
_LONGEST_SIDE = 2400
_DRAWING = Path(__file__).with_name("draw_pdf.py")
# What a page is at most, in colours that cannot be packed.
_LARGEST_PAGE = 4 * _LONGEST_SIDE * _LONGEST_SIDE

_one_at_a_time = threading.Lock()


def clean_scan(data: bytes, *, field: str, most_pages: int, seconds: int) -> bytes:
    """The scan as it is kept, a WebP. Raises `InvalidInput` with a sentence for anything that cannot be drawn."""
    if not data.startswith(b"%PDF-"):
        return clean_picture(data, longest_side=_LONGEST_SIDE, field=field)
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidInput(_("This file is larger than 8 MB. Please choose a smaller one."), field=field)
    if not _one_at_a_time.acquire(timeout=seconds):
        raise TooMany(
            _("Many papers are being read just now. Please try again in a minute."), retry_after=seconds
        )
    try:
        ending, drawn = _drawn(data, most_pages, seconds)
        if ending == Ending.DRAWN and drawn:
            return clean_pages(
                list(islice(_pages(drawn), most_pages)), longest_side=_LONGEST_SIDE, field=field
            )
    finally:
        _one_at_a_time.release()
    raise InvalidInput(_sentence(ending, most_pages), field=field)


def _drawn(data: bytes, most_pages: int, seconds: int) -> tuple[int, bytes]:
    """How the drawing ended and what came of it, within its time."""
    words = [sys.executable, "-I", str(_DRAWING), str(most_pages), str(_LONGEST_SIDE), str(seconds)]
    with (
        _in_memory(data) as source,
        # None of our environment: keys and addresses stand in it.
        subprocess.Popen(
            words, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env={}
        ) as it,
    ):
        end = threading.Timer(seconds, it.kill)
        end.start()
        try:
            assert it.stdout is not None
            drawn = it.stdout.read(most_pages * _LARGEST_PAGE)
            if it.stdout.read(1):
                it.kill()
            return it.wait(), drawn
        finally:
            end.cancel()
            it.kill()


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    """A file that is on no disk."""
    source = os.memfd_create("pdf")
    try:
        os.write(source, data)
        os.lseek(source, 0, os.SEEK_SET)
        yield source
    finally:
        os.close(source)


def _pages(drawn: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(drawn):
        end = start + 4 + int.from_bytes(drawn[start : start + 4], "big")
        yield drawn[start + 4 : end]
        start = end


def _sentence(ending: int, most_pages: int) -> str:
    if ending == Ending.LOCKED:
        return _("This PDF asks for a password. Please send one without, or a photo.")
    if ending == Ending.TOO_MANY_PAGES:
        return ngettext(
            "This PDF has more than %(num)s page. Please send only the paper.",
            "This PDF has more than %(num)s pages. Please send only the pages of the paper.",
            most_pages,
        )
    if ending == Ending.BROKEN:
        return _("This PDF is not whole. Please scan the paper again.")
    return _("This PDF is too much to read. Please send a plain scan, or a photo.")
