"""Sessions in Valkey, for a minute: what lies there is sealed for its session (R-06)."""

from __future__ import annotations

import json
from datetime import datetime

import structlog
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.crypto import keyed_hash, same
from portal.kernel.db import db
from portal.kernel.jobs import valkey
from portal.kernel.visitor import Visitor

_CACHE_SECONDS = 60

log = structlog.get_logger(__name__)


def _key(hashed: str) -> str:
    return f"session:{hashed}"


def kept(hashed: str) -> Visitor | None:
    """The person of a session, as far as it is cached, written by this portal, and not over."""
    try:
        text = valkey().get(_key(hashed))
    except RedisError:
        return None
    if not isinstance(text, bytes):
        return None
    seal, _, plain = text.decode(errors="replace").partition(":")
    if not same(seal, _seal(hashed, plain)):
        return None
    kept = json.loads(plain)
    if datetime.fromisoformat(kept["expires_at"]) <= clock.now():
        return None
    return Visitor.from_json(kept["person"])


def keep(hashed: str, person: Visitor, expires_at: datetime) -> None:
    """Cache the person of a session, for no longer than until `expires_at`."""
    plain = json.dumps({"person": person.to_json(), "expires_at": expires_at.isoformat()})
    try:
        valkey().set(_key(hashed), f"{_seal(hashed, plain)}:{plain}", ex=_CACHE_SECONDS)
    except RedisError as error:
        log.warning("session_cache_unreachable", error=type(error).__name__)


def _seal(hashed: str, plain: str) -> str:
    """Only this portal can have written `plain` for this very session."""
    key: str = current_app.config["SETTINGS"].secret_key
    return keyed_hash(f"{hashed}:{plain}", key, "session_cache")


def drop(hashes: list[str]) -> None:
    """Forget cached sessions now, and again after the commit: a reader in between may have put them back."""
    if not hashes:
        return
    db.session.info.setdefault("dropped_sessions", []).extend(hashes)
    _drop_keys(hashes)


def _drop_keys(hashes: list[str]) -> None:
    """Delete cached sessions by hash; a cache that is down forgets by itself within a minute."""
    try:
        valkey().delete(*[_key(hashed) for hashed in hashes])
    except RedisError as error:
        log.warning("session_cache_unreachable", error=type(error).__name__)


@event.listens_for(Session, "after_commit")
def _drop_after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    hashes = session.info.pop("dropped_sessions", [])
    if hashes:
        _drop_keys(hashes)
