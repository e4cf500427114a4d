"""What the address of a list of scans asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from portal.kernel.forms import trimmed
from portal.kernel.ids import parse_id
from portal.redemptions.queries import ScanFilter

_RESULTS = frozenset({"redeemed", "refused"})


def wanted_scans(query: Mapping[str, str]) -> ScanFilter:
    """The filter in the query string; a part that names nothing is left out."""
    result = query.get("result", "")
    return ScanFilter(
        result=result if result in _RESULTS else None,
        first_day=_day(query.get("from", "")),
        last_day=_day(query.get("to", "")),
        partner_id=parse_id(query.get("partner")),
        code=trimmed(query.get("code", "")[:40].replace("\x00", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None
