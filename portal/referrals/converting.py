"""Matured points into francs of a pot (G-03; REF-63 to REF-66).

1. The sponsor says how many points and for which pot, and is shown what comes of it (`quote`).
2. `convert` locks the sponsor, so that a second click finds the first, then the pot, then the accounts.
3. Two linked transfers move the points back to the house and the house's francs into the pot (M-11).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from portal.config.values import POINTS_MINIMUM, POINTS_RATE, value_of
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.money import POINTS, convertible
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_points
from portal.ledger.models import Purpose
from portal.ledger.queries import balance
from portal.ledger.services import Cause
from portal.pots.crediting import credit, pot_taking_credit
from portal.pots.models import Pot
from portal.referrals.models import PointsConversion
from portal.referrals.policies import within_reach


@dataclass(frozen=True, slots=True)
class Quote:
    """What a conversion gives: the points it takes, the francs the pot gets (XOF), at which rate."""

    points: int
    francs: int
    rate: Decimal


def quote(sponsor_id: UUID, points: int) -> Quote:
    """What up to `points` matured points are worth now, in whole francs (G-03).

    Raises `InvalidInput` below the minimum, above what is available, or when no whole franc comes out.
    """
    minimum, rate = value_of(POINTS_MINIMUM), value_of(POINTS_RATE)
    available = balance(user_points(sponsor_id)).available
    if points < minimum:
        raise InvalidInput(
            _("At least %(minimum)s points can be converted.", minimum=minimum), field="points"
        )
    if points > available:
        raise InvalidInput(_("You have %(points)s points available.", points=available), field="points")
    usable, francs = convertible(points, rate)
    if francs <= 0:
        raise InvalidInput(_("These points do not make a whole franc yet."), field="points")
    return Quote(usable, francs, rate)


def convert(
    sponsor_id: UUID,
    pot_id: UUID,
    points: int,
    submission_key: str,
    *,
    expected_francs: int | None = None,
    by: Actor,
) -> PointsConversion:
    """Turn up to `points` matured points into whole francs in a pot, at the rate of now.

    The same `submission_key` converts once. Raises as `quote`; `NotFound` for a pot that this sponsor may not
    put points into; `Conflict` when it takes no money any more, or when the francs are not those that the
    sponsor has agreed to.
    """
    # One conversion of a sponsor at a time: a second click waits here and finds the first.
    db.session.execute(select(User.id).where(User.id == sponsor_id).with_for_update(key_share=True))
    first = _made_before(sponsor_id, submission_key)
    if first is not None:
        return first
    if db.session.execute(select(Pot.id).where(Pot.id == pot_id, within_reach(sponsor_id))).scalar() is None:
        raise NotFound(_("This pot does not take your points."))
    pot = pot_taking_credit(pot_id)
    agreed = quote(sponsor_id, points)
    if expected_francs not in (None, agreed.francs):
        raise Conflict(_("The worth of a point has changed meanwhile. Please look at it again."))
    conversion = _post(sponsor_id, pot_id, agreed, submission_key, by)
    credit(pot, agreed.francs, by=by)
    return conversion


def _made_before(sponsor_id: UUID, submission_key: str) -> PointsConversion | None:
    return db.session.execute(
        select(PointsConversion).where(
            PointsConversion.submission_key == submission_key,
            PointsConversion.sponsor_user_id == sponsor_id,
        )
    ).scalar_one_or_none()


def _post(sponsor_id: UUID, pot_id: UUID, agreed: Quote, submission_key: str, by: Actor) -> PointsConversion:
    """Both transfers, in one group, and the row that says why."""
    conversion_id, group_id = new_id(), new_id()
    source = "points_conversions"
    given = ledger.move(
        user_points(sponsor_id),
        platform(Purpose.POINTS_ISSUED, POINTS),
        agreed.points,
        Cause("points_converted", source, conversion_id, f"conversion:{conversion_id}:points"),
        by=by,
        group_id=group_id,
    )
    paid = ledger.move(
        platform(Purpose.PROMOTIONS),
        pot_funds(pot_id),
        agreed.francs,
        Cause("points_credit", source, conversion_id, f"conversion:{conversion_id}:credit"),
        by=by,
        group_id=group_id,
    )
    conversion = PointsConversion(
        id=conversion_id,
        sponsor_user_id=sponsor_id,
        pot_id=pot_id,
        points_converted=agreed.points,
        credits_issued_minor=agreed.francs,
        conversion_rate=agreed.rate,
        points_transfer_id=given.transfer_id,
        money_transfer_id=paid.transfer_id,
        submission_key=submission_key,
    )
    db.session.add(conversion)
    db.session.flush()
    return conversion
