"""Sealed columns: encrypted text bound to its table, column and row, and keyed hashes to find it by (SEC-01, SEC-03).

A room declares a column with the shape `Sealed` (or `sealed_when` a flag of the row says so), and a hash to look it
up by with `looked_up_by`; nothing else has to be registered: `resealing.py` finds the declarations in the model set.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Column, LargeBinary
from sqlalchemy.orm import QueryableAttribute, mapped_column

from portal.kernel.crypto import keyed_hash
from portal.kernel.keys import KeyRing, Undecryptable, ring_of

SEALED = "sealed"
SEALED_WHEN = "sealed_when"
LOOKED_UP_BY = "looked_up_by"
# Not a column: what a file holds.
BYTES = "bytes"

Sealed = Annotated[bytes, mapped_column(LargeBinary, info={SEALED: True})]


def sealed_when(flag: str) -> dict[str, str]:
    """The `info` of a JSON column whose value is sealed in rows where the column `flag` is true."""
    return {SEALED_WHEN: flag}


def looked_up_by(*columns: str) -> dict[str, tuple[str, ...]]:
    """The `info` of a column that holds the `lookup_hash` of these columns of its row, sealed ones opened."""
    return {LOOKED_UP_BY: columns}


def seal(column: QueryableAttribute[Any], row_id: UUID, plain: str) -> bytes:
    """`plain`, encrypted for this column of this row and readable nowhere else."""
    return keys().seal(plain.encode(), place_of(_declared(column, SEALED), row_id))


def unseal(column: QueryableAttribute[Any], row_id: UUID, sealed: bytes) -> str:
    """The text that `seal` was given. Raises `Undecryptable` when it was altered or moved, or its key is gone."""
    return opened(_declared(column, SEALED), row_id, sealed)


def seal_json(column: QueryableAttribute[Any], row_id: UUID, value: Any) -> str:
    """A JSON value, encrypted for this column of this row, as text that a JSON column can hold."""
    place = place_of(_declared(column, SEALED_WHEN), row_id)
    return packed(keys().seal(json.dumps(value).encode(), place))


def unseal_json(column: QueryableAttribute[Any], row_id: UUID, stored: Any) -> Any:
    """The value that `seal_json` was given. Raises `Undecryptable`."""
    return opened_json(_declared(column, SEALED_WHEN), row_id, stored)


def packed(sealed: bytes) -> str:
    """Sealed bytes as a text for JSON."""
    return base64.b64encode(sealed).decode()


def unpacked(stored: Any) -> bytes:
    """The sealed bytes in a JSON value. Raises `Undecryptable` when there are none."""
    try:
        return base64.b64decode(stored, validate=True)
    except (TypeError, ValueError):
        raise Undecryptable("not sealed") from None


def lookup_hash(column: QueryableAttribute[Any], *parts: str) -> str:
    """The keyed hash by which a value can be found and compared but not guessed; the parts as declared (SEC-03)."""
    return hash_for(_declared(column, LOOKED_UP_BY), parts)


def lookup_hashes(column: QueryableAttribute[Any], *parts: str) -> list[str]:
    """The hash under every key, for a search while keys are changed."""
    declared = _declared(column, LOOKED_UP_BY)
    return [hash_for(declared, parts, key) for key in current_app.config["SETTINGS"].lookup_keys]


def hash_for(column: Column[Any], parts: Sequence[str], key: str | None = None) -> str:
    """The hash under `key` (the newest), for one who holds the column of the table."""
    key = key or current_app.config["SETTINGS"].lookup_keys[0]
    return keyed_hash("\x1f".join(parts), key, f"{column.table.name}.{column.name}")


def opened(column: Column[Any], row_id: UUID, sealed: bytes) -> str:
    """What `unseal` gives, for one who holds the column of the table. Raises `Undecryptable`."""
    return keys().open(sealed, place_of(column, row_id)).decode()


def opened_json(column: Column[Any], row_id: UUID, stored: Any) -> Any:
    """What `unseal_json` gives, for one who holds the column of the table. Raises `Undecryptable`."""
    return json.loads(keys().open(unpacked(stored), place_of(column, row_id)))


def keys() -> KeyRing:
    """The keys that seal and open."""
    return ring_of(current_app.config["SETTINGS"].field_keys)


def place_of(column: Column[Any], row_id: UUID) -> str:
    """The name of a sealed value's only place."""
    return f"{column.table.name}.{column.name}:{row_id}"


def _declared(column: QueryableAttribute[Any], how: str) -> Column[Any]:
    """The column of the table; an undeclared one would be forgotten when keys change."""
    found: Column[Any] = column.property.columns[0]
    if how not in found.info:
        raise ValueError(f"{found.table.name}.{found.name} is not declared as {how}")
    return found
