"""Scans of papers people send: a picture, made anew, or a PDF that does nothing but show pages.

What a file is follows from its first bytes, never from its name or from what the browser says of it.
"""

from __future__ import annotations

import re

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.images import MAX_UPLOAD_BYTES, clean_picture

PICTURE, PDF = "image/webp", "application/pdf"
# Long enough to read the small print of a passport.
_LONGEST_SIDE = 2400
_TAIL = 2048
# What a PDF packs away, pictures above all, in which any letters may meet by chance.
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
# What starts programs, opens other files or hides behind a password, also where a letter is written as a number.
_ACTIVE = re.compile(
    rb"/(?:JS|JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|Encrypt|GoToR|SubmitForm|ImportData)(?![A-Za-z])"
    rb"|/[A-Za-z]*#[0-9A-Fa-f]{2}"
)


def clean_scan(data: bytes, *, field: str) -> tuple[bytes, str]:
    """The scan as it is kept, and its kind. Raises `InvalidInput` with a sentence for anything else."""
    if not data.startswith(b"%PDF-"):
        return clean_picture(data, longest_side=_LONGEST_SIDE, field=field), PICTURE
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidInput(_("This file is larger than 8 MB. Please choose a smaller one."), field=field)
    if b"%%EOF" not in data[-_TAIL:]:
        raise InvalidInput(_("This PDF is not whole. Please scan the paper again."), field=field)
    if _ACTIVE.search(_STREAM.sub(b"", data)):
        raise InvalidInput(
            _("This PDF holds more than pages. Please send a plain scan, or a photo."), field=field
        )
    return data, PDF
