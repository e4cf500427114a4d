"""Identity tokens as a forger makes them, for readers who must refuse them: unsigned, or signed with what everybody knows,
or with a key that the token itself brings along."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

FORGERIES = frozenset({"unsigned", "public_key", "brought_key"})


def forged(how: str, claims: dict[str, Any], key: RSAKey) -> str:
    """The claims without a signature (`unsigned`), with one whose secret is the provider's own public key, or of another key."""
    if how == "brought_key":
        own = RSAKey.generate_key(2048)
        brought = {"jwk": own.as_dict(private=False), "jku": "http://127.0.0.1:9/keys", "kid": key.kid}
        return jwt.encode({"alg": "RS256", **brought}, claims, own)
    header = {"alg": "none" if how == "unsigned" else "HS256", "kid": key.kid}
    said = b".".join(_spelt(json.dumps(part).encode()) for part in (header, claims))
    if how == "unsigned":
        return f"{said.decode()}."
    signature = hmac.new(key.as_pem(private=False), said, hashlib.sha256).digest()
    return b".".join((said, _spelt(signature))).decode()


def _spelt(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
