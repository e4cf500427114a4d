"""How the values of this room read on a page."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.packs.models import PackCategory

CATEGORY_LABELS: dict[str, str] = {
    PackCategory.RESTAURANT: lazy("Restaurant"),
    PackCategory.CINEMA: lazy("Cinema"),
    PackCategory.SPA: lazy("Spa and beauty"),
    PackCategory.EXPERIENCE: lazy("Experience"),
}
