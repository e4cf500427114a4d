"""Where people and houses pay from and are paid to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import Key, No, Stamped, Str20, Str100, Str255, Yes, one_of
from portal.kernel.db import Base
from portal.kernel.sealing import Sealed


class MethodUse(StrEnum):
    """Whether a saved method pays or is paid."""

    PAY = "pay"
    RECEIVE = "receive"


class PayoutMethod(StrEnum):
    """How money leaves (R-43)."""

    WAVE = "wave"
    STRIPE = "stripe"
    LEMON_SQUEEZY = "lemon_squeezy"
    PAYPAL = "paypal"
    BANK_TRANSFER = "bank_transfer"


class PaymentMethod(Stamped, Base):
    """A saved way to pay or to be paid, of a person or of a partner; only tokens, encrypted (R-47)."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, partner_id) = 1", name="one_owner"),
        Index(
            "uq_payment_methods_default",
            text("COALESCE(user_id, partner_id)"),
            "use",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        Index(None, "user_id"),
        Index(None, "partner_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    use: Mapped[MethodUse] = mapped_column(one_of(MethodUse, "use"))
    method: Mapped[PayoutMethod] = mapped_column(one_of(PayoutMethod, "method"))
    token_encrypted: Mapped[Sealed]
    label: Mapped[Str100]
    holder_name: Mapped[Str255 | None]
    is_default: Mapped[No]
    is_active: Mapped[Yes]
    verified_at: Mapped[datetime | None]
    verification: Mapped[Str20 | None]
    # Who last changed where the money goes may not approve it (four eyes).
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime | None]
