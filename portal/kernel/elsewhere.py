"""Other hosts that a page may lead to: one list for our own redirects and for the browser's policy (ASVS 3.7.2)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app

from portal.kernel.settings import Settings

_WAVES_PAGES = "https://pay.wave.com"


def known_elsewhere(settings: Settings) -> frozenset[str]:
    """Where people pay, and the providers that say who they are."""
    wave = _WAVES_PAGES if settings.is_production else _origin(settings.wave_api_url)
    return frozenset({wave, *(_origin(provider.url) for provider in settings.providers.values())})


def leads_to_known_host(url: str) -> bool:
    """Whether somebody may be sent to this address."""
    return _origin(url) in known_elsewhere(current_app.config["SETTINGS"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
