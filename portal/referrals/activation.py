"""When a friend who has joined counts as active: once every criterion of the house is met (REF-20, G-06).

A criterion is a condition of the database, so that one statement finds everybody who meets all of them. A friend is
one from the acceptance on; after as many days as activity is kept, nobody looks any more. A further criterion, as the
first event somebody has been to, is registered where the portal is put together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from portal.config.privacy_values import KEEP_ACTIVE_DAYS
from portal.config.values import ACTIVATION_DAYS, ACTIVATION_WINDOW, value_of
from portal.identity.active_days import days_active
from portal.kernel import clock
from portal.kernel.db import db
from portal.people.completion import is_complete
from portal.referrals.models import Referral

_PORTION = 1_000
Criterion = Callable[[Any, Any], ColumnElement[bool]]
CRITERIA: dict[str, Criterion] = {}


def needed_for_activation(criterion: Criterion) -> Criterion:
    """Ask for `criterion` too: given the columns of a person's id and of the instant of acceptance, a condition."""
    CRITERIA[criterion.__name__] = criterion
    return criterion


@needed_for_activation
def profile_completed(user_id: Any, since: Any) -> ColumnElement[bool]:
    """Nothing of the profile is missing."""
    return is_complete(user_id)


@needed_for_activation
def active_days(user_id: Any, since: Any) -> ColumnElement[bool]:
    """There on enough different days of the first ones."""
    return days_active(user_id, since, value_of(ACTIVATION_WINDOW)) >= value_of(ACTIVATION_DAYS)


def activate_due() -> int:
    """Stamp a portion of the friends who meet every criterion by now; how many there were. Each is stamped once."""
    moment, kept = clock.now(), timedelta(days=value_of(KEEP_ACTIVE_DAYS))
    met = [criterion(Referral.referred_user_id, Referral.accepted_at) for criterion in CRITERIA.values()]
    due = (
        select(Referral.id)
        .where(Referral.accepted_at > moment - kept, Referral.activated_at.is_(None), *met)
        .order_by(Referral.id)
        .limit(_PORTION)
        .with_for_update(skip_locked=True)
    )
    stamped = db.session.scalars(
        update(Referral)
        .where(Referral.id.in_(due), Referral.activated_at.is_(None))
        .values(activated_at=moment, updated_at=moment)
        .returning(Referral.id)
        .execution_options(synchronize_session=False)
    )
    return len(stamped.all())
