"""Identifiers that look like Wave's: a prefix and something opaque, at most 20 characters (contract §1)."""

from __future__ import annotations

import secrets

_LOWER = "0123456789abcdefghjkmnpqrstvwxyz"
_UPPER = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_session_id() -> str:
    """`cos-` and 13 characters."""
    return "cos-" + _random(_LOWER, 13)


def new_payout_id() -> str:
    """`pt-` and 13 characters."""
    return "pt-" + _random(_LOWER, 13)


def new_batch_id() -> str:
    """`pb-` and 13 characters."""
    return "pb-" + _random(_LOWER, 13)


def new_transaction_id() -> str:
    """`T_` and 11 characters: the number a payer sees."""
    return "T_" + _random(_UPPER, 11)


def new_event_id() -> str:
    """`EV_` and 12 characters."""
    return "EV_" + _random(_UPPER, 12)


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
