"""The blueprint, and how every page here reads what the address asks for."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, request

from portal.admin.words import PAGE_WORDS
from portal.kernel.forms import trimmed
from portal.kernel.ids import parse_id

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
blueprint.context_processor(lambda: PAGE_WORDS)

Kind = TypeVar("Kind", bound=StrEnum)


def asked(name: str, limit: int = 100) -> str | None:
    """A text of the address, trimmed and short; None when it is empty."""
    return trimmed(request.args.get(name, "")[:limit].replace("\x00", ""))


def asked_id(name: str) -> UUID | None:
    """An id of the address; None when it is none."""
    return parse_id(asked(name))


def asked_kind(name: str, kind: type[Kind]) -> Kind | None:
    """A choice of the address; None when there is no such choice."""
    text = request.args.get(name, "")
    return kind(text) if text in set(kind) else None
