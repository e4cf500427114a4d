"""Inviting people, one at a time.

The story of an invitation (reconciliation R-19 to R-33):

1. A sponsor names a person by phone or e-mail. Somebody whose invitation is still open is not asked
   again, nor who has declined one of this sponsor, nor whom enough sponsors have asked within 24 hours;
   those refusals cost nothing of the day's places.
2. The day's counter gives the invitation its order; past the limit there is none (limits.py).
3. The referral is written with its own code and link, valid seven days to the second, and the message is
   a row of the same transaction. Somebody who does not want to hear from sponsors is not written to.
4. The person opens the link (links.py), accepts or declines (answering.py); else it expires (expiring.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.campaigns.running import running_campaign
from portal.config.values import INVITATION_DAYS, INVITATIONS_TO_ONE, value_of
from portal.identity.directory import mailbox_of
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from portal.kernel.i18n import _, language_of
from portal.kernel.ids import new_id, random_code
from portal.kernel.names import refuse_links
from portal.kernel.pages import public_url
from portal.kernel.states import remember
from portal.notifications.asking import KEY
from portal.notifications.services import notify
from portal.people.models import Profile, UserLocation, UserPreferences, UserPrivacy
from portal.people.services import require_birthday
from portal.referrals.addresses import Reachable, accounts_at, checked, invited_at, invited_where
from portal.referrals.expiring import expire_matching
from portal.referrals.limits import take_place
from portal.referrals.messages import NAMELESS
from portal.referrals.models import InvitationStatus, Referral
from portal.referrals.policies import Standing, standing

CODE_LENGTH = 12
MAX_MESSAGE = 500
_TRIES_FOR_A_CODE = 5
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom a sponsor invites, and with which words."""

    name: str | None
    phone: str | None
    email: str | None
    message: str | None = None


def invite(sponsor_id: UUID, invitee: Invitee, *, by: Actor, batch_id: UUID | None = None) -> Referral:
    """Send one invitation (REF-01).

    Raises `InvalidInput` for an address that cannot be used or is the sponsor's own and for words with a web
    address, `TooMany` past the day's limit; `Conflict`, and no place is counted, when an invitation to this
    person is still open, when they have declined one, and when they get enough of them for now.
    """
    require_birthday(sponsor_id)
    who = _checked(sponsor_id, invitee)
    _refuse_who_has_answered(sponsor_id, who)
    try:
        with db.session.begin_nested():
            limit_id, order = take_place(sponsor_id)
            _refuse_who_has_enough(who)
            referral = _write(sponsor_id, who, invitee.message, limit_id, order, batch_id)
    except IntegrityError as error:
        if (violated(error) or "").startswith("uq_referrals_pending"):
            raise _already_invited() from None
        raise
    remember("referrals", referral.id, "invitation_status", None, InvitationStatus.SENT, by=by)
    _send(referral, by)
    return referral


def invite_again(referral_id: UUID, sponsor_id: UUID, *, by: Actor) -> Referral:
    """Send a new invitation to somebody whose last one has expired (REF-33).

    Raises `NotFound` for somebody else's, `Conflict` unless it has expired, and as `invite`.
    """
    before = own_referral(referral_id, sponsor_id)
    if standing(before) is not Standing.EXPIRED:
        raise Conflict(_("Only an invitation that has expired can be sent again."))
    again = Invitee(before.referred_name, before.referred_phone, before.referred_email, before.message)
    return invite(sponsor_id, again, by=by)


def own_referral(referral_id: UUID, sponsor_id: UUID) -> Referral:
    """One referral of the sponsor's own. Raises `NotFound`."""
    row = db.session.execute(
        select(Referral).where(Referral.id == referral_id, Referral.referrer_id == sponsor_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def refusal_of(sponsor_id: UUID, invitee: Invitee, *, by: Actor, batch_id: UUID) -> DomainError | None:
    """Invite as `invite`, but give the refusal back, so that one contact does not stop a batch."""
    try:
        with db.session.begin_nested():
            invite(sponsor_id, invitee, by=by, batch_id=batch_id)
    except DomainError as refusal:
        return refusal
    return None


def campaign_of(sponsor_id: UUID) -> UUID | None:
    """The campaign that a referral of this sponsor belongs to now, if one runs where they live (REF-22)."""
    country = db.session.scalar(select(UserLocation.country).where(UserLocation.user_id == sponsor_id))
    return running_campaign(country)


def unused_code() -> str:
    """A new 12 character invitation code; the unique constraint has the last word (R-22)."""
    for _attempt in range(_TRIES_FOR_A_CODE):
        code = random_code(CODE_LENGTH)
        taken = db.session.execute(select(Referral.id).where(Referral.referral_code == code)).scalar()
        if taken is None:
            return code
    raise RuntimeError("no free invitation code")


def _checked(sponsor_id: UUID, invitee: Invitee) -> Reachable:
    who = checked(invitee.name, invitee.phone, invitee.email)
    if len(invitee.message or "") > MAX_MESSAGE:
        raise InvalidInput(_("Please use at most %(limit)s characters.", limit=MAX_MESSAGE), field="message")
    refuse_links(invitee.message, "message")
    is_own = select(User.id).where(User.id == sponsor_id, accounts_at(who))
    if db.session.execute(is_own).scalar() is not None:
        raise InvalidInput(
            _("This is your own address. Invite somebody else."), field="phone" if who.phone else "email"
        )
    return who


def _refuse_who_has_answered(sponsor_id: UUID, who: Reachable) -> None:
    """Raise `Conflict` while this sponsor's invitation to this person is open, and once they have declined one."""
    is_open = (Referral.invitation_status == InvitationStatus.SENT) & (Referral.expires_at > clock.now())
    has_declined = Referral.invitation_status == InvitationStatus.DECLINED
    found = db.session.scalars(
        select(Referral.invitation_status)
        .where(
            Referral.referrer_id == sponsor_id, invited_at(who) | invited_where(who), is_open | has_declined
        )
        .distinct()
    ).all()
    if InvitationStatus.DECLINED in found:
        raise Conflict(
            _("This person has declined your invitation, and is not asked again. This did not cost a place."),
            field="phone" if who.phone else "email",
        )
    if found:
        raise _already_invited()


def _refuse_who_has_enough(who: Reachable) -> None:
    """Raise `Conflict` for somebody whom enough invitations have reached within 24 hours, whoever sent them.

    Only one of several that come at the same moment is counted first; the others are refused alike.
    """
    place = mailbox_of(who.email) if who.email else who.phone
    at_once = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"invited:{place}", 0)))
    sent = select(func.count()).where(Referral.created_at > clock.now() - _A_DAY, invited_where(who))
    is_alone = db.session.scalar(at_once)
    if not is_alone or (db.session.scalar(sent) or 0) >= value_of(INVITATIONS_TO_ONE):
        raise Conflict(
            _(
                "This person cannot be invited just now. Please try again tomorrow. This did not cost a place."
            ),
            field="phone" if who.phone else "email",
        )


def _already_invited() -> Conflict:
    return Conflict(
        _("You have already invited this person; the invitation is still open. This did not cost a place."),
        field="phone",
    )


def _write(
    sponsor_id: UUID,
    who: Reachable,
    message: str | None,
    limit_id: UUID,
    order: int,
    batch_id: UUID | None,
) -> Referral:
    # An invitation past its time that the job has not met yet must not block a new one.
    expire_matching((Referral.referrer_id == sponsor_id) & invited_at(who))
    moment = clock.now()
    code = unused_code()
    referral = Referral(
        id=new_id(),
        referrer_id=sponsor_id,
        referred_name=who.name,
        referred_phone=who.phone,
        referred_email=who.email,
        message=message,
        referral_code=code,
        referral_link=public_url(f"/r/{code}"),
        sent_at=moment,
        expires_at=moment + timedelta(days=value_of(INVITATION_DAYS)),
        daily_limit_id=limit_id,
        invitation_order=order,
        batch_id=batch_id,
        campaign_id=campaign_of(sponsor_id),
    )
    db.session.add(referral)
    db.session.flush()
    return referral


def _send(referral: Referral, by: Actor) -> None:
    """Write to the person, in the sponsor's language: theirs is not known yet."""
    who = Reachable(referral.referred_name, referral.referred_phone, referral.referred_email)
    if not _may_be_written_to(who):
        return
    sponsor_name, locale = db.session.execute(
        select(Profile.full_name, UserPreferences.locale)
        .outerjoin(UserPreferences, UserPreferences.user_id == Profile.user_id)
        .where(Profile.user_id == referral.referrer_id)
    ).one()
    notify(
        "invitation",
        event_key=f"invitation:{referral.id}",
        data={
            "sponsor": sponsor_name,
            "name": who.name or NAMELESS[language_of(locale or "")],
            "message": referral.message or "",
            "expires": referral.expires_at,
        },
        email=who.email,
        phone=None if who.email else who.phone,
        locale=locale,
        related=("referrals", referral.id),
        # The sponsor knows the code; only who gets the message has the key, by which they say never again.
        action_link=f"/r/{referral.referral_code}?k={KEY}",
        expires_at=referral.expires_at,
        by=by,
    )


def _may_be_written_to(who: Reachable) -> bool:
    """Whether nobody with that address has said no to sponsors (PPL-28); the sponsor is not told either way."""
    said_no = db.session.execute(
        select(User.id)
        .join(UserPrivacy, UserPrivacy.user_id == User.id)
        .where(accounts_at(who), UserPrivacy.allow_contact_by_sponsors.is_(False))
        .limit(1)
    ).scalar()
    return said_no is None
