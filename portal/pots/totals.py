"""What a pot shows as raised: the one place that writes it, always from the gifts themselves (DON-13)."""

from __future__ import annotations

from sqlalchemy import Text, cast, func, select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.states import advance
from portal.payments.models import PaymentTransaction
from portal.pots import telling
from portal.pots.events import pot_funded
from portal.pots.models import Donation, DonationStatus, Pot, PotStatus

IS_COUNTED = (Donation.status == DonationStatus.SUCCEEDED) & Donation.is_held.is_(False)
# One person is one donor however often they give; a guest who leaves no address is one each time.
DONOR = func.coalesce(
    cast(Donation.donor_user_id, Text),
    Donation.donor_phone,
    func.lower(Donation.donor_email),
    cast(Donation.id, Text),
)


def recount(pot: Pot, *, by: Actor) -> None:
    """Count the locked pot's gifts anew, in the transaction that changed one, and follow its target.

    Reaching the target turns an open pot to funded (POT-17); a refund that falls below it turns a funded one
    back to open while it still collects.
    """
    db.session.flush()
    raised, donors = db.session.execute(
        select(
            func.coalesce(func.sum(Donation.amount_minor - PaymentTransaction.refunded_minor), 0),
            func.count(DONOR.distinct()),
        )
        .join(PaymentTransaction, PaymentTransaction.id == Donation.payment_transaction_id)
        .where(Donation.pot_id == pot.id, IS_COUNTED)
    ).one()
    pot.raised_minor, pot.donor_count = int(raised), donors
    has_reached = pot.collected_minor >= pot.target_amount_minor
    if pot.status is PotStatus.OPEN and has_reached:
        _reach_target(pot, by)
    elif pot.status is PotStatus.FUNDED and not has_reached and clock.today() < pot.birthday_date:
        advance(pot, PotStatus.OPEN, by=by, reason="refund")
        pot.funded_at = None


def _reach_target(pot: Pot, by: Actor) -> None:
    advance(pot, PotStatus.FUNDED, by=by)
    pot.funded_at = clock.now()
    db.session.flush()
    pot_funded.send(pot, by=by)
    telling.pot_funded(pot, by=by)
