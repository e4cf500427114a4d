"""Where a payee is paid: choosing it, telling who must know, and four eyes before money goes there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.i18n import _
from portal.kernel.roles import MemberRole
from portal.notifications.services import notify
from portal.partners.models import Partner, PartnerMember
from portal.payments.methods import destination_in_force, save_wave_destination
from portal.payments.models import PaymentMethod
from portal.people.models import Profile


def change_partner_destination(partner_id: UUID, phone: str, holder_name: str, *, by: Actor) -> PaymentMethod:
    """Pay the partner to this Wave number from now on, and tell every owner, whoever changed it.

    What is in force already changes nothing. Payouts ordered before still go where they were approved to
    go. Raises `InvalidInput` for a number that Wave cannot pay.
    """
    before = destination_in_force(partner_id=partner_id)
    method = save_wave_destination(phone=phone, holder_name=holder_name, partner_id=partner_id, by=by)
    if method is before:
        return method
    assert method.changed_at is not None
    data = {
        "partner": db.session.get_one(Partner, partner_id).name,
        "destination": method.label,
        "holder": holder_name,
        "who": _name(by),
        "when": method.changed_at,
    }
    for owner_id in owners_of(partner_id):
        notify(
            "payout_destination_changed",
            event_key=f"destination:{method.id}:{method.changed_at.isoformat()}",
            data=data,
            user_id=owner_id,
            related=("payment_methods", method.id),
            action_link="/partner/payout-account",
            by=by,
        )
    return method


def approved_destination(
    *, partner_id: UUID | None = None, user_id: UUID | None = None, by: Actor
) -> PaymentMethod:
    """The payee's destination in force, for a person who may send money there: not the one who chose it.

    Raises `Conflict` when the payee has none, `Forbidden` for the person who chose it and for no person.
    """
    method = destination_in_force(partner_id=partner_id, user_id=user_id)
    if method is None:
        raise Conflict(_("This payee has not said where to be paid."))
    if by.user_id is None or method.changed_by == by.user_id:
        raise Forbidden(_("You changed where this payee is paid, so another administrator has to decide."))
    return method


def owners_of(partner_id: UUID) -> list[UUID]:
    """The people who own the partner's house now."""
    return list(
        db.session.execute(
            select(PartnerMember.user_id)
            .where(
                PartnerMember.partner_id == partner_id,
                PartnerMember.is_active,
                PartnerMember.role == MemberRole.OWNER,
            )
            .order_by(PartnerMember.user_id)
        ).scalars()
    )


def _name(by: Actor) -> str:
    """The full name of whoever acts."""
    found = db.session.execute(select(Profile.full_name).where(Profile.user_id == by.user_id)).scalar()
    return found or "Teranga"
