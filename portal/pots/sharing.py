"""Passing a pot on: tracked invitations, and the count of what was shared (POT-23 to POT-25)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.phones import to_e164
from portal.pots import counters
from portal.pots.finding import owned_pot
from portal.pots.models import Pot, PotInvitation, ShareMethod
from portal.pots.policies import has_ended

MAX_RECIPIENT = 255
MAX_WORDS = 500
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Invitation:
    """With whom a pot is shared, by which way, with which words."""

    method: ShareMethod
    recipient: str
    message: str | None = None


def invite(pot_id: UUID, inviter_user_id: UUID, invitation: Invitation, *, by: Actor) -> PotInvitation:
    """A link of its own for one person or place, so that the owner sees whether it was opened.

    The owner sends it from their own phone. Raises `NotFound` for a stranger, `Conflict` when the pot has
    ended, `InvalidInput` for a recipient who cannot be reached that way.
    """
    pot = owned_pot(pot_id, inviter_user_id)
    if has_ended(pot):
        raise Conflict(_("This pot has ended."))
    row = PotInvitation(
        id=new_id(),
        pot_id=pot.id,
        inviter_user_id=inviter_user_id,
        method=invitation.method,
        recipient_identifier=_address(invitation),
        custom_message=invitation.message,
        tracking_token=random_token(_TOKEN_BYTES),
        sent_at=clock.now(),
        created_by=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    counters.count(counters.Counter.SHARES, pot.id)
    return row


def follow_invitation(token: str, *, is_reader: bool) -> str:
    """The slug of an invitation's pot; the first time a person opens it is noted. Raises `NotFound`."""
    row = db.session.execute(
        select(PotInvitation.id, PotInvitation.opened_at, Pot.public_slug)
        .join(Pot, Pot.id == PotInvitation.pot_id)
        .where(PotInvitation.tracking_token == token)
    ).one_or_none()
    if row is None:
        raise NotFound
    invitation_id, opened_at, slug = row
    if is_reader and opened_at is None:
        _note(PotInvitation.id == invitation_id, "opened_at")
    return str(slug)


def note_click(token: str, pot_id: UUID) -> None:
    """Note that somebody who came by an invitation went on to give; nothing for an unknown one."""
    _note((PotInvitation.tracking_token == token) & (PotInvitation.pot_id == pot_id), "clicked_at")


def _note(which: object, name: str) -> None:
    """Write the first time of something, once."""
    column = getattr(PotInvitation, name)
    db.session.execute(
        update(PotInvitation).where(which, column.is_(None)).values({name: clock.now()})  # type: ignore[arg-type]
    )


def _address(invitation: Invitation) -> str:
    recipient = invitation.recipient.strip()
    if not recipient or len(recipient) > MAX_RECIPIENT:
        raise InvalidInput(_("Please say for whom this link is."), field="recipient")
    if invitation.method in (ShareMethod.WHATSAPP, ShareMethod.SMS):
        try:
            return to_e164(recipient)
        except InvalidInput as error:
            raise InvalidInput(error.message, field="recipient") from None
    if invitation.method is ShareMethod.EMAIL:
        try:
            return validate_email(recipient, check_deliverability=False).normalized
        except EmailNotValidError:
            raise InvalidInput(
                _("This e-mail address does not look right. Example: awa@exemple.sn."), field="recipient"
            ) from None
    return recipient
