"""The name that Apple says once, beside its code, carried from its form to where our own cookie comes along.

It travels in an address, so it is sealed for the one answer that it came with: no log tells who came.
"""

from __future__ import annotations

import base64
import json

from portal.kernel.keys import Undecryptable
from portal.kernel.sealing import keys

_PARTS = ("firstName", "lastName")
_LONGEST = 255


def seal_told_name(user: str, state: str) -> str | None:
    """The name in what Apple posts about somebody; None when it is not there or not readable."""
    try:
        told = json.loads(user)["name"]
        parts = [told.get(part) for part in _PARTS]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    name = " ".join(part.strip() for part in parts if isinstance(part, str)).strip()[:_LONGEST]
    if not name:
        return None
    return base64.urlsafe_b64encode(keys().seal(name.encode(), _place(state))).decode()


def open_told_name(sealed: str, state: str) -> str:
    """The name that came with this very answer; empty for anything else."""
    try:
        return keys().open(base64.urlsafe_b64decode(sealed), _place(state)).decode()
    except (Undecryptable, ValueError):
        return ""


def _place(state: str) -> str:
    return f"identity.told_name:{state}"
