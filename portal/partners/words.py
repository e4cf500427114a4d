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
ROLE_LABELS: dict[str, str] = {
    MemberRole.STAFF: lazy("Staff: scans gifts"),
    MemberRole.MANAGER: lazy("Manager: packs, places, staff"),
    MemberRole.OWNER: lazy("Owner: everything, and the money"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "type_labels": TYPE_LABELS,
    "terms_labels": TERMS_LABELS,
    "statuses": tuple(PartnerStatus),
    "role_labels": ROLE_LABELS,
}
