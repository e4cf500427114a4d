"""The words of every notification, from every room, on one page."""

from __future__ import annotations

from portal.campaigns import messages as campaigns
from portal.notifications import catalog, guardian_messages, people, places, teams
from portal.notifications import messages as notifications
from portal.payments import messages as payments
from portal.payouts import messages as payouts
from portal.pots import messages as pots
from portal.privacy import messages as privacy
from portal.redemptions import messages as redemptions
from portal.redemptions import partner_messages
from portal.referrals import messages as referrals
from portal.settlements import messages as settlements

for room in (
    notifications,
    guardian_messages,
    people,
    teams,
    places,
    payments,
    pots,
    privacy,
    redemptions,
    partner_messages,
    referrals,
    campaigns,
    payouts,
    settlements,
):
    catalog.register(room.MESSAGES)
