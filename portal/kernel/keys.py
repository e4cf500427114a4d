"""A ring of keys for authenticated encryption: the newest seals, all of them open (SEC-01).

What is sealed is bound to its place, so that a value moved to another row or column does not open there. Layout:
key id, nonce, text with tag. A key's id follows from the key, so that none can be given twice or confused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_SIZE = 4
_NONCE_SIZE = 12


class Undecryptable(ValueError):
    """The ciphertext was altered, moved to another row, or made with a key that is gone."""


class KeyRing:
    """AES-256-GCM under several keys, given in hexadecimal, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._by_id = {key_id(key): AESGCM(bytes.fromhex(key)) for key in keys}
        self.newest, *retired = self._by_id
        self.retired = tuple(retired)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt under the newest key, bound to `place`."""
        nonce = os.urandom(_NONCE_SIZE)
        return self.newest + nonce + self._by_id[self.newest].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed at `place`, under whichever key of the ring. Raises `Undecryptable`."""
        found = self._by_id.get(sealed[:KEY_ID_SIZE])
        if found is None:
            raise Undecryptable("another key")
        nonce, text = sealed[KEY_ID_SIZE:][:_NONCE_SIZE], sealed[KEY_ID_SIZE + _NONCE_SIZE :]
        try:
            return found.decrypt(nonce, text, place.encode())
        except (InvalidTag, ValueError):
            raise Undecryptable("altered or moved") from None


def key_id(key: str) -> bytes:
    """What names a key in what it has sealed; tells nothing about the key."""
    return hashlib.sha256(bytes.fromhex(key)).digest()[:KEY_ID_SIZE]


@lru_cache(maxsize=8)
def ring_of(keys: tuple[str, ...]) -> KeyRing:
    """The ring of these keys, made once."""
    return KeyRing(keys)
