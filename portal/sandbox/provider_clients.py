"""How the played providers know the portal, and what Apple tells it of somebody beside a code."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portal.kernel.providers import IdentityProvider, TeamKey
from portal.sandbox.store import Database, get_setting, set_setting

#: The longest time that Apple takes a secret for, in seconds.
_LONGEST_SECRET = 15_777_000


def is_client(known: IdentityProvider | None, client_id: str, secret: str, issuer: str) -> bool:
    """Whether this is the portal: by the secret it was given, for Apple by one that its team's key has signed."""
    if known is None or client_id != known.client_id:
        return False
    if known.key is None:
        return secret == known.client_secret
    return _is_signed(known.key, client_id, secret, issuer)


def tell_once(db: Database, person: dict[str, Any]) -> dict[str, str]:
    """Apple says a name beside the code, the first time that somebody comes; in no token, and never again."""
    name = person.pop("name")
    known = get_setting(db, "apple_knows", [])
    if person["sub"] in known:
        return {}
    set_setting(db, "apple_knows", [*known, person["sub"]])
    first, _space, last = name.partition(" ")
    told = {"name": {"firstName": first, "lastName": last}, "email": person["email"]}
    return {"user": json.dumps(told)}


def _is_signed(key: TeamKey, client_id: str, secret: str, issuer: str) -> bool:
    try:
        token = jwt.decode(secret, ECKey.import_key(key.pem), algorithms=["ES256"])
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": key.team_id},
            sub={"essential": True, "value": client_id},
            aud={"essential": True, "value": issuer},
            exp={"essential": True},
        ).validate(token.claims)
    except (JoseError, ValueError):
        return False
    lasts = token.claims["exp"] - token.claims.get("iat", 0)
    return token.header.get("kid") == key.key_id and lasts <= _LONGEST_SECRET
