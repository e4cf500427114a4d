"""What a provider says of itself is believed only where it cannot lead to less than it was asked by."""

from __future__ import annotations

import pytest

from portal.gateways import providers
from portal.gateways.providers import ProviderUnavailable, begin
from portal.kernel.providers import IdentityProvider

_URL = "https://accounts.provider.example"
_KNOWN = {
    "issuer": _URL,
    "authorization_endpoint": f"{_URL}/auth",
    "token_endpoint": "https://tokens.provider.example/token",
    "jwks_uri": "https://keys.provider.example/certs",
}


def _begun(monkeypatch: pytest.MonkeyPatch, told: dict[str, object]) -> str:
    monkeypatch.setattr(providers, "_get", lambda *_asked: told)
    return begin(IdentityProvider("google", _URL, "", "teranga"), "https://teranga.example/back").url


def test_a_provider_may_have_doors_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _begun(monkeypatch, dict(_KNOWN)).startswith(f"{_URL}/auth?")


@pytest.mark.parametrize("door", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "leads", ["http://169.254.169.254/latest", "file:///etc/passwd", "/token", "", 7, None]
)
def test_no_door_of_a_provider_leads_to_a_connection_without_tls(
    monkeypatch: pytest.MonkeyPatch, door: str, leads: object
) -> None:
    """Neither our secret nor a code goes where anybody can listen (ASVS 1.3.6, 12.3.1)."""
    with pytest.raises(ProviderUnavailable):
        _begun(monkeypatch, _KNOWN | {door: leads})
