"""What can be done with a partner: apply, decide, and keep its papers and terms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.config.values import PARTNER_MINIMUM_PAYOUT, PARTNER_SPLIT, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.names import organisation_name, person_name
from portal.kernel.phones import to_e164
from portal.kernel.roles import MemberRole
from portal.kernel.scope import include
from portal.kernel.states import advance, remember
from portal.partners.events import partner_status_changed
from portal.partners.home import PARTNER
from portal.partners.members import open_place, tell_all_members
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerType, PaymentTerms
from portal.teams.inviting import invite

RESOURCE = Partner.__tablename__

# Scans refer to the row while it is being changed; only a second change has to wait.
_LOCK = {"key_share": True}


@dataclass(frozen=True, slots=True)
class Organisation:
    """What a house says about itself (PRT-01 to PRT-03)."""

    name: str
    type: PartnerType
    description: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    business_registration: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with a house (PRT-04 to PRT-06); the minimum payout is in XOF."""

    revenue_split_percentage: Decimal
    payment_terms: PaymentTerms
    minimum_payout_minor: int


@dataclass(frozen=True, slots=True)
class Habits:
    """How a house works day by day (PRT-10, PRT-11): `told` holds a switch for each topic."""

    auto_approve_redemptions: bool
    told: dict[str, bool]


def apply_partner(details: Organisation, owner_id: UUID, *, by: Actor) -> Partner:
    """Take a house's application; `owner_id` becomes its first owner, an admin decides (PRT-14).

    Raises `Conflict` while another application of the same person waits.
    """
    waiting = db.session.execute(
        select(Partner.id)
        .join(PartnerMember, PartnerMember.partner_id == Partner.id)
        .where(
            PartnerMember.user_id == owner_id,
            PartnerMember.role == MemberRole.OWNER,
            Partner.status == PartnerStatus.PENDING,
        )
        .limit(1)
    ).scalar()
    if waiting is not None:
        raise Conflict(_("Your application is already with us. We will answer it first."))
    partner = _take_in(details, by)
    open_place(partner.id, owner_id, MemberRole.OWNER, by=by)
    return partner


def register_for(details: Organisation, owner: str, *, by: Actor) -> Partner:
    """Take an application for somebody else: whoever reads what is sent to `owner` is invited as the first owner.

    An admin does this. Raises `InvalidInput` for what is no contact.
    """
    partner = _take_in(details, by)
    try:
        invite(PARTNER, partner.id, owner, MemberRole.OWNER, by=by)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="owner") from None
    return partner


def verify(partner_id: UUID, *, by: Actor) -> Partner:
    """Accept an application: the house is verified and works from now on (PRT-08, PRT-09)."""
    partner = _partner(partner_id)
    if partner.status is not PartnerStatus.PENDING:
        raise Conflict(_("This application has been decided already."))
    advance(partner, PartnerStatus.ACTIVE, by=by)
    partner.verified_at = clock.now()
    partner.verified_by = by.user_id
    _after_decision(partner, "partner_verified", PartnerStatus.PENDING, None, by)
    return partner


def suspend(partner_id: UUID, reason: str, *, by: Actor) -> Partner:
    """Stop a house for now: its packs leave the catalogue and its scanner refuses (PRT-14)."""
    return _move(partner_id, PartnerStatus.SUSPENDED, "partner_suspended", reason, by)


def reinstate(partner_id: UUID, reason: str, *, by: Actor) -> Partner:
    """Let a suspended house work again."""
    return _move(partner_id, PartnerStatus.ACTIVE, "partner_reinstated", reason, by)


def terminate(partner_id: UUID, reason: str, *, by: Actor) -> Partner:
    """End the contract for good; the team loses its rights at once (PRT-14, R-04)."""
    partner = _move(partner_id, PartnerStatus.TERMINATED, "partner_terminated", reason, by)
    tell_all_members(partner_id, by=by)
    return partner


def change_terms(partner_id: UUID, terms: Terms, *, by: Actor) -> Partner:
    """Agree new terms; codes already redeemed keep the split they were redeemed at (PRT-04 to PRT-06).

    Raises `InvalidInput` for a split outside 0 to 100 or a negative minimum.
    """
    if not 0 <= terms.revenue_split_percentage <= 100:
        raise InvalidInput(_("The share must lie between 0 and 100 %%."), field="revenue_split_percentage")
    if terms.minimum_payout_minor < 0:
        raise InvalidInput(_("The smallest payout cannot be negative."), field="minimum_payout_minor")
    partner = _partner(partner_id, lock=True)
    _change(partner, "partner_terms_changed", asdict(terms), by)
    return partner


def change_organisation(partner_id: UUID, details: Organisation, *, by: Actor) -> Partner:
    """Keep what a house says about itself up to date."""
    partner = _partner(partner_id, lock=True)
    _change(partner, "partner_organisation_changed", _normalised(details), by)
    return partner


def change_habits(partner_id: UUID, habits: Habits, *, by: Actor) -> Partner:
    """Choose whether a scan is enough, and what the contact address is told (PRT-10, PRT-11)."""
    partner = _partner(partner_id, lock=True)
    changes = {
        "auto_approve_redemptions": habits.auto_approve_redemptions,
        "notification_settings": habits.told,
    }
    _change(partner, "partner_habits_changed", changes, by)
    return partner


def _take_in(details: Organisation, by: Actor) -> Partner:
    """A house that waits for a decision, with the terms that everybody begins with."""
    partner = Partner(
        **_normalised(details),
        revenue_split_percentage=value_of(PARTNER_SPLIT),
        minimum_payout_minor=value_of(PARTNER_MINIMUM_PAYOUT),
    )
    db.session.add(partner)
    db.session.flush()
    include(db.session(), partner.id)
    remember(RESOURCE, partner.id, "status", None, PartnerStatus.PENDING, by=by)
    record("partner_applied", (RESOURCE, partner.id), by=by, new={"name": partner.name})
    return partner


def _partner(partner_id: UUID, *, lock: bool = False) -> Partner:
    partner = db.session.get(Partner, partner_id, with_for_update=_LOCK if lock else None)
    if partner is None:
        raise NotFound
    return partner


def _normalised(details: Organisation) -> dict[str, Any]:
    plain = asdict(details) | {"name": organisation_name(details.name, "name")}
    if details.contact_name:
        plain["contact_name"] = person_name(details.contact_name, "contact_name")
    if details.contact_phone:
        try:
            plain["contact_phone"] = to_e164(details.contact_phone)
        except InvalidInput as error:
            raise InvalidInput(error.message, field="contact_phone") from None
    return plain


def _move(partner_id: UUID, wanted: PartnerStatus, action: str, reason: str, by: Actor) -> Partner:
    partner = _partner(partner_id)
    before = partner.status
    advance(partner, wanted, by=by, reason=reason)
    _after_decision(partner, action, before, reason, by)
    return partner


def _after_decision(
    partner: Partner, action: str, before: PartnerStatus, reason: str | None, by: Actor
) -> None:
    record(
        action,
        (RESOURCE, partner.id),
        by=by,
        old={"status": before},
        new={"status": partner.status},
        reason=reason,
    )
    partner_status_changed.send(partner, reason=reason, by=by)


def _change(partner: Partner, action: str, wanted: dict[str, Any], by: Actor) -> None:
    """Set what differs and keep the evidence of it; nothing when all is as it was."""
    changed = {name: value for name, value in wanted.items() if getattr(partner, name) != value}
    if not changed:
        return
    old = {name: _json(getattr(partner, name)) for name in changed}
    for name, value in changed.items():
        setattr(partner, name, value)
    new = {name: _json(value) for name, value in changed.items()}
    record(action, (RESOURCE, partner.id), by=by, old=old, new=new)


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
