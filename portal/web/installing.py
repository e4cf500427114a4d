"""What a phone needs to put the portal on its home screen."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from portal.kernel.i18n import _

_BACKGROUND, _THEME = "#FBF7F0", "#22335C"
_ICONS = (
    ("icon-192", "192x192", None),
    ("icon-512", "512x512", None),
    ("icon-maskable-512", "512x512", "maskable"),
)


def manifest(*, for_partner: bool) -> dict[str, Any]:
    """The web app manifest; a partner's opens the scanner."""
    return {
        "id": "/partner" if for_partner else "/",
        "name": _("Teranga scanner") if for_partner else "Teranga",
        "short_name": _("Scanner") if for_partner else "Teranga",
        "start_url": url_for("redemptions_partner.scanner") if for_partner else "/",
        "scope": "/",
        "display": "standalone",
        "background_color": _BACKGROUND,
        "theme_color": _THEME,
        "icons": [_icon(*one) for one in _ICONS],
    }


def _icon(name: str, sizes: str, purpose: str | None) -> dict[str, str]:
    icon = {
        "src": current_app.extensions["assets"].url(f"icons/{name}.png"),
        "sizes": sizes,
        "type": "image/png",
    }
    return icon | {"purpose": purpose} if purpose else icon
