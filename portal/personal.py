"""What every room holds of people, on one page."""

from __future__ import annotations

import portal.audit.personal
import portal.campaigns.personal
import portal.config.personal
import portal.consent.personal
import portal.identity.personal
import portal.kernel.holdings
import portal.ledger.personal
import portal.notifications.personal
import portal.packs.personal
import portal.partners.personal
import portal.payments.personal
import portal.payouts.personal
import portal.people.guardian_personal
import portal.people.personal
import portal.pots.personal
import portal.privacy.personal
import portal.redemptions.personal
import portal.referrals.personal
import portal.settlements.personal
import portal.teams.personal  # noqa: F401
