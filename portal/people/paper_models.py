"""Identity papers: what was handed in, kept sealed, and what the team decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Key,
    Stamped,
    Str3,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.sealing import Sealed, looked_up_by
from portal.kernel.states import Machine


class DocumentType(StrEnum):
    """Papers that prove who somebody is."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    BIRTH_CERTIFICATE = "birth_certificate"


class DocumentStatus(StrEnum):
    """What was decided about a paper."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    EXPIRED = "expired"


DOCUMENT_STEPS = Machine(
    "identity_documents",
    {
        DocumentStatus.PENDING: {DocumentStatus.VERIFIED, DocumentStatus.REJECTED},
        DocumentStatus.VERIFIED: {DocumentStatus.EXPIRED, DocumentStatus.REJECTED},
        DocumentStatus.REJECTED: set(),
        DocumentStatus.EXPIRED: set(),
    },
)


class IdentityDocument(Stamped, Base):
    """One paper: number encrypted and hashed, file, decision (R-09)."""

    __tablename__ = "identity_documents"
    MACHINES: ClassVar = {"status": DOCUMENT_STEPS}
    __table_args__ = (
        Index(
            "uq_identity_documents_verified",
            "id_hash",
            unique=True,
            postgresql_where=text("status = 'verified'"),
        ),
        Index(None, "status", "created_at"),
        Index(None, "user_id"),
        Index(None, "file_id"),
        Index(None, "verified_by"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    id_type: Mapped[DocumentType] = mapped_column(one_of(DocumentType, "id_type"))
    id_country: Mapped[Str3] = mapped_column(default="SEN", server_default="SEN")
    id_number_encrypted: Mapped[Sealed | None]
    id_hash: Mapped[Str255] = mapped_column(info=looked_up_by("id_number_encrypted", "id_country", "id_type"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    status: Mapped[DocumentStatus] = mapped_column(
        one_of(DocumentStatus, "status"), default=DocumentStatus.PENDING, server_default="pending"
    )
    reason: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    # When somebody said yes or no: from then on the file is kept for as long as the operator says.
    decided_at: Mapped[datetime | None] = mapped_column(sort_order=100)
