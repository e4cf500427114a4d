"""How risky a gift looks, by signals that an admin can read (DON-10, G-16).

Phones on mobile data and families on one Wi-Fi share an address, so an address is judged by its attempts that
were not paid, and a busy one alone never reaches the line where a gift is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import cast, false, func, select
from sqlalchemy.dialects.postgresql import INET

from portal.config.values import RISK_WINDOW_MINUTES, value_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.limits import network_of
from portal.pots.models import Donation, DonationStatus

_USUAL_OF = 200
_USUAL_AT_LEAST = 20_000


@dataclass(frozen=True, slots=True)
class Signal:
    """Something seen, and the points it adds from each height on (heights rising)."""

    name: str
    points_from: tuple[tuple[int, int], ...]

    def points(self, seen: int) -> int:
        """The points of the highest height that was reached, 0 below the first."""
        return next((points for height, points in reversed(self.points_from) if seen >= height), 0)


SIGNALS = (
    Signal("attempts_from_address", ((10, 20), (20, 40), (40, 60))),
    Signal("failures_from_address", ((6, 20), (15, 35))),
    Signal("phones_from_address", ((5, 20), (10, 40))),
    Signal("attempts_of_phone", ((6, 30), (12, 60))),
    Signal("times_usual_amount", ((10, 30), (25, 50))),
    Signal("own_pot", ((1, 20),)),
    Signal("no_browser", ((1, 15),)),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of a gift before it is accepted; `amount_minor` in XOF."""

    amount_minor: int
    phone: str | None
    donor_user_id: UUID | None
    owner_user_id: UUID
    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A score from 0 to 100, and each signal that added to it with what was seen."""

    score: int
    signals: dict[str, Any]


def assess(attempt: Attempt) -> Assessment:
    """Score a gift by what happened in the operator's last minutes; two statements."""
    seen = _seen_lately(attempt) | {
        "times_usual_amount": attempt.amount_minor // max(_usual_amount(), _USUAL_AT_LEAST),
        "own_pot": int(attempt.donor_user_id == attempt.owner_user_id),
        "no_browser": int(not attempt.user_agent),
    }
    found = {
        signal.name: {"seen": seen[signal.name], "points": signal.points(seen[signal.name])}
        for signal in SIGNALS
        if signal.points(seen[signal.name])
    }
    return Assessment(min(100, sum(signal["points"] for signal in found.values())), found)


def _seen_lately(attempt: Attempt) -> dict[str, int]:
    since = clock.now() - timedelta(minutes=value_of(RISK_WINDOW_MINUTES))
    # What is not known of this attempt is nothing it shares with others.
    unpaid = Donation.status.in_((DonationStatus.PENDING, DonationStatus.PROCESSING, DonationStatus.FAILED))
    nearby = Donation.ip_address.op("<<=", is_comparison=True)(cast(network_of(attempt.ip), INET))
    from_address = unpaid & nearby if attempt.ip else false()
    of_phone = unpaid & (Donation.donor_phone == attempt.phone) if attempt.phone else false()
    row = (
        db.session.execute(
            select(
                func.count().filter(from_address).label("attempts_from_address"),
                func.count()
                .filter(from_address, Donation.status == DonationStatus.FAILED)
                .label("failures_from_address"),
                func.count(Donation.donor_phone.distinct()).filter(from_address).label("phones_from_address"),
                func.count().filter(of_phone).label("attempts_of_phone"),
            ).where(Donation.initiated_at > since)
        )
        .mappings()
        .one()
    )
    return {name: int(count) for name, count in row.items()}


def _usual_amount() -> int:
    """The average of the latest gifts that arrived, 0 when there are none."""
    latest = (
        select(Donation.amount_minor)
        .where(Donation.status == DonationStatus.SUCCEEDED)
        .order_by(Donation.initiated_at.desc())
        .limit(_USUAL_OF)
        .subquery()
    )
    return int(db.session.execute(select(func.coalesce(func.avg(latest.c.amount_minor), 0))).scalar_one())
