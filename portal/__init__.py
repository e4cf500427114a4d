"""Teranga: a portal that grows by word of mouth and pays everyone exactly."""

from __future__ import annotations

from portal.kernel.settings import Settings, load
from portal.web.application import Portal
from portal.web.factory import assemble

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Portal:
    """The portal, wired for `settings` (by default read from the environment)."""
    return assemble(settings or load())
