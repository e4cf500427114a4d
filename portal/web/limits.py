"""Request limits on Valkey; when Valkey is away, each process counts for itself and nobody is locked out."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from portal.kernel.visitor import visitor


def _caller() -> str:
    person = visitor()
    return f"user:{person.user_id}" if person else f"ip:{request.remote_addr}"


limiter = Limiter(
    key_func=_caller,
    default_limits=[],
    in_memory_fallback_enabled=True,
    strategy="fixed-window",
    headers_enabled=False,
)
