"""What can be asked of payouts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Page, SortKey, paginate
from portal.partners.models import Partner
from portal.payments.models import PaymentMethod
from portal.payouts.models import Payout, PayoutStatus
from portal.people.models import Profile


def payout_list(status: PayoutStatus | None, cursor: str | None) -> Page[Any]:
    """Payouts with the name of who is paid, newest first (PO-12)."""
    statement = (
        select(Payout, Partner.name, Profile.full_name)
        .outerjoin(Partner, Partner.id == Payout.partner_id)
        .outerjoin(Profile, Profile.user_id == Payout.user_id)
    )
    if status is not None:
        statement = statement.where(Payout.status == status)
    return paginate(statement, [SortKey(Payout.id)], cursor)


def payout_detail(payout_id: UUID) -> tuple[Payout, PaymentMethod, list[StatusHistory]]:
    """One payout, where it goes, and its history. Raises `NotFound`."""
    row = db.session.execute(
        select(Payout, PaymentMethod)
        .join(PaymentMethod, PaymentMethod.id == Payout.payment_method_id)
        .where(Payout.id == payout_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    history = db.session.execute(
        select(StatusHistory)
        .where(StatusHistory.entity_type == "payouts", StatusHistory.entity_id == payout_id)
        .order_by(StatusHistory.occurred_at, StatusHistory.id)
    ).scalars()
    return row[0], row[1], list(history)
