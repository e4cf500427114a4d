"""The words of every notification, from every room, on one page."""

from __future__ import annotations

from portal.notifications import catalog, guardians
from portal.notifications import messages as notifications
from portal.payments import messages as payments
from portal.pots import messages as pots

for room in (notifications, guardians, payments, pots):
    catalog.register(room.MESSAGES)
