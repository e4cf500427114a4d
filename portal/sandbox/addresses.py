"""The parts of addresses that the sandbox's pages send people back to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit


def origin_of(url: str) -> str:
    """Scheme and host, as a content policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def with_query(url: str, values: Mapping[str, str]) -> str:
    """The address with further values in its query."""
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(values)}"
