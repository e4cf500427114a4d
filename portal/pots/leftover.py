"""What is left of a pot once its pack is paid (G-12; docs/decisions tells why).

1. `wallet`, the default: all of it becomes the owner's.
2. `donors`: it is shared by what each gift, and points that were converted, still had in the pot (largest
   remainder, in the order of arrival). A donor's share goes back as a refund of a part of the gift, by payout
   to the number that paid or was typed.
3. What has no donor to go to is the owner's: the share of points, of donors whose number nobody knows, and a
   share that the provider refuses.
"""

from __future__ import annotations

from sqlalchemy import func, select

from portal.config.values import DONORS, POT_LEFTOVER, value_of
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.money import Money, split
from portal.ledger import services as ledger
from portal.ledger.accounts import pot_funds, user_wallet
from portal.ledger.models import Transfer
from portal.ledger.services import Cause
from portal.payments.models import PaymentTransaction, Refund, RefundReason
from portal.payments.refunds import number_to_refund, request_refund
from portal.pots.finding import available_minor, lock_pot
from portal.pots.models import Donation, Outcome, Pot, PotStatus
from portal.pots.returning import gift_of, gifts_to_return

_REST = "pot_rest"
_WHY = "rest of the pot"


def settle_rest(pot: Pot, *, by: Actor) -> int:
    """Send what the locked pot has left where this deployment says; answers what the owner got, in XOF."""
    if value_of(POT_LEFTOVER) == DONORS:
        _share_among_donors(pot, by)
    return rest_to_wallet(pot, by=by)


def rest_to_wallet(pot: Pot, *, by: Actor) -> int:
    """Move everything the locked pot can still spend to the owner's wallet; answers how much, in XOF."""
    rest = available_minor(pot)
    if rest == 0:
        return 0
    # A refund that failed after the first time may leave a second rest, hence the number.
    earlier = db.session.execute(
        select(func.count()).where(
            Transfer.source_type == "pots", Transfer.source_id == pot.id, Transfer.kind == _REST
        )
    ).scalar_one()
    cause = Cause(_REST, "pots", pot.id, f"pot:{pot.id}:rest:{earlier + 1}")
    ledger.move(pot_funds(pot.id), user_wallet(pot.owner_user_id), rest, cause, by=by)
    return rest


def take_refused_share(refund: Refund, *, by: Actor) -> None:
    """The provider refused to give back a part of a gift whose pot has paid its pack: it is the owner's."""
    donation = gift_of(refund)
    if donation is None:
        return
    pot = lock_pot(donation.pot_id)
    if pot.status is PotStatus.CLOSED and pot.outcome == Outcome.PACK:
        rest_to_wallet(pot, by=by)


def _share_among_donors(pot: Pot, by: Actor) -> None:
    gifts = gifts_to_return(pot)
    rest = available_minor(pot)
    if not rest or not gifts:
        return
    shares = split(rest, [*(gift.amount_minor for gift in gifts), pot.credited_minor])
    for gift, share in zip(gifts, shares, strict=False):
        if share:
            _send_back(gift.donation, share, by)


def _send_back(donation: Donation, share: int, by: Actor) -> None:
    """Ask for a part of a gift's refund, unless nobody knows where it could go."""
    payment = db.session.get_one(PaymentTransaction, donation.payment_transaction_id)
    if share < payment.amount_minor and number_to_refund(payment) is None:
        return
    request_refund(payment.id, RefundReason.ADMIN_ACTION, _WHY, Money(share), donation_id=donation.id, by=by)
