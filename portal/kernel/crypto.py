"""Hashes, keyed hashes and authenticated field encryption, each in its one standard form."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_SIZE = 12
_KEY_ID_SIZE = 4


class Undecryptable(ValueError):
    """The ciphertext was altered, moved to another row, or made with a key that is gone."""


def token_hash(token: str) -> str:
    """SHA-256 of a random token, hexadecimal. Only for secrets with full entropy (ID-41)."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(value: str, key: str, purpose: str) -> str:
    """HMAC-SHA256 of a guessable value (a code, a number), bound to its `purpose`, hexadecimal."""
    return hmac.new(key.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two strings in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def encrypt_field(plain: str, key_hex: str, place: str) -> bytes:
    """Encrypt `plain` with AES-256-GCM, bound to `place` (`table.column:row id`).

    Layout: key id, nonce, ciphertext with tag. The same text at another place does not decrypt.
    """
    key = bytes.fromhex(key_hex)
    nonce = os.urandom(_NONCE_SIZE)
    return _key_id(key) + nonce + AESGCM(key).encrypt(nonce, plain.encode(), place.encode())


def decrypt_field(sealed: bytes, key_hex: str, place: str) -> str:
    """The text that `encrypt_field` sealed for `place`. Raises `Undecryptable`."""
    key = bytes.fromhex(key_hex)
    key_id, nonce, text = sealed[:4], sealed[4 : 4 + _NONCE_SIZE], sealed[4 + _NONCE_SIZE :]
    if key_id != _key_id(key):
        raise Undecryptable("another key")
    try:
        return AESGCM(key).decrypt(nonce, text, place.encode()).decode()
    except InvalidTag:
        raise Undecryptable("altered or moved") from None


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_KEY_ID_SIZE]
