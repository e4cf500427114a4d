"""The one model set: every room's tables, on one page."""

from __future__ import annotations

import portal.audit.models
import portal.campaigns.models
import portal.config.models
import portal.consent.models
import portal.identity.models
import portal.kernel.models
import portal.ledger.models
import portal.notifications.models
import portal.packs.models
import portal.partners.models
import portal.payments.models
import portal.payouts.models
import portal.people.models
import portal.pots.models
import portal.privacy.models
import portal.redemptions.models
import portal.referrals.models
import portal.settlements.models
import portal.teams.models  # noqa: F401
from portal.kernel.db import Base

metadata = Base.metadata
