"""Invitations to work for a partner or a sponsor company: nobody has a place there without their own yes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import Key, Stamped, Str20, Str255, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine


class InvitationStatus(StrEnum):
    """What has become of an invitation."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELED = "canceled"
    EXPIRED = "expired"


INVITATION_STEPS = Machine(
    "team_invitations",
    {
        InvitationStatus.WAITING: {
            InvitationStatus.ACCEPTED,
            InvitationStatus.DECLINED,
            InvitationStatus.CANCELED,
            InvitationStatus.EXPIRED,
        },
        # What ran out of time can be sent again, or put away.
        InvitationStatus.EXPIRED: {InvitationStatus.WAITING, InvitationStatus.CANCELED},
        InvitationStatus.ACCEPTED: set(),
        InvitationStatus.DECLINED: set(),
        InvitationStatus.CANCELED: set(),
    },
)


class TeamInvitation(Stamped, Base):
    """A place that is offered to whoever proves to read what is sent to `contact`."""

    __tablename__ = "team_invitations"
    MACHINES: ClassVar = {"status": INVITATION_STEPS}
    __table_args__ = (
        CheckConstraint("num_nonnulls(partner_id, company_id) = 1", name="of_one_organisation"),
        CheckConstraint(
            "role IN ('owner', 'manager') OR role = CASE WHEN company_id IS NULL THEN 'staff' ELSE 'viewer' END",
            name="role_of_its_kind",
        ),
        CheckConstraint("contact = lower(contact) AND btrim(contact) <> ''", name="contact_normalised"),
        CheckConstraint("expires_at > sent_at", name="expires_after_sent"),
        CheckConstraint("times_sent >= 1", name="sent_once"),
        CheckConstraint(
            "(answered_at IS NULL) <> (status IN ('accepted', 'declined', 'canceled'))",
            name="answer_has_time",
        ),
        # Whoever reads at the contact may say no without an account, and yes only from one.
        CheckConstraint(
            "CASE status WHEN 'accepted' THEN user_id IS NOT NULL WHEN 'declined' THEN true"
            " ELSE user_id IS NULL END",
            name="answer_has_person",
        ),
        Index(
            "uq_team_invitations_waiting_partner",
            "partner_id",
            "contact",
            unique=True,
            postgresql_where=text("status = 'waiting' AND partner_id IS NOT NULL"),
        ),
        Index(
            "uq_team_invitations_waiting_company",
            "company_id",
            "contact",
            unique=True,
            postgresql_where=text("status = 'waiting' AND company_id IS NOT NULL"),
        ),
        Index("ix_team_invitations_to_expire", "expires_at", postgresql_where=text("status = 'waiting'")),
        Index(None, "partner_id", "sent_at"),
        Index(None, "company_id", "sent_at"),
        Index(None, "contact", "sent_at"),
        Index(None, "mailbox", "sent_at"),
        Index(None, "user_id"),
        Index(None, "invited_by"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id", ondelete="CASCADE"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("sponsor_companies.id", ondelete="CASCADE"))
    # An e-mail address in lower case, or a number in E.164.
    contact: Mapped[Str255]
    role: Mapped[Str20]
    status: Mapped[InvitationStatus] = mapped_column(
        one_of(InvitationStatus, "status"), default=InvitationStatus.WAITING, server_default="waiting"
    )
    # Whoever vouches for it: the one who sent it last.
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime]
    times_sent: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    # Where a message to the contact arrives, however it is spelled: by this, messages are counted.
    mailbox: Mapped[Str255] = mapped_column(sort_order=100)

    @property
    def organisation_id(self) -> UUID:
        """The partner or the company."""
        found = self.partner_id or self.company_id
        assert found is not None
        return found

    @property
    def is_open(self) -> bool:
        """Whether it can be answered now."""
        return self.status is InvitationStatus.WAITING and self.expires_at > clock.now()

    @property
    def stands(self) -> InvitationStatus:
        """Its status as people see it: past its time it is over, also before the job has come by."""
        return (
            InvitationStatus.EXPIRED
            if self.status is InvitationStatus.WAITING and not self.is_open
            else self.status
        )
