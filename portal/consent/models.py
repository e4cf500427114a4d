"""One row for each consent given or taken back; never changed (guarded by a trigger).

And one for each contact without an account whose reader does not want to be asked any more.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import Key, Str10, Str20, Str50, Str255, one_of
from portal.kernel.db import Base


class ConsentPurpose(StrEnum):
    """What is agreed to: the terms, the notice on data, and offers by each channel."""

    TERMS = "terms"
    PRIVACY = "privacy"
    MARKETING_EMAIL = "marketing_email"
    MARKETING_SMS = "marketing_sms"
    MARKETING_WHATSAPP = "marketing_whatsapp"
    MARKETING_PUSH = "marketing_push"


class ConsentRecord(Base):
    """A yes or a no: when, on which page, from which network, to which version, in which language (PRV-04)."""

    __tablename__ = "consent_records"
    __table_args__ = (Index(None, "user_id", "purpose", "occurred_at"),)

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(one_of(ConsentPurpose, "purpose"))
    granted: Mapped[bool]
    text_version: Mapped[Str20]
    locale: Mapped[Str10]
    page: Mapped[Str255]
    # The network, not the address: enough to show where, too coarse to find a person.
    network: Mapped[Str50 | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)


class Asked(StrEnum):
    """What people ask of somebody by an address or number they type: to be a guardian, to work with them, to join."""

    GUARDIAN = "guardian"
    TEAM = "team"
    FRIEND = "friend"


class ContactRefusal(Base):
    """Whoever reads at this mailbox or number is not asked this any more; the contact itself is not kept (PRV-02)."""

    __tablename__ = "contact_refusals"
    __table_args__ = (UniqueConstraint("contact_mark", "kind", name="uq_contact_refusals_contact_mark_kind"),)

    id: Mapped[Key]
    kind: Mapped[Asked] = mapped_column(one_of(Asked, "kind"))
    contact_mark: Mapped[str] = mapped_column(String(64))
    refused_at: Mapped[datetime] = mapped_column(default=clock.now)
