"""Cookies: out of reach of scripts and other sites, and bound to this host where connections are encrypted (ASVS 3.3)."""

from __future__ import annotations

from flask import Response, current_app, request


def host_bound(name: str) -> str:
    """The whole name of a cookie: with the prefix that ties it to this very host, in production."""
    return f"__Host-{name}" if _is_production() else name


def read_cookie(name: str) -> str | None:
    """What the browser keeps under this name."""
    return request.cookies.get(host_bound(name))


def keep_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    """Have the browser keep it for so long."""
    response.set_cookie(
        host_bound(name), value, max_age=seconds, httponly=True, secure=_is_production(), samesite="Lax"
    )


def forget_cookie(response: Response, name: str) -> None:
    """Have the browser forget it."""
    response.delete_cookie(host_bound(name), httponly=True, secure=_is_production(), samesite="Lax")


def _is_production() -> bool:
    production: bool = current_app.config["SETTINGS"].is_production
    return production
