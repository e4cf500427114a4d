"""Draw the pages of a PDF as pictures, in a process of its own that can do nothing else.

Run as a file (`python -I draw_pdf.py MOST_PAGES LONGEST_SIDE SECONDS`) with the PDF on standard input: each page
comes out as a PNG behind its length. Before the PDF is looked at, the process gives up for good every right to open
a file or a connection, to write one, to start another process, and to take more memory or time than it may.
`portal/kernel/scans.py` starts it and trusts nothing that it says.
"""

from __future__ import annotations

import io
import resource
import sys
from enum import IntEnum

if __name__ == "__main__":
    # Whoever wants only to know the endings does not load what reads PDFs.
    import pypdfium2
    import pypdfium2.raw
    from PIL import Image

_MEMORY = 768 * 1024 * 1024
_STANDARD_STREAMS = 3


class Ending(IntEnum):
    """How the drawing ended: the exit code of the process."""

    DRAWN = 0
    LOCKED = 10
    BROKEN = 11
    TOO_MANY_PAGES = 12
    TOO_MUCH = 13


def main(most_pages: int, longest_side: int, seconds: int) -> Ending:
    """Draw what is on standard input."""
    data = sys.stdin.buffer.read()
    _load_everything()
    _give_up_rights(seconds)
    try:
        return _draw(data, most_pages, longest_side)
    except MemoryError:
        return Ending.TOO_MUCH
    except pypdfium2.PdfiumError as error:
        return Ending.LOCKED if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD else Ending.BROKEN


def _draw(data: bytes, most_pages: int, longest_side: int) -> Ending:
    document = pypdfium2.PdfDocument(data)
    if len(document) > most_pages:
        return Ending.TOO_MANY_PAGES
    pages = [_picture(document[number], longest_side) for number in range(len(document))]
    if not pages:
        return Ending.BROKEN
    for page in pages:
        sys.stdout.buffer.write(len(page).to_bytes(4, "big") + page)
    sys.stdout.buffer.flush()
    return Ending.DRAWN


def _picture(page: pypdfium2.PdfPage, longest_side: int) -> bytes:
    """The page as large as it may be, however large it says that it is; what a form or a script adds is not asked."""
    scale = longest_side / max(1.0, *page.get_size())
    out = io.BytesIO()
    page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def _load_everything() -> None:
    """Draw an empty page, so that nothing needs to be opened later."""
    empty = pypdfium2.PdfDocument.new()
    empty.new_page(8, 8)
    with Image.open(io.BytesIO(_picture(empty[0], 8))) as drawn:
        drawn.load()


def _give_up_rights(seconds: int) -> None:
    for right, most in (
        (resource.RLIMIT_NOFILE, _STANDARD_STREAMS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, seconds),
    ):
        resource.setrlimit(right, (most, most))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
