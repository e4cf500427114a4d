"""Hashes and keyed hashes, each in its one standard form (`sealing.py` is what encrypts)."""

from __future__ import annotations

import hashlib
import hmac


def token_hash(token: str) -> str:
    """SHA-256 of a random token, hexadecimal. Only for secrets with full entropy (ID-41)."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(value: str, key: str, purpose: str) -> str:
    """HMAC-SHA256 of a guessable value (a code, a number), bound to its `purpose`, hexadecimal."""
    return hmac.new(key.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two strings in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
