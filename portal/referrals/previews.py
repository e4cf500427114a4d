"""A preview on its way to the confirmation: signed, for one person, for an hour, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.papers import signer_of
from portal.referrals.addresses import Reachable

MAX_AGE_SECONDS = 3600


def seal(people: Iterable[Reachable], sponsor_id: UUID) -> str:
    """The people as text that only this sponsor can hand back, and nobody can change."""
    plain = [[who.name, who.phone, who.email] for who in people]
    sealed = _signer(sponsor_id).dumps(plain)
    return sealed if isinstance(sealed, str) else sealed.decode()


def unseal(sealed: str | None, sponsor_id: UUID) -> list[Reachable]:
    """The people that `seal` wrote. Raises `InvalidInput` when changed, too old, or somebody else's."""
    try:
        plain = _signer(sponsor_id).loads(sealed or "", max_age=MAX_AGE_SECONDS)
    except BadData:
        raise InvalidInput(_("This preview is too old. Please choose your file again.")) from None
    return [Reachable(*values) for values in plain]


def _signer(sponsor_id: UUID) -> URLSafeTimedSerializer:
    return signer_of(f"referrals.import:{sponsor_id}")
