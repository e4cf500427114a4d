"""CSV for people who open it in a spreadsheet: UTF-8 with its mark, and no cell that runs as a formula.

A spreadsheet set to French takes `;` for the border of a cell, and ours of `,` for text: there a quotation mark
in the middle of a line protects nothing. So no text holds what any of them takes for the border of a cell or row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@")
_ROW_BORDERS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file, comma separated, that a spreadsheet of any language opens without running anything."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def safe_cell(value: Any) -> Any:
    """Numbers stay numbers; a text is one line without `;`, and gets an apostrophe where it would be run."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = _ROW_BORDERS.sub(" ", value).replace(";", ",")
    return "'" + text if text.lstrip(" \"'").startswith(_FORMULA_STARTS) else text
