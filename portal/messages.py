"""The words of every notification, from every room, on one page."""

from __future__ import annotations

from portal.notifications import catalog
from portal.notifications import messages as notifications

for room in (notifications,):
    catalog.register(room.MESSAGES)
