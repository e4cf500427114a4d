"""Identifiers: time-ordered keys for rows, unguessable codes for people and links."""

from __future__ import annotations

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

# Letters and digits that are not mistaken for one another when read aloud or written by hand.
UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def new_id() -> UUID:
    """A UUIDv7: unique, ordered by creation time, known before the insert (R-68)."""
    return UUID(int=uuid7().int)


def random_code(length: int, alphabet: str = CODE_ALPHABET) -> str:
    """`length` characters from a secure random source (M-14)."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def random_token(size: int = 32) -> str:
    """A URL-safe secret of `size` random bytes, for links and sessions."""
    return secrets.token_urlsafe(size)


def random_digits(length: int) -> str:
    """`length` decimal digits from a secure random source, leading zeros kept."""
    return "".join(secrets.choice("0123456789") for _ in range(length))


def parse_id(text: str | None) -> UUID | None:
    """The UUID written in `text`, or None when it is not one."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
