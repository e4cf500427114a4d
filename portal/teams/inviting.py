"""Inviting somebody to work for an organisation (R-04, R-24, PRT-12).

The story of an invitation:

1. Somebody with the right names an address and a role. The row is the same for every address, and nobody
   is looked up: whether the address has an account is neither said nor to be measured.
2. After the commit a worker writes to the address (sending.py).
3. Whoever has proved to read what is sent there says yes or no (answering.py); else the time runs out (expiring.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from portal.audit.services import record
from portal.config.team_values import INVITATION_DAYS, MOST_WAITING, RESEND_HOURS
from portal.config.values import value_of
from portal.identity.directory import contacts_of, normal_email, place_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.phones import to_mobile
from portal.kernel.roles import ADMIN_ROLES, MemberRole
from portal.kernel.states import advance, remember
from portal.teams.homes import Home, Standing
from portal.teams.models import InvitationStatus, TeamInvitation

RESOURCE = TeamInvitation.__tablename__
SEND_JOB = "teams.send"
_AN_HOUR = 3600
_UNANSWERED = (InvitationStatus.WAITING, InvitationStatus.EXPIRED)


def invite(home: Home, organisation_id: UUID, contact: str, role: str, *, by: Actor) -> TeamInvitation:
    """Offer a place to whoever reads what is sent to an address or number; the same for each of them.

    Raises `Forbidden` for a role the hand may not give, `Conflict` before the organisation works, while an
    invitation to this contact waits and past the most that may wait, `InvalidInput` for what is no contact.
    """
    standing = home.hold(organisation_id)
    home.require_right(organisation_id, role, by)
    require_open(home, standing, role, by)
    address = contact_of(contact)
    row = _unanswered(home, organisation_id, address)
    if row is not None and row.is_open:
        raise _already_invited()
    _refuse_too_many(home, organisation_id)
    if row is not None:
        return _renew(row, role, by)
    row = _write(home, organisation_id, address, role, by)
    remember(RESOURCE, row.id, "status", None, InvitationStatus.WAITING, by=by)
    _send(row, by)
    return row


def send_again(home: Home, organisation_id: UUID, invitation_id: UUID, *, by: Actor) -> TeamInvitation:
    """Send an unanswered invitation once more; whoever does it vouches for it, and its time begins anew.

    Raises `NotFound`, `Conflict` once it is answered or withdrawn, `TooMany` too soon after the last time, and
    as `invite`.
    """
    standing = home.hold(organisation_id)
    row = _unanswered_row(home, organisation_id, invitation_id)
    home.require_right(organisation_id, row.role, by)
    require_open(home, standing, row.role, by)
    free_at = row.sent_at + timedelta(hours=value_of(RESEND_HOURS))
    if free_at > clock.now():
        seconds = int((free_at - clock.now()).total_seconds())
        message = ngettext(
            "This invitation was sent a short while ago. You can send it again in %(num)s hour.",
            "This invitation was sent a short while ago. You can send it again in %(num)s hours.",
            max(-(-seconds // _AN_HOUR), 1),
        )
        raise TooMany(message, retry_after=seconds + 1)
    if not row.is_open:
        _refuse_too_many(home, organisation_id)
    return _renew(row, row.role, by)


def cancel(home: Home, organisation_id: UUID, invitation_id: UUID, *, by: Actor) -> TeamInvitation:
    """Withdraw an invitation, or put away one that ran out of time. Raises as `send_again`."""
    home.hold(organisation_id)
    row = _unanswered_row(home, organisation_id, invitation_id)
    home.require_right(organisation_id, row.role, by)
    _withdraw(row, by)
    return row


def withdraw_from(
    id_column: InstrumentedAttribute[UUID | None], organisation_id: UUID, user_id: UUID, *, by: Actor
) -> None:
    """Withdraw what else waits for somebody whose place ends, or they would come back by it. The organisation is held."""
    waiting = db.session.scalars(
        select(TeamInvitation)
        .where(
            id_column == organisation_id,
            TeamInvitation.contact.in_(contacts_of(user_id).proved),
            TeamInvitation.status.in_(_UNANSWERED),
        )
        .order_by(TeamInvitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in waiting.all():
        _withdraw(row, by)


def _withdraw(row: TeamInvitation, by: Actor) -> None:
    advance(row, InvitationStatus.CANCELED, by=by)
    row.answered_at = clock.now()
    record("team_invitation_canceled", (RESOURCE, row.id), by=by, old=facts(row))


def contact_of(typed: str) -> str:
    """An e-mail address or mobile number as it is kept. Raises `InvalidInput`."""
    try:
        return normal_email(typed.strip()) if "@" in typed else to_mobile(typed)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="contact") from None


def require_open(home: Home, standing: Standing, role: str, by: Actor) -> None:
    """Raise `Conflict` unless the organisation takes people in: staff may name the first owner before it works."""
    is_first = standing.is_pending and role == MemberRole.OWNER and by.has_role(*ADMIN_ROLES)
    if not (standing.is_active or is_first):
        raise Conflict(_(home.closed))


def facts(row: TeamInvitation) -> dict[str, Any]:
    """What the trail keeps of an invitation: never the contact, which is not for ever."""
    kind = "partner_id" if row.partner_id is not None else "company_id"
    return {kind: str(row.organisation_id), "role": row.role}


def _write(home: Home, organisation_id: UUID, contact: str, role: str, by: Actor) -> TeamInvitation:
    if by.user_id is None:
        raise Forbidden(_("Somebody has to vouch for an invitation."))
    row = TeamInvitation(
        id=new_id(),
        contact=contact,
        mailbox=place_of(contact),
        role=role,
        status=InvitationStatus.WAITING,
        invited_by=by.user_id,
        times_sent=1,
        **_sent_now(),
        **{home.id_column.key: organisation_id},
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if (violated(error) or "").startswith("uq_team_invitations_waiting"):
            raise _already_invited() from None
        raise
    return row


def _renew(row: TeamInvitation, role: str, by: Actor) -> TeamInvitation:
    if by.user_id is None:
        raise Forbidden(_("Somebody has to vouch for an invitation."))
    if row.status is InvitationStatus.EXPIRED:
        advance(row, InvitationStatus.WAITING, by=by)
    row.role, row.invited_by, row.times_sent = role, by.user_id, row.times_sent + 1
    for name, value in _sent_now().items():
        setattr(row, name, value)
    db.session.flush()
    _send(row, by)
    return row


def _sent_now() -> dict[str, Any]:
    moment = clock.now()
    return {"sent_at": moment, "expires_at": moment + timedelta(days=value_of(INVITATION_DAYS))}


def _send(row: TeamInvitation, by: Actor) -> None:
    record("team_invitation_sent", (RESOURCE, row.id), by=by, new=facts(row))
    follow_up(
        SEND_JOB,
        dedupe_key=f"team_invitation:{row.id}:{row.times_sent}",
        payload={"invitation_id": str(row.id), "time": row.times_sent},
        entity=(RESOURCE, row.id),
    )


def _unanswered(home: Home, organisation_id: UUID, contact: str) -> TeamInvitation | None:
    """The invitation of this contact that waits, else the one that ran out of time last."""
    return db.session.scalars(
        select(TeamInvitation)
        .where(
            home.id_column == organisation_id,
            TeamInvitation.contact == contact,
            TeamInvitation.status.in_(_UNANSWERED),
        )
        .order_by(TeamInvitation.sent_at.desc(), TeamInvitation.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _unanswered_row(home: Home, organisation_id: UUID, invitation_id: UUID) -> TeamInvitation:
    """One invitation of this organisation, locked. Raises `NotFound`, `Conflict` once nothing can be done with it."""
    row = db.session.scalars(
        select(TeamInvitation)
        .where(TeamInvitation.id == invitation_id, home.id_column == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.status not in _UNANSWERED:
        raise Conflict(_("This invitation has been answered or withdrawn already."))
    return row


def _refuse_too_many(home: Home, organisation_id: UUID) -> None:
    """Raise `Conflict` when as many invitations wait as may; the organisation is held, so the count is true."""
    waiting = select(func.count()).where(
        home.id_column == organisation_id,
        TeamInvitation.status == InvitationStatus.WAITING,
        TeamInvitation.expires_at > clock.now(),
    )
    most = value_of(MOST_WAITING)
    if (db.session.scalar(waiting) or 0) >= most:
        raise Conflict(
            _("%(most)s invitations are waiting already. Withdraw one, or wait for an answer.", most=most)
        )


def _already_invited() -> Conflict:
    return Conflict(
        _("An invitation to this address or number is waiting already. You can send it again below."),
        field="contact",
    )
