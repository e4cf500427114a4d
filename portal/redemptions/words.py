"""How the answers of a scan read in a list."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.redemptions.models import ScanError

ERROR_LABELS: dict[str, str] = {
    ScanError.TOO_EARLY: lazy("Too early"),
    ScanError.WRONG_PARTNER: lazy("Other business"),
    ScanError.WRONG_VENUE: lazy("Not at this place"),
    ScanError.CANCELED: lazy("Canceled"),
    ScanError.UNKNOWN_CODE: lazy("Unknown code"),
    ScanError.FORGED: lazy("Not genuine"),
    ScanError.EXPIRED: lazy("Expired"),
    ScanError.ALREADY_USED: lazy("Already used"),
    ScanError.PARTNER_INACTIVE: lazy("Business not active"),
}
