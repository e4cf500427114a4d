"""The houses that the operator has made the portal known to, and whose word about who somebody is counts."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kernel.environment import Environment, Reader, SettingsError

# Where each answers; Facebook is asked at a second address.
_KNOWN = {
    "google": ("https://accounts.google.com", ""),
    "apple": ("https://appleid.apple.com", ""),
    "facebook": ("https://www.facebook.com/v21.0", "https://graph.facebook.com/v21.0"),
}


@dataclass(frozen=True, slots=True)
class House:
    """One house: where it answers, and our name and secret there."""

    name: str
    url: str
    graph_url: str
    client_id: str
    client_secret: str


def read_houses(reader: Reader) -> dict[str, House]:
    """The houses that have our name and secret; the others offer no way in. Raises `SettingsError`."""
    schemes = {"https"} if reader.environment is Environment.PRODUCTION else {"http", "https"}
    known = {}
    for name, (url, graph_url) in _KNOWN.items():
        upper = name.upper()
        client_id, secret = reader.optional(f"{upper}_CLIENT_ID"), reader.told(f"{upper}_CLIENT_SECRET")
        if client_id is None and secret is None:
            continue
        if client_id is None or secret is None:
            raise SettingsError(f"{upper}_CLIENT_ID and {upper}_CLIENT_SECRET belong together.")
        known[name] = House(
            name=name,
            url=reader.url(f"{upper}_URL", url, schemes).rstrip("/"),
            graph_url=reader.url(f"{upper}_GRAPH_URL", graph_url, schemes).rstrip("/") if graph_url else "",
            client_id=client_id,
            client_secret=secret,
        )
    return known
