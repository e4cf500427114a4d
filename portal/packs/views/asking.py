"""What the address of a list of packs asks for."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.forms import trimmed
from portal.kernel.ids import parse_id
from portal.kernel.places import REGIONS
from portal.packs.models import PackCategory
from portal.packs.queries import PackFilter

_MAX_DIGITS = 9


def wanted_packs(query: Mapping[str, str]) -> PackFilter:
    """The filter in the query string; a part that names nothing is left out."""
    category, region = query.get("category", ""), query.get("region", "")
    return PackFilter(
        category=PackCategory(category) if category in set(PackCategory) else None,
        price_from=_amount(query.get("from", "")),
        price_to=_amount(query.get("to", "")),
        partner_id=parse_id(query.get("partner")),
        region=region if region in REGIONS else None,
        words=trimmed(query.get("q", "")[:100].replace("\x00", "")),
        is_active={"yes": True, "no": False}.get(query.get("active", "")),
    )


def _amount(typed: str) -> int | None:
    digits = "".join(typed.split())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS else None
