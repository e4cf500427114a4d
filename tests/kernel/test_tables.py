"""CSV files that no spreadsheet turns into a program."""

from __future__ import annotations

import csv
import io

import pytest

from portal.kernel.tables import csv_bytes

_FORMULA = "=HYPERLINK(A1)"


def cells(data: bytes, delimiter: str) -> list[str]:
    """Every cell as a spreadsheet of some language reads the file: by its own delimiter, line by line."""
    text = data.decode("utf-8-sig")
    return [cell for line in text.splitlines() for cell in next(csv.reader([line], delimiter=delimiter), [])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize(
    "typed",
    [
        _FORMULA,
        f"Awa;{_FORMULA}",
        f"Awa\t{_FORMULA}",
        f"Awa\n{_FORMULA}",
        f"Awa\r{_FORMULA}",
        f'Awa;"{_FORMULA}"',
        f"Awa; {_FORMULA}",
        f"Awa\u2028{_FORMULA}",
        f";;{_FORMULA};",
        f"\n{_FORMULA}",
    ],
)
def test_no_cell_of_no_spreadsheet_begins_a_formula(typed: str, delimiter: str) -> None:
    """Excel in French reads `;` as the border of a cell, and a line break outside its quotes as that of a row."""
    data = csv_bytes(("when", "name", "amount"), [("2026-11-21", typed, 5_000)])

    for cell in cells(data, delimiter):
        assert not cell.lstrip(" \"'").startswith("=") or cell.startswith("'")


def test_words_stay_readable_and_numbers_stay_numbers() -> None:
    data = csv_bytes(("a", "b", "c", "d"), [("Awa\nDiop; Dakar", -5, None, "+221771234567")])

    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1] == [
        "Awa Diop, Dakar",
        "-5",
        "",
        "'+221771234567",
    ]
