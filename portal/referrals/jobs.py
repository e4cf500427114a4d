"""Expiring invitations, maturing points, asking again for those who wait, active friends, and the friend's pot."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog

from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction, transaction
from portal.kernel.jobs import job
from portal.pots.services import pot_from_referral
from portal.referrals.activation import activate_due
from portal.referrals.answering import accept_if_ready, waiting_people
from portal.referrals.expiring import expire_due
from portal.referrals.points import due_awards, mature

GIVE_POT = "referrals.give_pot"

log = structlog.get_logger(__name__)


@job("referrals.expire", timeout=300)
def expire_invitations() -> dict[str, int]:
    """Turn invitations past their seven days into expired (REF-07)."""
    expired = 0
    while done := in_transaction(expire_due):
        expired += done
    return {"expired": expired}


@job("referrals.mature", timeout=600)
def mature_points() -> dict[str, int]:
    """Make points usable whose time has come, each award in a transaction of its own (G-02).

    One award that cannot be posted does not hold up the others; it is counted, and tried again next time.
    """
    with transaction():
        due = due_awards()
    matured = failed = 0
    for award_id in due:
        try:
            matured += in_transaction(partial(mature, award_id))
        except Exception:
            log.exception("award_not_matured", award_id=str(award_id))
            failed += 1
    return {"matured": matured, "failed": failed}


@job("referrals.accept", timeout=600)
def accept_waiting() -> dict[str, int]:
    """Ask again for people whose papers were checked, or who came of age, since they signed up (REF-26).

    However many wait, each is asked for; one who cannot be accepted does not hold up the others.
    """
    counts = {"waiting": 0, "accepted": 0, "failed": 0}
    last: UUID | None = None
    while waiting := in_transaction(partial(waiting_people, last)):
        for user_id in waiting:
            counts["waiting"] += 1
            try:
                accepted = in_transaction(partial(accept_if_ready, user_id, by=SYSTEM))
            except Exception:
                counts["failed"] += 1
                log.exception("referral_not_accepted", user_id=str(user_id))
            else:
                counts["accepted"] += accepted is not None
        last = waiting[-1]
    return counts


@job("referrals.activate", timeout=600)
def activate_friends() -> dict[str, int]:
    """Find the friends who have become active since (REF-20)."""
    activated = 0
    while done := in_transaction(activate_due):
        activated += done
    return {"activated": activated}


@job(GIVE_POT)
def give_pot(referral_id: str, owner_user_id: str) -> None:
    """Make the pot that an accepted invitation gives to the person invited (POT-14)."""
    in_transaction(partial(pot_from_referral, UUID(referral_id), UUID(owner_user_id), by=SYSTEM))
