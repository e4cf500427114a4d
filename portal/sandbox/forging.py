"""Identity tokens as a forger makes them, for readers who must refuse them: unsigned, or signed with what everybody knows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from joserfc.jwk import RSAKey

FORGERIES = frozenset({"unsigned", "public_key"})


def forged(how: str, claims: dict[str, Any], key: RSAKey) -> str:
    """The claims without a signature (`unsigned`), or with one whose secret is the house's own public key."""
    header = {"alg": "none" if how == "unsigned" else "HS256", "kid": key.kid}
    said = b".".join(_spelt(json.dumps(part).encode()) for part in (header, claims))
    if how == "unsigned":
        return f"{said.decode()}."
    signature = hmac.new(key.as_pem(private=False), said, hashlib.sha256).digest()
    return b".".join((said, _spelt(signature))).decode()


def _spelt(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
