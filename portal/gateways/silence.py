"""A provider that cannot be spoken to is noted, also where its caller simply tries again (ASVS 16.3.4)."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


def note_silence(provider: str, error: Exception) -> None:
    """A line that says who was called and how that failed, a certificate nobody vouches for too; not what was said."""
    log.warning("provider_away", provider=provider, error=type(error).__name__)
