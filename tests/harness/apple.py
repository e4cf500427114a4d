"""The key that Apple's console would give the portal's team, made anew for each test process."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def team_key() -> str:
    """A private key as the console's .p8 file holds it."""
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KNOWN_TO_APPLE = {
    "APPLE_CLIENT_ID": "teranga",
    "APPLE_TEAM_ID": "TEAM000001",
    "APPLE_KEY_ID": "KEY0000001",
    "APPLE_PRIVATE_KEY": team_key(),
}
