"""Pots at each point of their life, the gifts in them, and what a donor holds in hand."""

from __future__ import annotations

from datetime import date

from portal.config.values import RISK_HOLD
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.art import pot_cover
from portal.payments.confirmation import ask_for_review
from portal.payments.models import RefundReason, Review
from portal.payments.refunds import claim_refund, request_refund
from portal.pots import pictures, sharing
from portal.pots.models import Donation, Pot, ShareMethod, Visibility
from tests.harness.house import acting, make_person, make_pot
from tests.identity.doorway import open_account
from tests.pots.gifts import give_to, make_open_pot, make_owner, pay, payment_of, refuse_back

ADULT = date(1990, 3, 20)
HELD = {"own_pot": {"seen": 1, "points": 70}}


def make_pots(people: dict[str, User]) -> dict[str, str]:
    """An open pot of the client, and a full one that waits for its pack."""
    owner = people["client"]
    pot = make_open_pot(owner, target=50_000, visibility=Visibility.PUBLIC)
    pictures.add_photo(pot.id, owner.id, pot_cover("photo"), by=acting(owner))
    people |= {
        "birthday_child": open_account("Aminata Fall", email="aminata@example.org", born=ADULT),
        "chooser": make_person("Ousseynou Kane"),
    }
    full = make_pot(people["chooser"], birthday=clock.today())
    return {
        "pot": str(pot.id),
        "slug": pot.public_slug,
        "photo": str(pot.gallery_file_ids[0]),
        "cover": str(pot.cover_file_id),
        "full_pot": str(full.id),
        "invitation": _invitation(pot, owner),
    }


def make_gifts(people: dict[str, User]) -> dict[str, str]:
    """Gifts that arrived, wait, are held, are checked, and one whose refund failed."""
    pot = make_open_pot(make_owner(name="Astou Cissé"))
    arrived, again, held, checked = (
        give_to(pot, amount, phone="77 111 22 33") for amount in (2_000, 3_000, 1_500, 1_000)
    )
    waiting = give_to(pot, 500)
    held.risk_score, held.risk_signals = RISK_HOLD.default, HELD
    for gift in (arrived, again, held, checked):
        pay(gift)
    ask_for_review(payment_of(checked).id, Review.UNCLEAR, acting(people["admin"]))
    return {
        "gift": str(arrived.id),
        "held_gift": str(held.id),
        "receipt": arrived.receipt_token,
        "unpaid": waiting.receipt_token,
        "payment": str(payment_of(arrived).id),
        "checked_payment": str(payment_of(checked).id),
        "refund": _failed_refund(again, people["admin"]),
    }


def _invitation(pot: Pot, owner: User) -> str:
    wanted = sharing.Invitation(ShareMethod.WHATSAPP, "+221771234500", None)
    return sharing.invite(pot.id, owner.id, wanted, by=acting(owner)).tracking_token


def _failed_refund(gift: Donation, admin: User) -> str:
    by = acting(admin)
    refund = request_refund(payment_of(gift).id, RefundReason.USER_REQUEST, "asked", by=by)
    claim_refund(refund.id, by=by)
    refuse_back(refund)
    return str(refund.id)
