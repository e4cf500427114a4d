"""What the address of a list of scans asks for."""

from __future__ import annotations

from portal.kernel.asking import asked, asked_day, asked_id
from portal.redemptions.queries import ScanFilter

_RESULTS = frozenset({"redeemed", "refused"})


def wanted_scans() -> ScanFilter:
    """The filter in the query string; a part that names nothing is left out."""
    result = asked("result")
    return ScanFilter(
        result=result if result in _RESULTS else None,
        first_day=asked_day("from"),
        last_day=asked_day("to"),
        partner_id=asked_id("partner"),
        code=asked("code", 40),
    )
