"""The room's pages, by audience; a sponsor's share one blueprint and are kept apart by subject."""

from __future__ import annotations

from portal.referrals.views import batches, contacts, points
from portal.referrals.views.sponsor import blueprint

__all__ = ["batches", "blueprint", "contacts", "points"]
