"""Matured points into francs of a pot (G-03; REF-63 to REF-66)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from portal.config.values import POINTS_MINIMUM, POINTS_RATE, value_of
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.money import POINTS, convertible
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_points
from portal.ledger.models import Purpose
from portal.ledger.queries import balance
from portal.ledger.services import Cause
from portal.pots.crediting import credit, pot_taking_credit
from portal.referrals.models import PointsConversion


def convert(
    sponsor_id: UUID, pot_id: UUID, points: int, submission_key: str, *, by: Actor
) -> PointsConversion:
    """Turn up to `points` matured points into whole francs in a pot, at the rate of now.

    Two linked transfers in one transaction (M-11). The same `submission_key` converts once. Raises
    `InvalidInput` below the minimum, above what is available, or when no whole franc comes out;
    `Conflict` when the pot takes no money any more.
    """
    # One conversion of a sponsor at a time: a second click waits here and finds the first.
    db.session.execute(select(User.id).where(User.id == sponsor_id).with_for_update(key_share=True))
    first = db.session.execute(
        select(PointsConversion).where(
            PointsConversion.submission_key == submission_key,
            PointsConversion.sponsor_user_id == sponsor_id,
        )
    ).scalar_one_or_none()
    if first is not None:
        return first
    pot = pot_taking_credit(pot_id)
    usable, francs, rate = _checked(sponsor_id, points)
    conversion_id, group_id = new_id(), new_id()
    given = ledger.move(
        user_points(sponsor_id),
        platform(Purpose.POINTS_ISSUED, POINTS),
        usable,
        Cause("points_converted", "points_conversions", conversion_id, f"conversion:{conversion_id}:points"),
        by=by,
        group_id=group_id,
    )
    paid = ledger.move(
        platform(Purpose.PROMOTIONS),
        pot_funds(pot_id),
        francs,
        Cause("points_credit", "points_conversions", conversion_id, f"conversion:{conversion_id}:credit"),
        by=by,
        group_id=group_id,
    )
    conversion = PointsConversion(
        id=conversion_id,
        sponsor_user_id=sponsor_id,
        pot_id=pot_id,
        points_converted=usable,
        credits_issued_minor=francs,
        conversion_rate=rate,
        points_transfer_id=given.transfer_id,
        money_transfer_id=paid.transfer_id,
        submission_key=submission_key,
    )
    db.session.add(conversion)
    db.session.flush()
    credit(pot, francs, by=by)
    return conversion


def _checked(sponsor_id: UUID, points: int) -> tuple[int, int, Decimal]:
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
    return usable, francs, rate
