"""Every room's background jobs, registered on one page."""

from __future__ import annotations

import portal.admin.jobs
import portal.audit.jobs
import portal.identity.jobs
import portal.kernel.unused_files
import portal.kernel.work
import portal.ledger.jobs
import portal.notifications.jobs
import portal.payments.jobs
import portal.payouts.jobs
import portal.people.jobs
import portal.pots.jobs
import portal.privacy.jobs
import portal.redemptions.jobs
import portal.referrals.jobs
import portal.settlements.jobs
import portal.teams.jobs  # noqa: F401
