"""Inviting people: one at a time, or a batch cut from the contact list.

The story of an invitation (reconciliation R-19 to R-33):

1. A sponsor names a person by phone or e-mail. Somebody whose invitation is still open is not asked
   again, and that refusal costs nothing of the day's places.
2. The day's counter gives the invitation its order; past the limit there is none (limits.py).
3. The referral is written with its own code and link, valid seven days to the second, and the message is
   a row of the same transaction. Somebody who does not want to hear from sponsors is not written to.
4. The person opens the link, accepts or declines (answering.py); else it expires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from portal.config.values import INVITATION_DAYS, value_of
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, DomainError, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_code
from portal.kernel.pages import public_url
from portal.kernel.phones import to_e164
from portal.kernel.states import remember
from portal.notifications.services import notify
from portal.people.models import Profile, UserPrivacy
from portal.people.services import require_birthday
from portal.referrals.events import invitation_sent
from portal.referrals.expiring import expire_matching
from portal.referrals.importing import Understood
from portal.referrals.limits import take_place
from portal.referrals.models import InvitationStatus, Referral

CODE_LENGTH = 12
MAX_MESSAGE = 500
_TRIES_FOR_A_CODE = 5


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom a sponsor invites, and with which words."""

    name: str | None
    phone: str | None
    email: str | None
    message: str | None = None


def invite(sponsor_id: UUID, invitee: Invitee, *, by: Actor, batch_id: UUID | None = None) -> Referral:
    """Send one invitation (REF-01).

    Raises `InvalidInput` for an address that cannot be used or is the sponsor's own, `Conflict` when an
    invitation to this person is still open (no place is counted), `TooMany` past the day's limit.
    """
    require_birthday(sponsor_id)
    address = _checked(sponsor_id, invitee)
    if _open_invitation(sponsor_id, address):
        raise _already_invited()
    try:
        with db.session.begin_nested():
            limit_id, order = take_place(sponsor_id)
            referral = _write(sponsor_id, address, invitee.message, limit_id, order, batch_id)
    except IntegrityError as error:
        if (violated(error) or "").startswith("uq_referrals_pending"):
            raise _already_invited() from None
        raise
    remember("referrals", referral.id, "invitation_status", None, InvitationStatus.SENT, by=by)
    _send(referral, by)
    invitation_sent.send(referral, by=by)
    return referral


def refusal_of(sponsor_id: UUID, invitee: Invitee, *, by: Actor, batch_id: UUID) -> DomainError | None:
    """Invite as `invite`, but give the refusal back, so that one contact does not stop a batch."""
    try:
        with db.session.begin_nested():
            invite(sponsor_id, invitee, by=by, batch_id=batch_id)
    except DomainError as refusal:
        return refusal
    return None


def _checked(sponsor_id: UUID, invitee: Invitee) -> Understood:
    phone = to_e164(invitee.phone) if invitee.phone else None
    email = invitee.email.strip().lower() if invitee.email else None
    if phone is None and email is None:
        raise InvalidInput(_("Please give a phone number or an e-mail address."), field="phone")
    if len(invitee.message or "") > MAX_MESSAGE:
        raise InvalidInput(_("Please use at most %(limit)s characters.", limit=MAX_MESSAGE), field="message")
    own = db.session.execute(
        select(User.id).where(
            User.id == sponsor_id,
            or_(
                User.phone == phone if phone else False,
                func.lower(User.email) == email if email else False,
            ),
        )
    ).scalar()
    if own is not None:
        raise InvalidInput(_("This is your own address. Invite somebody else."), field="phone")
    return Understood(invitee.name, phone, email)


def _open_invitation(sponsor_id: UUID, address: Understood) -> bool:
    same = or_(
        Referral.referred_phone == address.phone if address.phone else False,
        func.lower(Referral.referred_email) == address.email if address.email else False,
    )
    found = db.session.execute(
        select(Referral.id)
        .where(
            Referral.referrer_id == sponsor_id,
            Referral.invitation_status == InvitationStatus.SENT,
            Referral.expires_at > clock.now(),
            same,
        )
        .limit(1)
    ).scalar()
    return found is not None


def _already_invited() -> Conflict:
    return Conflict(
        _("You have already invited this person; the invitation is still open. This did not cost a place."),
        field="phone",
    )


def _write(
    sponsor_id: UUID,
    address: Understood,
    message: str | None,
    limit_id: UUID,
    order: int,
    batch_id: UUID | None,
) -> Referral:
    _expire_overdue(sponsor_id, address)
    moment = clock.now()
    code = unused_code()
    referral = Referral(
        id=new_id(),
        referrer_id=sponsor_id,
        referred_name=address.name,
        referred_phone=address.phone,
        referred_email=address.email,
        message=message,
        referral_code=code,
        referral_link=public_url(f"/r/{code}"),
        sent_at=moment,
        expires_at=moment + timedelta(days=value_of(INVITATION_DAYS)),
        daily_limit_id=limit_id,
        invitation_order=order,
        batch_id=batch_id,
    )
    db.session.add(referral)
    db.session.flush()
    return referral


def unused_code() -> str:
    """A new 12 character invitation code; the unique constraint has the last word (R-22)."""
    for _attempt in range(_TRIES_FOR_A_CODE):
        code = random_code(CODE_LENGTH)
        taken = db.session.execute(select(Referral.id).where(Referral.referral_code == code)).scalar()
        if taken is None:
            return code
    raise RuntimeError("no free invitation code")


def _expire_overdue(sponsor_id: UUID, address: Understood) -> None:
    """An invitation past its time that the job has not met yet must not block a new one."""
    expire_matching(
        (Referral.referrer_id == sponsor_id)
        & or_(
            Referral.referred_phone == address.phone if address.phone else False,
            func.lower(Referral.referred_email) == address.email if address.email else False,
        )
    )


def _send(referral: Referral, by: Actor) -> None:
    if not _may_be_written_to(referral):
        return
    sponsor = db.session.get_one(Profile, referral.referrer_id)
    notify(
        "invitation",
        event_key=f"invitation:{referral.id}",
        data={
            "sponsor": sponsor.full_name,
            "name": referral.referred_name or "",
            "message": referral.message or "",
            "expires": referral.expires_at,
            "link": referral.referral_link or "",
        },
        email=referral.referred_email,
        phone=None if referral.referred_email else referral.referred_phone,
        related=("referrals", referral.id),
        action_link=f"/r/{referral.referral_code}",
        expires_at=referral.expires_at,
        by=by,
    )


def _may_be_written_to(referral: Referral) -> bool:
    """Whether nobody with that address has said no to sponsors (PPL-28); the sponsor is not told either way."""
    address = or_(
        User.phone == referral.referred_phone if referral.referred_phone else False,
        func.lower(User.email) == referral.referred_email if referral.referred_email else False,
    )
    said_no = db.session.execute(
        select(User.id)
        .join(UserPrivacy, UserPrivacy.user_id == User.id)
        .where(address, UserPrivacy.allow_contact_by_sponsors.is_(False))
        .limit(1)
    ).scalar()
    return said_no is None
