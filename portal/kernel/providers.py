"""The providers that the operator has made the portal known to, and whose word about who somebody is counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.kernel.environment import Environment, Reader, SettingsError

# Where each answers; Facebook is asked at a second address.
_KNOWN = {
    "google": ("https://accounts.google.com", ""),
    "apple": ("https://appleid.apple.com", ""),
    "facebook": ("https://www.facebook.com/v21.0", "https://graph.facebook.com/v21.0"),
}
# What a provider asks for instead of a fixed secret.
_NEEDS = {"apple": "APPLE_TEAM_ID, APPLE_KEY_ID and APPLE_PRIVATE_KEY"}


@dataclass(frozen=True, slots=True)
class TeamKey:
    """What a provider that takes no fixed secret knows us by: our team, and the key that its console gave the team."""

    team_id: str
    key_id: str
    pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One provider: where it answers, our name there, and by what we prove it: a fixed secret, or a key of our own."""

    name: str
    url: str
    graph_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    key: TeamKey | None = None


def read_providers(reader: Reader) -> dict[str, IdentityProvider]:
    """The providers that we are known to; the others offer no way in. Raises `SettingsError`."""
    schemes = {"https"} if reader.environment is Environment.PRODUCTION else {"http", "https"}
    known = {}
    for name, (url, graph_url) in _KNOWN.items():
        upper = name.upper()
        client_id, proof = reader.optional(f"{upper}_CLIENT_ID"), _proof(reader, name)
        if client_id is None and proof is None:
            continue
        if client_id is None or proof is None:
            raise SettingsError(
                f"{upper}_CLIENT_ID and {_NEEDS.get(name, f'{upper}_CLIENT_SECRET')} belong together."
            )
        known[name] = IdentityProvider(
            name=name,
            url=reader.url(f"{upper}_URL", url, schemes).rstrip("/"),
            graph_url=reader.url(f"{upper}_GRAPH_URL", graph_url, schemes).rstrip("/") if graph_url else "",
            client_id=client_id,
            client_secret="" if isinstance(proof, TeamKey) else proof,
            key=proof if isinstance(proof, TeamKey) else None,
        )
    return known


def _proof(reader: Reader, name: str) -> str | TeamKey | None:
    """A fixed secret, for Apple the team's key; None when nothing of it is told. Raises `SettingsError`."""
    if name != "apple":
        return reader.told(f"{name.upper()}_CLIENT_SECRET")
    team_id, key_id = reader.optional("APPLE_TEAM_ID"), reader.optional("APPLE_KEY_ID")
    pem = reader.told("APPLE_PRIVATE_KEY")
    if team_id is None and key_id is None and pem is None:
        return None
    if team_id is None or key_id is None or pem is None:
        raise SettingsError(f"{_NEEDS['apple']} belong together.")
    _check_key(pem)
    return TeamKey(team_id, key_id, pem)


def _check_key(pem: str) -> None:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SettingsError("APPLE_PRIVATE_KEY is not the key that Apple's console gives (a .p8 file).")
