"""The signed text inside a QR code: short enough for a cheap camera, and impossible to make up.

A token is one byte of key number, the sixteen bytes of the code's id and its Ed25519 signature, written in
capitals and digits so that the QR uses its compact alphabet (130 characters, 41 modules wide). Whoever alters
or invents one is refused without a look at the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TOKEN_LENGTH = 130
_CONTEXT = b"teranga:redemption:v1:"
_ID_SIZE = 16
_HEADER_SIZE = 1 + _ID_SIZE
_SIGNATURE_SIZE = 64
_PADDING = "=" * (-TOKEN_LENGTH % 8)


class Forged(ValueError):
    """It looks like one of ours and is not signed by us."""


def sign(code_id: UUID, seed: str) -> str:
    """The token of a code, signed with the key of `seed` (64 hexadecimal digits)."""
    key = _private(seed)
    header = bytes([_number(key.public_key())]) + code_id.bytes
    return base64.b32encode(header + key.sign(_CONTEXT + header)).decode().rstrip("=")


def looks_signed(text: str) -> bool:
    """Whether the text has the form of a token, right or wrong."""
    return len(text) == TOKEN_LENGTH and text.isascii() and text.isalnum()


def verify(token: str, seed: str, retired: tuple[str, ...] = ()) -> UUID:
    """The id of the code that a token was signed for, with today's key or a retired public one (hexadecimal).

    Raises `Forged` for every other text.
    """
    data = _decoded(token)
    header, signature = data[:_HEADER_SIZE], data[_HEADER_SIZE:]
    for key in (_private(seed).public_key(), *map(_public, retired)):
        if _number(key) != header[0]:
            continue
        try:
            key.verify(signature, _CONTEXT + header)
        except InvalidSignature:
            continue
        return UUID(bytes=header[1:])
    raise Forged("no key of ours made this signature")


def public_key(seed: str) -> str:
    """The public half of a key in hexadecimal: what to keep when the key is retired."""
    return _private(seed).public_key().public_bytes_raw().hex()


def _decoded(token: str) -> bytes:
    if not looks_signed(token):
        raise Forged("not a token")
    try:
        data = base64.b32decode(token + _PADDING)
    except binascii.Error:
        raise Forged("not a token") from None
    # Base32 of 81 bytes leaves two idle bits: only one spelling of each token counts.
    if len(data) != _HEADER_SIZE + _SIGNATURE_SIZE or base64.b32encode(data).decode().rstrip("=") != token:
        raise Forged("not a token")
    return data


@cache
def _private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


@cache
def _public(raw: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))


def _number(key: Ed25519PublicKey) -> int:
    return hashlib.sha256(key.public_bytes_raw()).digest()[0]
