"""Request limits on Valkey; when Valkey is away, each process counts for itself and nobody is locked out."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request
from flask_limiter import Limiter

from portal.kernel.db import DATABASE_AWAY
from portal.kernel.errors import TooMany
from portal.kernel.i18n import ngettext
from portal.kernel.visitor import visitor


def network_of(address: str | None) -> str:
    """Whom an address stands for: itself, or the /64 of an IPv6 address, all of which one household holds.

    What cannot be read as an address stands for itself.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False))


def by_address() -> str:
    """Count for the address a request comes from, whoever sends it."""
    return f"ip:{network_of(request.remote_addr)}"


def by_caller() -> str:
    """Count for the signed-in person, else for the address; also while nobody can say who it is."""
    try:
        person = visitor()
    except DATABASE_AWAY:
        person = None
    return f"user:{person.user_id}" if person else by_address()


limiter = Limiter(
    key_func=by_caller,
    default_limits=[],
    in_memory_fallback_enabled=True,
    strategy="fixed-window",
    headers_enabled=False,
)


def refusal() -> TooMany:
    """What to answer after the limit that this request has just gone over: why, and when to come back."""
    reached = limiter.current_limit
    seconds = max(int(reached.reset_at - time.time()), 1) if reached else 60
    minutes = -(-seconds // 60)
    message = ngettext(
        "That was too often in a short time. You can go on in %(num)s minute.",
        "That was too often in a short time. You can go on in %(num)s minutes.",
        minutes,
    )
    return TooMany(message, retry_after=seconds)
