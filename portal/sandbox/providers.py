"""The providers that say who somebody is, played: Google and Apple (OpenID Connect), Facebook (plain OAuth 2).

A person plays who they are on the authorize page. Tokens carry real time, which is what their readers compare.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from portal.sandbox.addresses import origin_of, with_query
from portal.sandbox.forging import FORGERIES, forged
from portal.sandbox.provider_clients import is_client, tell_once
from portal.sandbox.store import Database, get_setting, insert, set_setting
from portal.sandbox.words import provider_words_for
from portal.sandbox.world import this_world

bp = Blueprint("providers", __name__)

OIDC = {"google": "Google", "apple": "Apple"}
_LASTS = 600
#: How the next identity token is spoiled, or what the provider says of itself (`name`, `door`), for readers who must refuse it.
SPOILS = frozenset({"nonce", "audience", "issuer", "key", "expired", "name", "door"}) | FORGERIES


class Asked(NamedTuple):
    """What the portal asks for on the authorize page."""

    provider: str
    name: str
    values: Mapping[str, str]

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return self.values["redirect_uri"]


@bp.get("/oidc/<provider>/.well-known/openid-configuration")
def discovery(provider: str) -> dict[str, Any]:
    """What an OpenID Connect client asks first."""
    issuer = _issuer(provider)
    with this_world().store.transaction() as db:
        spoiled = get_setting(db, "spoil", None)
    return {
        "issuer": f"{issuer}/another" if spoiled == "name" else issuer,
        "authorization_endpoint": "http://elsewhere.example" if spoiled == "door" else f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }


@bp.get("/oidc/<provider>/jwks")
def jwks(provider: str) -> dict[str, Any]:
    """The public key that its tokens are signed with."""
    _issuer(provider)
    with this_world().store.transaction() as db:
        return dict(KeySet([_key(db)]).as_dict(private=False))


@bp.route("/oidc/<provider>/authorize", methods=["GET", "POST"])
def authorize(provider: str) -> Response:
    """The page on which somebody plays who they are at Google or Apple."""
    _issuer(provider)
    return _authorize(provider, OIDC[provider])


@bp.route("/facebook/dialog/oauth", methods=["GET", "POST"])
def dialog() -> Response:
    """The page on which somebody plays who they are at Facebook."""
    return _authorize("facebook", "Facebook")


@bp.post("/oidc/<provider>/token")
def token(provider: str) -> tuple[Response, int]:
    """A code, once, against an access token and an identity token."""
    _issuer(provider)
    grant = _redeem(provider)
    if grant is None:
        return jsonify(error="invalid_grant"), 400
    with this_world().store.transaction() as db:
        identity = _identity_token(db, provider, grant)
    access = _access_token(grant["person"])
    return jsonify(access_token=access, token_type="Bearer", expires_in=_LASTS, id_token=identity), 200  # noqa: S106


@bp.post("/facebook/oauth/access_token")
def facebook_token() -> tuple[Response, int]:
    """A code, once, against an access token; Facebook's errors are objects."""
    grant = _redeem("facebook")
    if grant is None:
        return jsonify(error={"message": "This authorization code has been used.", "code": 100}), 400
    return jsonify(access_token=_access_token(grant["person"]), token_type="bearer", expires_in=_LASTS), 200  # noqa: S106


@bp.get("/oidc/<provider>/userinfo")
def userinfo(provider: str) -> Response:
    """Who the bearer of an access token is."""
    _issuer(provider)
    return jsonify(_bearer())


@bp.get("/facebook/me")
def me() -> Response:
    """Who the bearer of an access token is, in Facebook's words; an address only if they gave one."""
    person = _bearer()
    shown = {"id": person["sub"], "name": person["name"], "email": person["email"]}
    return jsonify({name: value for name, value in shown.items() if value})


@bp.put("/_sandbox/providers/spoil")
def spoil() -> dict[str, Any]:
    """Spoil the next identity token, or what the providers say of themselves until it is ended by null."""
    wanted = (request.get_json(silent=True) or {}).get("what")
    if wanted is not None and wanted not in SPOILS:
        abort(400, f"what is one of {', '.join(sorted(SPOILS))}")
    with this_world().store.transaction() as db:
        set_setting(db, "spoil", wanted)
    return {"spoil": wanted}


def _authorize(provider: str, name: str) -> Response:
    asked = Asked(provider, name, request.values)
    world = this_world()
    client = world.config.provider_clients.get(provider)
    if client is None or asked.values.get("client_id") != client.client_id:
        abort(400, "unknown client_id")
    if not asked.values.get("redirect_uri") or asked.values.get("response_type") != "code":
        abort(400, "redirect_uri and response_type=code are needed")
    if asked.values.get("code_challenge_method") != "S256" or not asked.values.get("code_challenge"):
        abort(400, "the portal always sends a code challenge")
    if request.method == "GET":
        return _page(asked)
    if request.form.get("choice") == "refuse":
        return _send_back(asked, {"error": "access_denied"})
    code, person = secrets.token_urlsafe(24), _played(provider)
    with world.store.transaction() as db:
        told = tell_once(db, person) if provider == "apple" else {}
        insert(db, "grants", code=code, asked=json.dumps(_kept(asked)), person=json.dumps(person))
    return _send_back(asked, {"code": code} | told)


def _page(asked: Asked) -> Response:
    words = provider_words_for(request.accept_languages.best_match(["fr", "en"], "fr"))
    made = make_response(render_template("provider.html", asked=asked, words=words))
    # Browsers hold `form-action` against the redirect that follows a form, so the way back is named.
    made.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {origin_of(asked.redirect_uri)}"
    )
    made.headers["Cache-Control"] = "no-store"
    return made


def _send_back(asked: Asked, answer: dict[str, str]) -> Response:
    answer |= {"state": asked.values.get("state", "")}
    if asked.values.get("response_mode") != "form_post":
        return make_response(redirect(with_query(asked.redirect_uri, answer), 303))
    words = provider_words_for(request.accept_languages.best_match(["fr", "en"], "fr"))
    made = make_response(render_template("provider_back.html", asked=asked, answer=answer, words=words))
    made.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action {origin_of(asked.redirect_uri)}"
    )
    return made


def _kept(asked: Asked) -> dict[str, Any]:
    names = ("client_id", "redirect_uri", "code_challenge", "nonce")
    return {"provider": asked.provider, "at": time.time()} | {name: asked.values.get(name) for name in names}


def _played(provider: str) -> dict[str, Any]:
    """Who was played: the same address is always the same person."""
    email = request.form.get("email", "").strip().lower()
    name = request.form.get("name", "").strip()
    subject = request.form.get("sub", "").strip() or _digest(f"{provider}:{email or name}")
    return {
        "sub": subject,
        "email": email,
        "name": name,
        "email_verified": bool(request.form.get("verified")),
    }


def _redeem(provider: str) -> dict[str, Any] | None:
    """The grant of a code, once, for the client that asked for it and knows the challenge's secret."""
    told = request.form
    with this_world().store.transaction() as db:
        row = db.execute("SELECT * FROM grants WHERE code = ?", (told.get("code", ""),)).fetchone()
        db.execute("DELETE FROM grants WHERE code = ?", (told.get("code", ""),))
    if row is None:
        return None
    asked: dict[str, Any] = json.loads(row["asked"])
    challenge = _challenge(told.get("code_verifier", ""))
    fits = (
        asked["provider"] == provider
        and asked["redirect_uri"] == told.get("redirect_uri")
        and asked["code_challenge"] == challenge
        and is_client(
            this_world().config.provider_clients.get(provider),
            told.get("client_id", ""),
            told.get("client_secret", ""),
            _issuer(provider) if provider in OIDC else "",
        )
        and time.time() - asked["at"] < _LASTS
    )
    return asked | {"person": json.loads(row["person"])} if fits else None


def _identity_token(db: Database, provider: str, grant: dict[str, Any]) -> str:
    spoiled = get_setting(db, "spoil", None)
    set_setting(db, "spoil", None)
    moment = int(time.time())
    claims = {
        "iss": "http://elsewhere.example" if spoiled == "issuer" else _issuer(provider),
        "aud": "somebody-else" if spoiled == "audience" else grant["client_id"],
        "nonce": "another" if spoiled == "nonce" else grant["nonce"],
        "iat": moment - 7200 if spoiled == "expired" else moment,
        "exp": moment - 3600 if spoiled == "expired" else moment + _LASTS,
        **grant["person"],
    }
    if provider == "apple":
        # Apple writes its yes and no as words.
        claims["email_verified"] = str(claims["email_verified"]).lower()
    if spoiled in FORGERIES:
        return forged(spoiled, claims, _key(db))
    key = RSAKey.generate_key(2048) if spoiled == "key" else _key(db)
    return jwt.encode({"alg": "RS256", "kid": _key(db).kid}, claims, key)


def _key(db: Database) -> RSAKey:
    kept = get_setting(db, "provider_key", None)
    if kept is None:
        made = RSAKey.generate_key(
            2048, parameters={"kid": secrets.token_hex(8), "alg": "RS256", "use": "sig"}
        )
        kept = made.as_dict(private=True)
        set_setting(db, "provider_key", kept)
    return RSAKey.import_key(kept)


def _access_token(person: dict[str, Any]) -> str:
    access = secrets.token_urlsafe(24)
    with this_world().store.transaction() as db:
        insert(db, "bearers", token=access, person=json.dumps(person))
    return access


def _bearer() -> dict[str, Any]:
    access = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with this_world().store.transaction() as db:
        row = db.execute("SELECT person FROM bearers WHERE token = ?", (access,)).fetchone()
    if row is None:
        abort(401, "unknown token")
    person: dict[str, Any] = json.loads(row["person"])
    return person


def _issuer(provider: str) -> str:
    if provider not in OIDC:
        abort(404)
    return f"{this_world().base_url}/oidc/{provider}"


def _challenge(verifier: str) -> str:
    made: str = create_s256_code_challenge(verifier)
    return made


def _digest(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16))[:21]
