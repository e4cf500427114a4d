"""What can be asked of payouts, and of the places they go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.audit.models import AuditLog
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.partners.models import Partner
from portal.payments.methods import destination_in_force
from portal.payments.models import PaymentMethod
from portal.payouts.models import Payout, PayoutStatus
from portal.people.models import Profile

MOST_EXPORTED = 10_000
_CHANGES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PayoutFilter(Filter):
    """What an admin looks for: a state, a payee's name, a reference or one of our keys."""

    status: PayoutStatus | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutDetail:
    """One payout, who is paid and where, and all that happened to it, newest first."""

    payout: Payout
    method: PaymentMethod
    payee: str | None
    history: Sequence[StatusHistory]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What the provider said, newest first; each with its instant."""
        told: list[dict[str, Any]] = self.payout.provider_data.get("answers", [])
        return [answer | {"at": datetime.fromisoformat(answer["at"])} for answer in reversed(told)]


@dataclass(frozen=True, slots=True)
class DestinationChange:
    """Somebody chose a destination."""

    when: datetime
    action: str
    label: str
    holder: str | None
    who: str | None


def payouts_page(wanted: PayoutFilter, cursor: str | None) -> Page[Any]:
    """Payouts with the name of who is paid, newest first (PO-12)."""
    return paginate(_matching(wanted), [SortKey(Payout.id)], cursor)


def payouts_rows(wanted: PayoutFilter) -> Sequence[Any]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    return db.session.execute(_matching(wanted).order_by(Payout.id.desc()).limit(MOST_EXPORTED)).all()


def payout_detail(payout_id: UUID) -> PayoutDetail:
    """One payout in two statements. Raises `NotFound`."""
    row = db.session.execute(
        select(Payout, PaymentMethod, func.coalesce(Partner.name, Profile.full_name))
        .join(PaymentMethod, PaymentMethod.id == Payout.payment_method_id)
        .outerjoin(Partner, Partner.id == Payout.partner_id)
        .outerjoin(Profile, Profile.user_id == Payout.user_id)
        .where(Payout.id == payout_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    history = db.session.execute(
        select(StatusHistory)
        .where(StatusHistory.entity_type == Payout.__tablename__, StatusHistory.entity_id == payout_id)
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
    ).scalars()
    return PayoutDetail(row[0], row[1], row[2], history.all())


def partner_destination(partner_id: UUID) -> tuple[PaymentMethod, str | None] | None:
    """Where a partner is paid now, with the name of who chose it; None when nobody has."""
    method = destination_in_force(partner_id=partner_id)
    if method is None:
        return None
    who = db.session.execute(select(Profile.full_name).where(Profile.user_id == method.changed_by)).scalar()
    return method, who


def destination_changes(partner_id: UUID) -> list[DestinationChange]:
    """Who changed where a partner is paid, and when, newest first; from the audit trail."""
    rows = db.session.execute(
        select(
            AuditLog.occurred_at,
            AuditLog.action,
            PaymentMethod.label,
            PaymentMethod.holder_name,
            Profile.full_name,
        )
        .join(PaymentMethod, PaymentMethod.id == AuditLog.resource_id)
        .outerjoin(Profile, Profile.user_id == AuditLog.actor_user_id)
        .where(
            AuditLog.resource_type == PaymentMethod.__tablename__,
            PaymentMethod.partner_id == partner_id,
        )
        .order_by(AuditLog.occurred_at.desc(), AuditLog.id.desc())
        .limit(_CHANGES_SHOWN)
    )
    return [DestinationChange(*row) for row in rows]


def _matching(wanted: PayoutFilter) -> Select[Payout, str]:
    payee = func.coalesce(Partner.name, Profile.full_name)
    statement = (
        select(Payout, payee)
        .outerjoin(Partner, Partner.id == Payout.partner_id)
        .outerjoin(Profile, Profile.user_id == Payout.user_id)
    )
    if wanted.status is not None:
        statement = statement.where(Payout.status == wanted.status)
    if wanted.words is not None:
        columns = (payee, Payout.transaction_reference, Payout.payment_reason, Payout.idempotency_key)
        statement = statement.where(or_(*(col.icontains(wanted.words, autoescape=True) for col in columns)))
    return statement
