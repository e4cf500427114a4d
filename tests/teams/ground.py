"""A house and a company side by side: what holds for inviting into one holds for the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.campaigns import companies
from portal.campaigns.home import COMPANY
from portal.campaigns.models import CompanyStatus, SponsorCompany
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.roles import CompanyRole, MemberRole
from portal.notifications.models import Notification, NotificationDelivery
from portal.partners import services
from portal.partners.home import PARTNER
from portal.partners.models import Partner, PartnerStatus
from portal.teams import answering, inviting
from portal.teams.homes import Home
from portal.teams.models import TeamInvitation
from portal.teams.sending import send
from tests.harness.house import (
    acting,
    make_company,
    make_company_member,
    make_member,
    make_partner,
    make_person,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One kind of organisation, with one of it at work."""

    home: Home
    make: Callable[..., Any]
    make_worker: Callable[..., User]
    stop: Callable[..., Any]
    pending: StrEnum
    #: The roles from the one that decides to the one that only looks.
    owner: StrEnum
    manager: StrEnum
    low: StrEnum

    def organisation(self, **facts: Any) -> Any:
        """A new one that works, or stands as `facts` say."""
        return self.make(**facts)

    def worker(self, organisation: Partner | SponsorCompany, role: StrEnum) -> User:
        """Somebody who has a place there."""
        return self.make_worker(organisation, role)

    def invite(
        self, organisation: Any, contact: str, role: StrEnum | None = None, *, by: Actor
    ) -> TeamInvitation:
        """Invite with the lowest role, or another."""
        return inviting.invite(self.home, organisation.id, contact, role or self.low, by=by)

    def invited(self, organisation: Any, person: User, role: StrEnum | None = None) -> TeamInvitation:
        """Invite a person by an address that they have proved, as an owner does."""
        assert person.email is not None
        by = acting(self.worker(organisation, self.owner))
        return self.invite(organisation, person.email, role, by=by)

    def role_of(self, organisation: Any, person: User) -> str | None:
        """As what somebody works there now."""
        return self.home.role_of(organisation.id, person.id)


def _stop_house(partner_id: UUID, *, by: Actor) -> None:
    services.suspend(partner_id, "stop", by=by)


def _stop_company(company_id: UUID, *, by: Actor) -> None:
    companies.suspend(company_id, "stop", by=by)


GROUNDS = {
    "house": Ground(
        PARTNER, make_partner, make_member, _stop_house, PartnerStatus.PENDING,
        MemberRole.OWNER, MemberRole.MANAGER, MemberRole.STAFF,
    ),
    "company": Ground(
        COMPANY, make_company, make_company_member, _stop_company, CompanyStatus.PENDING,
        CompanyRole.OWNER, CompanyRole.MANAGER, CompanyRole.VIEWER,
    ),
}  # fmt: skip


def reachable(name: str = "Binta Diallo", **account: Any) -> User:
    """Somebody who has proved both their addresses."""
    proved = {"email_verified_at": clock.now(), "phone_verified_at": clock.now()}
    return make_person(name, **(proved | account))


def join(home: Home, organisation_id: UUID, person: User, role: str, *, by: Actor) -> None:
    """Invite somebody, who says yes."""
    person.email_verified_at = person.email_verified_at or clock.now()
    assert person.email is not None
    row = inviting.invite(home, organisation_id, person.email, role, by=by)
    answering.accept(row.id, person.id, by=acting(person))


def deliver(invitation: TeamInvitation) -> None:
    """What the worker does after the commit."""
    send(invitation.id, invitation.times_sent, by=SYSTEM)


def told(user: User) -> list[str]:
    """The titles of what somebody finds in their messages."""
    db.session.flush()
    statement = select(Notification.title).where(Notification.user_id == user.id, Notification.in_app)
    return list(db.session.scalars(statement.order_by(Notification.created_at, Notification.id)))


def written_to(address: str, key: str = "team_invitation") -> list[NotificationDelivery]:
    """What was sent to an address with one template."""
    statement = select(NotificationDelivery).where(
        NotificationDelivery.recipient_identifier == address, NotificationDelivery.template_key == key
    )
    return list(
        db.session.scalars(statement.order_by(NotificationDelivery.created_at, NotificationDelivery.id))
    )
