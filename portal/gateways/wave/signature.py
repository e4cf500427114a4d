"""`Wave-Signature`: one scheme for the requests we sign and for the webhooks Wave signs (contract §2, §9)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

HEADER = "Wave-Signature"
MAX_AGE_SECONDS = 300
MAX_AHEAD_SECONDS = 30
# Fifteen digits reach past the year 30 million; more only make a number expensive to read.
_MAX_TIMESTAMP_DIGITS = 15


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """A header taken apart: the claimed time (as written) and each `v1` value."""

    timestamp: str
    signatures: tuple[str, ...]

    def is_timely(self, now: datetime) -> bool:
        """Whether it was made at most 300 seconds ago and at most 30 seconds ahead of `now`."""
        age = now.timestamp() - int(self.timestamp)
        return -MAX_AHEAD_SECONDS <= age <= MAX_AGE_SECONDS

    def matches(self, body: bytes, secrets: Sequence[str]) -> bool:
        """Whether a `v1` was made over exactly these bytes with one of `secrets`, in constant time."""
        wanted = [digest(secret, self.timestamp, body).encode() for secret in secrets if secret]
        given = [signature.encode("utf-8", "replace") for signature in self.signatures]
        pairs = [hmac.compare_digest(one, other) for one in wanted for other in given]
        return any(pairs)


def digest(secret: str, timestamp: str, body: bytes) -> str:
    """The `v1` value. The key is the whole secret with its prefix; nothing stands between time and body."""
    return hmac.new(secret.encode(), timestamp.encode("ascii") + body, hashlib.sha256).hexdigest()


def signed_header(secrets: Sequence[str], body: bytes, now: datetime) -> str:
    """The header value for `body`, with one `v1` for each secret (two while secrets rotate)."""
    timestamp = str(int(now.timestamp()))
    values = [f"v1={digest(secret, timestamp, body)}" for secret in secrets]
    return ",".join([f"t={timestamp}", *values])


def parse_header(header: str | None) -> SignatureHeader | None:
    """The parts of a header, or None unless it has exactly one numeric `t` and at least one `v1`."""
    pairs = [part.strip().partition("=") for part in (header or "").split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = tuple(value for name, _, value in pairs if name == "v1")
    if len(times) != 1 or not signatures:
        return None
    digits = times[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_TIMESTAMP_DIGITS):
        return None
    return SignatureHeader(digits, signatures)
