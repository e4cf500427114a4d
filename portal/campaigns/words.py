"""How the values of this room read on a page."""

from __future__ import annotations

from portal.campaigns.models import CompanyStatus
from portal.kernel.i18n import lazy
from portal.kernel.roles import CompanyRole

ROLE_LABELS: dict[str, str] = {
    CompanyRole.VIEWER: lazy("Viewer: looks"),
    CompanyRole.MANAGER: lazy("Manager: runs campaigns"),
    CompanyRole.OWNER: lazy("Owner: everything, and who works here"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {"role_labels": ROLE_LABELS, "statuses": tuple(CompanyStatus)}
