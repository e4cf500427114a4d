"""How the values of this room read on a page."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.kernel.roles import MemberRole
from portal.partners.models import PartnerStatus, PartnerType, PaymentTerms

TYPE_LABELS: dict[str, str] = {
    PartnerType.RESTAURANT: lazy("Restaurant"),
    PartnerType.CINEMA: lazy("Cinema"),
    PartnerType.SPA: lazy("Spa and beauty"),
    PartnerType.RETAIL: lazy("Shop"),
    PartnerType.SERVICE: lazy("Service"),
}
TERMS_LABELS: dict[str, str] = {
    PaymentTerms.WEEKLY: lazy("Every week"),
    PaymentTerms.MONTHLY: lazy("Every month"),
    PaymentTerms.QUARTERLY: lazy("Every quarter"),
}
STATUS_LABELS: dict[str, str] = {
    PartnerStatus.PENDING: lazy("Waiting for our decision"),
    PartnerStatus.ACTIVE: lazy("Active"),
    PartnerStatus.SUSPENDED: lazy("Suspended"),
    PartnerStatus.TERMINATED: lazy("Ended"),
}
STATUS_TONES: dict[str, str] = {
    PartnerStatus.PENDING: "notice",
    PartnerStatus.ACTIVE: "positive",
    PartnerStatus.SUSPENDED: "negative",
    PartnerStatus.TERMINATED: "neutral",
}
ROLE_LABELS: dict[str, str] = {
    MemberRole.STAFF: lazy("Staff: scans gifts"),
    MemberRole.MANAGER: lazy("Manager: packs, places, staff"),
    MemberRole.OWNER: lazy("Owner: everything, and the money"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "type_labels": TYPE_LABELS,
    "terms_labels": TERMS_LABELS,
    "status_labels": STATUS_LABELS,
    "status_tones": STATUS_TONES,
    "role_labels": ROLE_LABELS,
}
