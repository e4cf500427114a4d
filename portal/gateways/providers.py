"""Providers that say who somebody is: Google and Apple by OpenID Connect, Facebook by plain OAuth 2.

1. `begin` makes the address of the provider's page, with a state, a nonce and the challenge of a secret (PKCE).
2. The browser comes back with a code and the state, which the caller compares with the one it kept.
3. `finish` exchanges the code and the secret for the provider's word, and checks who signed it, for whom and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, KeySetSerialization

from portal.gateways.silence import note_silence
from portal.kernel import clock
from portal.kernel.ids import random_token
from portal.kernel.providers import IdentityProvider, TeamKey

_TIMEOUT = (5.0, 10.0)
_LEEWAY_SECONDS = 60
# Apple takes secrets of up to six months; one is made for each question, so none is ever renewed by hand.
_SECRET_SECONDS = 300
_ALGORITHMS = ["RS256", "ES256"]
_SCOPES = {"google": "openid email profile", "apple": "openid email name", "facebook": "email public_profile"}
_PLAIN = frozenset({"facebook"})


class ProviderRefused(Exception):
    """The provider, or our own check of its word, says no; nobody is known by this answer."""


class ProviderUnavailable(Exception):
    """The provider gives no usable answer now."""


class AnotherIssuer(ValueError):
    """What is said at the address of a provider is said in another name."""


class WeakerDoor(ValueError):
    """A provider that is reached over TLS names an address without."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser is sent to, and what must be kept until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of somebody: its own lasting name for them, and how they are reached and called."""

    uid: str
    email: str | None
    email_is_verified: bool
    name: str


def begin(provider: IdentityProvider, redirect_uri: str) -> Begun:
    """The way to the provider's page. Raises `ProviderUnavailable` when it does not say where that is."""
    state, nonce, verifier = random_token(), random_token(), random_token()
    more = {} if provider.name in _PLAIN else {"nonce": nonce}
    if provider.name == "apple":
        # Apple sends an address along only when the answer is posted.
        more["response_mode"] = "form_post"
    where = (
        f"{provider.url}/dialog/oauth"
        if provider.name in _PLAIN
        else _discovered(provider)["authorization_endpoint"]
    )
    with _client(provider, redirect_uri) as client:
        url, _state = client.create_authorization_url(where, state=state, code_verifier=verifier, **more)
    return Begun(url, state, nonce, verifier)


def finish(provider: IdentityProvider, begun: Begun, code: str, redirect_uri: str) -> Claims:
    """Who stands behind the code. Raises `ProviderRefused`, `ProviderUnavailable`."""
    try:
        if provider.name in _PLAIN:
            return _ask_facebook(provider, begun, code, redirect_uri)
        return _hear_identity(provider, begun, code, redirect_uri)
    except (AuthlibBaseError, JoseError, KeyError) as error:
        raise ProviderRefused(type(error).__name__) from error
    except (requests.RequestException, ValueError) as error:
        note_silence(provider.name, error)
        raise ProviderUnavailable(type(error).__name__) from error


def _hear_identity(provider: IdentityProvider, begun: Begun, code: str, redirect_uri: str) -> Claims:
    known = _discovered(provider)
    token = _exchange(provider, known["token_endpoint"], begun, code, redirect_uri)
    keys = KeySet.import_key_set(cast(KeySetSerialization, _get(known["jwks_uri"])))
    claims = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": known["issuer"]},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": begun.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(claims)
    # Apple writes its yes as a word.
    is_verified = claims.get("email_verified") in (True, "true")
    return _claims(str(claims["sub"]), claims, is_verified=is_verified)


def _ask_facebook(provider: IdentityProvider, begun: Begun, code: str, redirect_uri: str) -> Claims:
    token = _exchange(provider, f"{provider.graph_url}/oauth/access_token", begun, code, redirect_uri)
    told = _get(
        f"{provider.graph_url}/me?fields=id,name,email", {"Authorization": f"Bearer {token['access_token']}"}
    )
    # Facebook does not say whether an address was proved.
    return _claims(str(told["id"]), told, is_verified=False)


def _claims(uid: str, told: Mapping[str, Any], *, is_verified: bool) -> Claims:
    email = told.get("email") or None
    return Claims(uid[:255], email, is_verified and email is not None, str(told.get("name") or "")[:255])


def _exchange(
    provider: IdentityProvider, url: str, begun: Begun, code: str, redirect_uri: str
) -> Mapping[str, Any]:
    with _client(provider, redirect_uri) as client:
        token: Mapping[str, Any] = client.fetch_token(
            url,
            grant_type="authorization_code",
            code=code,
            code_verifier=begun.verifier,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
    return token


def _client(provider: IdentityProvider, redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        provider.client_id,
        provider.client_secret if provider.key is None else _signed_secret(provider, provider.key),
        scope=_SCOPES[provider.name],
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",  # noqa: S106  (how it is sent, not the secret)
    )


def _signed_secret(provider: IdentityProvider, key: TeamKey) -> str:
    """Our own word for who we are, in place of a fixed secret: signed with the team's key, for the provider alone."""
    moment = int(clock.now().timestamp())
    claims = {
        "iss": key.team_id,
        "sub": provider.client_id,
        "aud": provider.url,
        "iat": moment,
        "exp": moment + _SECRET_SECONDS,
    }
    return jwt.encode({"alg": "ES256", "kid": key.key_id}, claims, ECKey.import_key(key.pem))


def _discovered(provider: IdentityProvider) -> Mapping[str, Any]:
    """What the provider says of itself. Raises `ProviderUnavailable`."""
    try:
        known = _get(f"{provider.url}/.well-known/openid-configuration")
        if known.get("issuer") != provider.url:
            raise AnotherIssuer
        doors = {name: str(known[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        if {urlsplit(door).scheme for door in doors.values()} != {urlsplit(provider.url).scheme}:
            raise WeakerDoor
        return {"issuer": provider.url, **doors}
    except (requests.RequestException, ValueError, KeyError) as error:
        note_silence(provider.name, error)
        raise ProviderUnavailable(type(error).__name__) from error


def _get(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    answer = requests.get(url, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    told = answer.json()
    if answer.status_code != requests.codes.ok or not isinstance(told, dict):
        raise ValueError("not an answer")
    return told
