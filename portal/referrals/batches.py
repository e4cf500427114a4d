"""Batches of at most 50 contacts, cut from the list in order (R-32 to R-34; REF-44 to REF-53).

1. `open_batch` freezes the next contacts of the list; one that is still open is given back instead.
2. The sponsor chooses all of them or some, or skips the batch.
3. `send_batch` invites the chosen ones, as far as the day's places reach, and writes beside each what
   became of it. Whoever found no place comes first in the next batch.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound, TooMany
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.names import refuse_links
from portal.kernel.states import advance, remember
from portal.referrals.inviting import Invitee, refusal_of
from portal.referrals.limits import day_row, used_up
from portal.referrals.models import (
    BatchStatus,
    SelectionMethod,
    SponsorContact,
    SponsorContactBatch,
)

BATCH_SIZE = 50
OPEN = (BatchStatus.PENDING, BatchStatus.SELECTED)
SENT, REFUSED, NO_PLACE = "sent", "refused", "no_place"


def open_batch(sponsor_id: UUID, *, by: Actor) -> SponsorContactBatch:
    """Cut the next contacts into a batch; one that is still open is given back instead.

    Raises `TooMany` when today's places are used up, `Conflict` when the list is empty or used up.
    """
    day = day_row(sponsor_id, lock=True)
    current = open_batch_of(sponsor_id)
    if current is not None:
        return current
    if day.invitations_sent_today >= day.max_invitations_per_day:
        raise used_up(day)
    contacts = _next_contacts(sponsor_id, day.current_batch_start)
    if not contacts:
        raise Conflict(_("All your contacts have been in a batch. Import more, or invite people one by one."))
    batch = SponsorContactBatch(
        id=new_id(),
        sponsor_user_id=sponsor_id,
        batch_date=day.limit_date,
        batch_number=_next_number(sponsor_id),
        start_position=contacts[0].position,
        end_position=contacts[-1].position + 1,
        contact_snapshot=[_frozen(contact) for contact in contacts],
        status=BatchStatus.PENDING,
    )
    db.session.add(batch)
    day.current_batch_start = batch.end_position
    db.session.flush()
    remember("sponsor_contact_batches", batch.id, "status", None, BatchStatus.PENDING, by=by)
    return batch


def select_contacts(
    batch_id: UUID, sponsor_id: UUID, contact_ids: Collection[str] | None, *, by: Actor
) -> SponsorContactBatch:
    """Choose who of the batch is invited: the listed contacts, or all with None (REF-51, REF-52).

    The way of choosing is remembered for the next batch (REF-40). Raises `NotFound`, and `InvalidInput` when
    nobody is chosen.
    """
    day = day_row(sponsor_id, lock=True)
    batch = _locked(batch_id, sponsor_id)
    known = [entry["id"] for entry in batch.contact_snapshot]
    chosen = known if contact_ids is None else [one for one in known if one in contact_ids]
    if not chosen:
        raise InvalidInput(_("Please choose at least one contact."), field="contacts")
    if batch.status is BatchStatus.SELECTED:
        advance(batch, BatchStatus.PENDING, by=by)
    advance(batch, BatchStatus.SELECTED, by=by)
    batch.auto_selected = contact_ids is None
    batch.manual_selections = [] if batch.auto_selected else chosen
    batch.selected_count = len(chosen)
    is_whole = len(chosen) == len(known)
    day.preferred_selection_method = SelectionMethod.BATCH if is_whole else SelectionMethod.INDIVIDUAL
    return batch


def send_batch(batch_id: UUID, sponsor_id: UUID, message: str | None, *, by: Actor) -> SponsorContactBatch:
    """Invite everyone chosen, in the order of the list, as far as the day's places reach.

    A repeat finds the batch sent and does nothing more. Raises `NotFound`, `Conflict` when nobody is chosen
    yet, when the batch was skipped, and when no place is left today, `InvalidInput` for words with a web address.
    """
    refuse_links(message, "message")
    day = day_row(sponsor_id, lock=True)
    batch = _locked(batch_id, sponsor_id)
    if batch.status is BatchStatus.SENT:
        return batch
    if batch.status is not BatchStatus.SELECTED:
        raise Conflict(_("Please choose first whom of this batch you want to invite."))
    outcomes = _invite_chosen(batch, message, by)
    sent = sum(entry.get("outcome") == SENT for entry in outcomes)
    without_place = [entry for entry in outcomes if entry.get("outcome") == NO_PLACE]
    if without_place and not sent:
        raise Conflict(without_place[0]["reason"])
    batch.contact_snapshot, batch.sent_count = outcomes, sent
    if without_place:
        day.current_batch_start = without_place[0]["position"]
    advance(batch, BatchStatus.SENT, by=by)
    return batch


def skip_batch(batch_id: UUID, sponsor_id: UUID, *, by: Actor) -> None:
    """Leave a batch out; its contacts can still be invited one by one. A repeat changes nothing."""
    batch = _locked(batch_id, sponsor_id)
    if batch.status is not BatchStatus.SKIPPED:
        advance(batch, BatchStatus.SKIPPED, by=by)


def open_batch_of(sponsor_id: UUID) -> SponsorContactBatch | None:
    """The batch that waits for a decision, if there is one."""
    return db.session.execute(
        select(SponsorContactBatch)
        .where(SponsorContactBatch.sponsor_user_id == sponsor_id, SponsorContactBatch.status.in_(OPEN))
        .order_by(SponsorContactBatch.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def _invite_chosen(batch: SponsorContactBatch, message: str | None, by: Actor) -> list[dict[str, Any]]:
    """The snapshot with what became of each chosen contact."""
    chosen = None if batch.auto_selected else set(batch.manual_selections)
    batch_id, sponsor_id = batch.id, batch.sponsor_user_id
    outcomes: list[dict[str, Any]] = []
    full: str | None = None
    for entry in [dict(entry) for entry in batch.contact_snapshot]:
        if chosen is None or entry["id"] in chosen:
            if full is None:
                invitee = Invitee(entry["name"], entry["phone"], entry["email"], message)
                refusal = refusal_of(sponsor_id, invitee, by=by, batch_id=batch_id)
                full = refusal.message if isinstance(refusal, TooMany) else None
                if refusal is None:
                    entry["outcome"] = SENT
                elif full is None:
                    entry |= {"outcome": REFUSED, "reason": refusal.message}
            if full is not None:
                entry |= {"outcome": NO_PLACE, "reason": full}
        outcomes.append(entry)
    return outcomes


def _next_contacts(sponsor_id: UUID, start: int) -> list[SponsorContact]:
    """The next contacts of the list, at most 50, on at most 50 positions (removed ones leave gaps)."""
    following = list(
        db.session.execute(
            select(SponsorContact)
            .where(SponsorContact.sponsor_user_id == sponsor_id, SponsorContact.position >= start)
            .order_by(SponsorContact.position)
            .limit(BATCH_SIZE)
        ).scalars()
    )
    return [contact for contact in following if contact.position < following[0].position + BATCH_SIZE]


def _locked(batch_id: UUID, sponsor_id: UUID) -> SponsorContactBatch:
    batch = db.session.execute(
        select(SponsorContactBatch)
        .where(SponsorContactBatch.id == batch_id, SponsorContactBatch.sponsor_user_id == sponsor_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if batch is None:
        raise NotFound
    return batch


def _next_number(sponsor_id: UUID) -> int:
    highest = db.session.execute(
        select(func.max(SponsorContactBatch.batch_number)).where(
            SponsorContactBatch.sponsor_user_id == sponsor_id,
            SponsorContactBatch.batch_date == clock.today(),
        )
    ).scalar()
    return (highest or 0) + 1


def _frozen(contact: SponsorContact) -> dict[str, Any]:
    return {
        "id": str(contact.id),
        "position": contact.position,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
    }
