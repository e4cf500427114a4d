"""What the address of a list of packs asks for."""

from __future__ import annotations

from portal.kernel.asking import asked, asked_id, asked_kind
from portal.kernel.places import REGIONS
from portal.packs.models import PackCategory
from portal.packs.queries import PackFilter

_MAX_DIGITS = 9


def wanted_packs() -> PackFilter:
    """The filter in the query string; a part that names nothing is left out."""
    region = asked("region")
    return PackFilter(
        category=asked_kind(PackCategory, "category"),
        price_from=_amount("from"),
        price_to=_amount("to"),
        partner_id=asked_id("partner"),
        region=region if region in REGIONS else None,
        words=asked(),
        is_active={"yes": True, "no": False}.get(asked("active") or ""),
    )


def _amount(name: str) -> int | None:
    digits = "".join((asked(name) or "").split())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS else None
