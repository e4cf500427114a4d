"""Sessions in Valkey, for a minute: what lies there is encrypted for its session, and readable nowhere else (R-06).

Valkey writes what it is told to its disk and keeps it there for a while: a name in it would outlive its holder.
"""

from __future__ import annotations

import json
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.jobs import valkey
from portal.kernel.keys import Undecryptable
from portal.kernel.sealing import keys
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
    try:
        found = json.loads(keys().open(text, _place(hashed)))
    except Undecryptable:
        return None
    if datetime.fromisoformat(found["expires_at"]) <= clock.now():
        return None
    return Visitor.from_json(found["person"])


def keep(hashed: str, person: Visitor, expires_at: datetime) -> None:
    """Cache the person of a session, for no longer than until `expires_at`."""
    plain = json.dumps({"person": person.to_json(), "expires_at": expires_at.isoformat()})
    try:
        valkey().set(_key(hashed), keys().seal(plain.encode(), _place(hashed)), ex=_CACHE_SECONDS)
    except RedisError as error:
        log.warning("session_cache_unreachable", error=type(error).__name__)


def _place(hashed: str) -> str:
    """Only this portal can have written it, and for this very session."""
    return f"session_cache:{hashed}"


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
