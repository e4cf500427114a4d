"""Places in a list that no page gave out: the first page, never an error."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, String, Uuid
from sqlalchemy.types import TypeEngine

from portal.kernel.paging import MAX_CURSOR_LENGTH, SortKey, _decode, _encode
from tests.badinput.hostile import cursors

KINDS: tuple[TypeEngine[object], ...] = (
    Uuid(), DateTime(timezone=True), Date(), Integer(), BigInteger(), String(),
)  # fmt: skip


@pytest.mark.parametrize("keys", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_a_place_that_we_did_not_write_is_no_place_or_one_that_can_be_asked_for(
    kind: TypeEngine[object], keys: int
) -> None:
    """Whatever is taken for a place can be given to the database as its column's own kind."""
    order = [SortKey(Column("x", kind)) for _ in range(keys)]
    for cursor in (*cursors(), "A" * (MAX_CURSOR_LENGTH + 1), None, ""):
        _backwards, position = _decode(cursor, order)
        for value in position or ():
            assert type(value) is kind.python_type or isinstance(value, kind.python_type)
            assert not isinstance(value, int) or abs(value) < 2**63
            assert not isinstance(value, str) or "\x00" not in value.encode().decode()


def test_a_place_that_we_wrote_is_found_again() -> None:
    """Also one whose name holds signs that are not to be seen."""
    order = [SortKey(Column("name", String())), SortKey(Column("position", Integer()))]

    assert _decode(_encode("n", ["Awa\u00a0\u200bDiop", 5]), order) == (False, ["Awa\u00a0\u200bDiop", 5])
