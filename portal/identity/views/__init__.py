"""The pages at the door."""

from __future__ import annotations

from portal.identity.views import contacts, links, passkeys, providers, proving, security, sign_in, sign_up
from portal.identity.views.door import blueprint

__all__ = [
    "blueprint",
    "contacts",
    "links",
    "passkeys",
    "providers",
    "proving",
    "security",
    "sign_in",
    "sign_up",
]
