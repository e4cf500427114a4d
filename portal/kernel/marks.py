"""By what a mailbox or a number is known again that is itself not kept: keyed hashes, each for its own purpose.

They can be compared while their key is on the ring, and read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app

from portal.kernel.crypto import keyed_hash


def marked(contacts: Iterable[str], purpose: str) -> list[str]:
    """What these are known by from now on, in their order."""
    newest: str = current_app.config["SETTINGS"].lookup_keys[0]
    return [keyed_hash(contact, newest, purpose) for contact in contacts]


def known_marks(contacts: Iterable[str], purpose: str) -> list[str]:
    """What these may be known by, under every key of the ring."""
    keys: tuple[str, ...] = current_app.config["SETTINGS"].lookup_keys
    return sorted({keyed_hash(contact, key, purpose) for contact in contacts for key in keys})
