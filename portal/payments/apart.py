"""Money that came for a payment and cannot be counted: a payment of its own, and unexplained in the books.

No signal announces it, so this module posts it, its refund and the end of that refund.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from portal.gateways.wave import Session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.states import remember
from portal.ledger import services as ledger
from portal.ledger.accounts import provider_clearing, unexplained
from portal.ledger.services import Cause
from portal.payments.models import PaymentStatus, PaymentTransaction, Refund, Review

_TABLE = PaymentTransaction.__tablename__


def keep_apart(payment: PaymentTransaction, session: Session, review: Review, by: Actor) -> UUID | None:
    """Keep the money of a paid session of `payment` uncounted; its own payment's id, None when it was kept before."""
    if payment.provider_session_id == session.id:
        payment.provider_session_id = None
        db.session.flush()
    apart_id = db.session.execute(
        insert(PaymentTransaction)
        .values(_row(payment, session, review))
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(PaymentTransaction.id)
    ).scalar()
    if apart_id is None:
        return None
    remember(_TABLE, apart_id, "status", None, PaymentStatus.SUCCEEDED, by=by, reason=review)
    apart = db.session.get_one(PaymentTransaction, apart_id)
    apart.transfer_id = ledger.move(
        provider_clearing(apart.provider_id, apart.currency),
        unexplained(apart.currency),
        apart.amount_minor,
        Cause("kept_apart", _TABLE, apart_id, f"apart:{apart_id}"),
        by=by,
    ).transfer_id
    return apart_id


def is_apart(payment: PaymentTransaction) -> bool:
    """Whether the payment is money kept apart from the payment it came for."""
    return payment.source_type == _TABLE


def promise_back(refund: Refund, payment: PaymentTransaction, key: str, by: Actor) -> None:
    """Set the money of a refund aside, under `key`."""
    refund.transfer_id = ledger.move(
        unexplained(payment.currency),
        provider_clearing(payment.provider_id, payment.currency),
        refund.amount_minor,
        Cause("apart_refund", Refund.__tablename__, refund.id, key),
        by=by,
        pending=True,
    ).transfer_id


def _row(payment: PaymentTransaction, session: Session, review: Review) -> dict[str, object]:
    return {
        "transaction_type": payment.transaction_type,
        "status": PaymentStatus.SUCCEEDED,
        "amount_minor": session.amount,
        "currency": session.currency,
        "payer_user_id": payment.payer_user_id,
        "provider_id": payment.provider_id,
        "provider_reference": session.transaction_id,
        "provider_session_id": session.id,
        "source_type": _TABLE,
        "source_id": payment.id,
        "idempotency_key": f"apart:{session.id}",
        "needs_review": True,
        "review_reason": review,
        "succeeded_at": clock.now(),
    }
