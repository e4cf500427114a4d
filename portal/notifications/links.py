"""Where the words of operators may lead: to the portal itself, so that nobody's mail is bait (NTF-25)."""

from __future__ import annotations

import re

import nh3

from portal.kernel.pages import public_url

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}:)?//[^\s<>\"']+|\bwww\.[^\s<>\"']+", re.IGNORECASE)
_LINKS = frozenset({"href", "src", "cite"})
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}


def leads_elsewhere(text: str) -> bool:
    """Whether a text names an address on another host; addresses of the portal and placeholders do not."""
    return any(not _is_ours(found.group()) for found in _ADDRESS.finditer(text))


def clean_mail(html: str) -> str:
    """The HTML of a mail without scripts, pictures, and links to elsewhere."""
    return nh3.clean(html, tags=set(_TAGS), attribute_filter=_kept)


def _kept(_tag: str, name: str, value: str) -> str | None:
    if name not in _LINKS:
        return value
    return value if (value.startswith(("{", "/")) and not value.startswith("//")) or _is_ours(value) else None


def _is_ours(address: str) -> bool:
    base = public_url("")
    return address == base or address.startswith(f"{base}/")
