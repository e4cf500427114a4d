"""Where a payee is paid: choosing it, telling who must know, and four eyes before money goes there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

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
    looked_at: UUID | None, *, partner_id: UUID | None = None, user_id: UUID | None = None, by: Actor
) -> PaymentMethod:
    """The payee's destination in force, for a person who has seen it and may send money there.

    That is neither the person who chose it nor one who is paid there. Raises `Conflict` when the payee has none
    or has another one than `looked_at`, `Forbidden` for those who may not, and for no person.
    """
    method = destination_in_force(partner_id=partner_id, user_id=user_id)
    if method is None:
        raise Conflict(_("This payee has not said where to be paid."))
    why_not = why_another_decides(method, by)
    if why_not is not None:
        raise Forbidden(why_not)
    if method.id != looked_at:
        raise Conflict(_("Where this payee is paid has changed meanwhile. Please look again."))
    return method


def why_another_decides(method: PaymentMethod, by: Actor) -> str | None:
    """Why this person may not send money to that destination; None for one who may (four eyes)."""
    if by.user_id is None or method.changed_by == by.user_id:
        return _("You changed where this payee is paid, so another administrator has to decide.")
    if by.user_id == method.user_id or _works_for(by.user_id, method.partner_id):
        return _("You belong to this payee, so another administrator has to decide.")
    return None


def _works_for(user_id: UUID, partner_id: UUID | None) -> bool:
    place = exists().where(
        PartnerMember.partner_id == partner_id, PartnerMember.user_id == user_id, PartnerMember.is_active
    )
    return bool(db.session.execute(select(place)).scalar())


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
