"""What people must hear about money that leaves, each matter once."""

from __future__ import annotations

from portal.kernel.actor import SYSTEM
from portal.notifications.services import alert_admins, notify
from portal.payouts.destinations import owners_of
from portal.payouts.models import Payout

_ABOUT_PAYEE = "recipient-"


def payout_failed(payout: Payout) -> None:
    """Wave refused: admins decide what next; where the payee's own account is the cause, its owners hear it."""
    key = f"{payout.idempotency_key}:failed"
    code = payout.failure_code or ""
    alert_admins(
        "payout_failed_alert",
        event_key=key,
        data={"amount": payout.amount_minor, "code": code},
        related=(Payout.__tablename__, payout.id),
        action_link=_page(payout),
        by=SYSTEM,
    )
    if payout.partner_id is None or not code.startswith(_ABOUT_PAYEE):
        return
    for owner_id in owners_of(payout.partner_id):
        notify(
            "payout_refused",
            event_key=key,
            data={"amount": payout.amount_minor},
            user_id=owner_id,
            related=(Payout.__tablename__, payout.id),
            action_link="/partner/payout-account",
            by=SYSTEM,
        )


def paid_after_its_end(payout: Payout, reference: str) -> None:
    """Wave says it has paid an attempt that the books have ended without payment."""
    alert_admins(
        "payout_paid_after_its_end",
        event_key=f"payout:{payout.id}:paid-after-its-end:{reference}",
        data={"amount": payout.amount_minor, "reference": reference},
        related=(Payout.__tablename__, payout.id),
        action_link=_page(payout),
        by=SYSTEM,
    )


def payout_taken_back(payout: Payout, reference: str) -> None:
    """Wave took back what had arrived: the payee is owed it again, and admins decide when to pay anew."""
    alert_admins(
        "payout_taken_back_alert",
        event_key=f"{payout.idempotency_key}:taken-back",
        data={"amount": payout.amount_minor, "reference": reference},
        related=(Payout.__tablename__, payout.id),
        action_link=_page(payout),
        by=SYSTEM,
    )


def _page(payout: Payout) -> str:
    return f"/admin/payouts/{payout.id}"
