"""What rooms do when another room's signal arrives, registered on one page."""

from __future__ import annotations

import portal.identity.reactions
import portal.notifications.contacts
import portal.notifications.guardians
import portal.notifications.people
import portal.notifications.places
import portal.notifications.reactions
import portal.notifications.teams
import portal.payouts.reactions
import portal.pots.dates
import portal.pots.reactions
import portal.privacy.reactions
import portal.redemptions.dates
import portal.redemptions.reactions
import portal.referrals.reactions
import portal.settlements.reactions  # noqa: F401
