"""Papers that a page hands out and takes back soon: signed for one purpose, good for a while, kept nowhere.

Their age is told by the portal's own clock, and what an earlier key has signed is still good.
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from portal.kernel import clock


class _ByOurClock(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def signer_of(purpose: str) -> URLSafeTimedSerializer:
    """Signs and reads the papers of this purpose; whoever reads one says how old it may be."""
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt=purpose, signer=_ByOurClock)
