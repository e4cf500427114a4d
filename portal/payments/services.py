"""Beginning a payment. Where it goes from here is told in `confirmation.py`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.money import XOF, Money
from portal.payments.models import WAVE_PROVIDER_ID, PaymentTransaction, TransactionType

# A payment whose payer never reached the provider is given up after this.
ABANDONED_AFTER = timedelta(hours=1)


def start_payment(
    kind: TransactionType,
    amount: Money,
    source: tuple[str, UUID],
    *,
    payer_user_id: UUID | None,
    success_path: str,
    error_path: str,
    payer_phone: str | None = None,
    by: Actor,
) -> PaymentTransaction:
    """A pending payment of `amount` for the row `source` (table, id); again for the same row is the first.

    The payer comes back to one of the two paths of this portal. `payer_phone` (E.164) is where a part of the
    money could be sent back. Raises `InvalidInput` for an amount that nobody can pay. (PAY-18, PAY-22)
    """
    if kind is TransactionType.REFUND or amount.currency != XOF:
        raise ValueError("Wave takes payments in XOF, and a refund is asked for with request_refund")
    if amount.minor <= 0:
        raise InvalidInput(_("Please enter an amount above zero."), field="amount")
    key = f"{kind}:{source[0]}:{source[1]}"
    told = {"success_path": success_path, "error_path": error_path, "payer_phone": payer_phone}
    row = {
        "transaction_type": kind,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "payer_user_id": payer_user_id,
        "provider_id": WAVE_PROVIDER_ID,
        "source_type": source[0],
        "source_id": source[1],
        "idempotency_key": key,
        "provider_data": {name: value for name, value in told.items() if value},
        "next_check_at": clock.now() + ABANDONED_AFTER,
        "created_by": by.user_id,
    }
    db.session.execute(
        insert(PaymentTransaction).values(row).on_conflict_do_nothing(index_elements=["idempotency_key"])
    )
    return db.session.execute(
        select(PaymentTransaction).where(PaymentTransaction.idempotency_key == key)
    ).scalar_one()
