"""Which person hears what about a pot and its gifts; the words are in `messages.py`."""

from __future__ import annotations

from typing import Any

from portal.kernel.actor import Actor
from portal.notifications.services import alert_admins, notify
from portal.payments.models import Refund
from portal.pots.models import Donation, Pot


def pot_opened(pot: Pot, *, by: Actor) -> None:
    """The owner: from now on the pot collects."""
    _tell_owner(pot, "pot_opened", "opened", by, pot_title=pot.title, birthday=pot.birthday_date)


def pot_funded(pot: Pot, *, by: Actor) -> None:
    """The owner: the target is reached. Reaching it again after a refund is news again."""
    occasion = f"funded:{pot.funded_at:%Y%m%d%H%M%S}"
    _tell_owner(
        pot,
        "pot_funded",
        occasion,
        by,
        pot_title=pot.title,
        raised=pot.collected_minor,
        birthday=pot.birthday_date,
    )


def choose_or_return(pot: Pot, amount: int, *, by: Actor) -> None:
    """The owner of an expired pot: choose a pack, or the gifts go back (G-10)."""
    _tell_owner(
        pot, "pot_expired_choose", "expired", by, pot_title=pot.title, amount=amount, until=pot.choose_until
    )


def choose_a_pack(pot: Pot, amount: int, *, by: Actor) -> None:
    """The owner of a funded pot without a pack: choose one, or the money goes to the wallet (G-11)."""
    _tell_owner(
        pot, "pot_closed_choose", "closed", by, pot_title=pot.title, amount=amount, until=pot.choose_until
    )


def money_in_wallet(pot: Pot, amount: int, *, by: Actor) -> None:
    """The owner: the money is in the wallet."""
    _tell_owner(pot, "pot_closed_wallet", f"wallet:{amount}", by, pot_title=pot.title, amount=amount)


def gift_arrived(donation: Donation, pot: Pot, *, by: Actor) -> None:
    """The owner hears of the gift, as openly as the donor chose; the donor gets a receipt."""
    data: dict[str, Any] = {"pot_title": pot.title, "amount": donation.amount_minor}
    if donation.is_anonymous or not donation.donor_name:
        _tell_owner(pot, "donation_received_anonymous", f"gift:{donation.id}", by, **data)
    else:
        _tell_owner(pot, "donation_received", f"gift:{donation.id}", by, donor=donation.donor_name, **data)
    _tell_donor(donation, "donation_receipt", "receipt", by, given_at=donation.confirmed_at, **data)


def gift_is_checked(donation: Donation, pot: Pot, *, by: Actor) -> None:
    """The donor: the money is here, a person looks at it before it counts; and the admins who look (DON-11)."""
    data = {"pot_title": pot.title, "amount": donation.amount_minor}
    _tell_donor(donation, "donation_held", "held", by, **data)
    alert_admins(
        "donation_to_check",
        event_key=f"donation:{donation.id}:check",
        data={**data, "score": donation.risk_score},
        related=(Donation.__tablename__, donation.id),
        action_link=f"/admin/donations/{donation.id}",
        by=by,
    )


def gift_is_kept(donation: Donation, amount: int, why: str, *, by: Actor) -> None:
    """Admins: a gift of an ended pot cannot go back; its money waits for them, apart from the pot."""
    alert_admins(
        "donation_kept",
        event_key=f"donation:{donation.id}:kept",
        data={"amount": amount, "why": why[:300]},
        related=(Donation.__tablename__, donation.id),
        action_link=f"/admin/payments/{donation.payment_transaction_id}",
        by=by,
    )


def gift_came_too_late(donation: Donation, pot: Pot, *, by: Actor) -> None:
    """The donor: the pot had closed, so the money goes back."""
    _tell_donor(donation, "donation_too_late", "late", by, pot_title=pot.title, amount=donation.amount_minor)


def gift_went_back(donation: Donation, pot: Pot, refund: Refund, *, by: Actor) -> None:
    """The donor: the money is back, or a part of it (DON-29)."""
    is_whole = refund.amount_minor == donation.amount_minor
    _tell_donor(
        donation,
        "donation_refunded" if is_whole else "donation_part_refunded",
        f"refund:{refund.id}",
        by,
        pot_title=pot.title,
        amount=refund.amount_minor,
    )


def _tell_owner(pot: Pot, template: str, occasion: str, by: Actor, **data: Any) -> None:
    notify(
        template,
        event_key=f"pot:{pot.id}:{occasion}",
        data=data,
        user_id=pot.owner_user_id,
        related=(Pot.__tablename__, pot.id),
        action_link=f"/pots/{pot.id}",
        by=by,
    )


def _tell_donor(donation: Donation, template: str, occasion: str, by: Actor, **data: Any) -> None:
    """By account, else by the e-mail address that was left; a guest without one has the link."""
    if donation.donor_user_id is None and not donation.donor_email:
        return
    notify(
        template,
        event_key=f"donation:{donation.id}:{occasion}",
        data=data,
        user_id=donation.donor_user_id,
        email=donation.donor_email,
        locale=donation.locale,
        related=(Donation.__tablename__, donation.id),
        action_link=f"/g/{donation.receipt_token}",
        by=by,
    )
