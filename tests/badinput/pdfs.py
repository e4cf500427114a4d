"""PDFs as people send them, and as nobody should: locked, cut off, endless, with scripts and files inside."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from fpdf import FPDF

HIDDEN = b"what-nobody-should-keep"
COLOURS = ("1 0 0", "0 1 0", "0 0 1")


def pdf(
    pages: int = 1, *, box: str = "0 0 240 160", catalog: bytes = b"", more: Sequence[bytes] = ()
) -> bytes:
    """A whole PDF of coloured pages; `more` objects follow, numbered from `6 + pages` on."""
    drawn = [_stream(f"{colour} rg -9999999 -9999999 99999999 99999999 re f".encode()) for colour in COLOURS]
    first_page = 3 + len(drawn)
    kids = b" ".join(b"%d 0 R" % (first_page + number) for number in range(pages))
    sheets = [
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R>>" % (box.encode(), 3 + number % len(drawn))
        for number in range(pages)
    ]
    tree = b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids)
    return assembled([b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog, tree, *drawn, *sheets, *more])


def assembled(objects: Sequence[bytes]) -> bytes:
    """Objects, the catalog first, with the table that says where they lie."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(out))
    )


def locked() -> bytes:
    """A PDF that only opens with a password."""
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="user")
    paper.add_page()
    return bytes(paper.output())


def busy() -> dict[str, bytes]:
    """PDFs that would do more than show pages, by what they would do."""
    program = _stream(HIDDEN, b"/Type/EmbeddedFile")
    held = b"<</Type/Filespec/F(run.exe)/EF<</F 7 0 R>>>>"
    return {
        "a script": pdf(catalog=b"/OpenAction<</S/JavaScript/JS(app.alert('%s'))>>" % HIDDEN),
        "a script in hiding": pdf(catalog=b"/OpenAction<</S/Java#53cript/JS(app.alert('%s'))>>" % HIDDEN),
        "a program to start": pdf(catalog=b"/OpenAction<</S/Launch/F(%s)>>" % HIDDEN),
        "a page elsewhere": pdf(catalog=b"/OpenAction<</S/URI/URI(https://%s.example.org)>>" % HIDDEN),
        "a file inside": pdf(
            catalog=b"/Names<</EmbeddedFiles<</Names[(run.exe) 8 0 R]>>>>", more=[program, held]
        ),
        "a form": pdf(catalog=b"/AcroForm<</Fields[]/XFA 7 0 R>>", more=[_stream(HIDDEN)]),
        "a tail": pdf() + HIDDEN,
        "two formats in one": pdf().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%<script>" + HIDDEN + b"</script>\n"),
    }


def swelling() -> bytes:
    """A few kilobytes whose drawing never ends: each figure draws the next one ten times."""
    depth, first = 12, 5
    figures = [
        _stream(
            b"/X Do " * 10,
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % number,
        )
        for number in range(first + 1, first + depth)
    ]
    last = _stream(b"0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X %d 0 R>>>>>>"
        % first
    )
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return assembled([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, _stream(b"/X Do"), *figures, last])


def bomb(side: int = 40_000) -> bytes:
    """A small file with a picture of very many pixels."""
    packed = zlib.compress(bytes(side) * 1000, 9)
    picture = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8" % (
        side,
        side,
    )
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            page,
            _stream(b"q 9 0 0 9 0 0 cm /X Do Q"),
            picture + b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed),
        ]
    )


def _stream(body: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (more, len(body), body)
