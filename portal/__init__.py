"""Teranga: a portal that grows by word of mouth and pays everyone exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.kernel.settings import Settings
    from portal.web.application import Portal

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Portal:
    """The portal, wired for `settings` (by default read from the environment)."""
    # The supervisor and the sandbox live in this package and must start without loading the house.
    from portal.kernel.settings import load
    from portal.web.factory import assemble

    return assemble(settings or load())
