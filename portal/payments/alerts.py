"""What people who steer the portal must hear about money, each matter once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from portal.gateways.wave import Session
from portal.kernel.actor import Actor
from portal.notifications.services import alert_admins
from portal.payments.models import PaymentTransaction, Refund


def amount_differs(payment: PaymentTransaction, session: Session, *, by: Actor) -> None:
    """Another amount than asked for arrived."""
    alert_admins(
        "payment_amount_differs",
        event_key=f"payment-amount-differs:{session.id}",
        data={
            "expected": payment.amount_minor,
            "received": f"{session.amount} {session.currency}",
            "reference": session.transaction_id or session.id,
        },
        related=("payment_transactions", payment.id),
        action_link=_payment_page(payment.id),
        by=by,
    )


def paid_twice(payment: PaymentTransaction, surplus_id: UUID, session: Session, *, by: Actor) -> None:
    """A payment that was already counted, or called off, was paid (again)."""
    alert_admins(
        "payment_paid_twice",
        event_key=f"payment-paid-twice:{session.id}",
        data={"amount": session.amount, "reference": session.transaction_id or session.id},
        related=("payment_transactions", payment.id),
        action_link=_payment_page(surplus_id),
        by=by,
    )


def unclear(payment: PaymentTransaction, *, by: Actor) -> None:
    """Long after its time the provider still shows a session neither as paid nor as closed."""
    alert_admins(
        "payment_unclear",
        event_key=f"payment-unclear:{payment.id}",
        data={"amount": payment.amount_minor, "reference": payment.provider_session_id or ""},
        related=("payment_transactions", payment.id),
        action_link=_payment_page(payment.id),
        by=by,
    )


def unknown_money(amount: int, reference: str, *, by: Actor) -> None:
    """Money came that belongs to no payment of ours."""
    alert_admins(
        "money_unknown",
        event_key=f"money-unknown:{reference}",
        data={"amount": amount, "reference": reference},
        action_link="/admin/webhooks?status=failed",
        by=by,
    )


def unknown_movement(amount: int, reference: str, *, by: Actor) -> None:
    """Money left the wallet, or came back from there, for nothing that we asked for."""
    alert_admins(
        "money_moved_unknown",
        event_key=f"money-moved-unknown:{reference}",
        data={"amount": amount, "reference": reference},
        action_link="/admin/webhooks?status=failed",
        by=by,
    )


def payout_came_back(amount: int, reference: str, *, by: Actor) -> None:
    """A payout that had arrived was taken back at the provider."""
    alert_admins(
        "payout_came_back",
        event_key=f"payout-came-back:{reference}",
        data={"amount": amount, "reference": reference},
        action_link="/admin/payouts",
        by=by,
    )


def wallet_differs(difference: int, day: date, *, by: Actor) -> None:
    """The provider's wallet and the books have told different sums twice in a row; once a day."""
    alert_admins(
        "wallet_differs",
        event_key=f"wallet-differs:{day.isoformat()}:{difference}",
        data={"amount": difference},
        action_link="/admin/ledger",
        by=by,
    )


def refunded_outside(payment: PaymentTransaction, reference: str, *, by: Actor) -> None:
    """The provider shows a refund that nobody asked for here."""
    alert_admins(
        "refund_made_outside",
        event_key=f"refund-made-outside:{reference}",
        data={"amount": payment.amount_minor, "reference": reference},
        related=("payment_transactions", payment.id),
        action_link=_payment_page(payment.id),
        by=by,
    )


def refund_failed(refund: Refund, *, by: Actor) -> None:
    """The provider refused to give money back."""
    alert_admins(
        "refund_refused",
        event_key=f"refund-refused:{refund.id}:{refund.attempts}",
        data={"amount": refund.amount_minor, "reason": refund.last_error or ""},
        related=("refunds", refund.id),
        action_link=_payment_page(refund.payment_transaction_id),
        by=by,
    )


def _payment_page(payment_id: UUID) -> str:
    return f"/admin/payments/{payment_id}"
