"""Column shapes used again and again, so that a model line reads as a sentence."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, Enum, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.ids import new_id

Key = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
Minor = Annotated[int, mapped_column(BigInteger)]
Percent = Annotated[Any, mapped_column(Numeric(5, 2))]
Ratio = Annotated[Any, mapped_column(Numeric(5, 4))]
Multiplier = Annotated[Any, mapped_column(Numeric(3, 2))]
Str3 = Annotated[str, mapped_column(String(3))]
Str10 = Annotated[str, mapped_column(String(10))]
Str20 = Annotated[str, mapped_column(String(20))]
Str50 = Annotated[str, mapped_column(String(50))]
Str100 = Annotated[str, mapped_column(String(100))]
Str255 = Annotated[str, mapped_column(String(255))]
Str500 = Annotated[str, mapped_column(String(500))]
Hash = Annotated[str, mapped_column(String(255))]
Json = Annotated[dict[str, Any], mapped_column(JSONB, default=dict, server_default=text("'{}'::jsonb"))]
JsonList = Annotated[list[Any], mapped_column(JSONB, default=list, server_default=text("'[]'::jsonb"))]
Count = Annotated[int, mapped_column(default=0, server_default=text("0"))]
Amount = Annotated[int, mapped_column(BigInteger, default=0, server_default=text("0"))]
Yes = Annotated[bool, mapped_column(default=True, server_default=text("true"))]
No = Annotated[bool, mapped_column(default=False, server_default=text("false"))]


def one_of(kind: type[StrEnum], name: str) -> Enum:
    """Text with a CHECK of the values of `kind`; `name` names the constraint in the table."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=max(20, max(len(member) for member in kind)),
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Created:
    """An append-only row: when it was written."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)


class Stamped(Created):
    """A business row: first and last time and hand (ID-18).

    The hands are plain ids without a foreign key: people are never removed as rows (R-17), and an
    index on two more columns of every table would cost each write for a question nobody asks.
    """

    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now, sort_order=91)
    created_by: Mapped[UUID | None] = mapped_column(default=None, sort_order=92)
    updated_by: Mapped[UUID | None] = mapped_column(default=None, sort_order=93)
