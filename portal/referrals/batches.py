"""Batches of at most 50 contacts, cut from the list in order (R-32 to R-34; REF-44 to REF-53)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound, TooMany
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.states import advance, remember
from portal.referrals.inviting import Invitee, refusal_of
from portal.referrals.limits import day_row
from portal.referrals.models import BatchStatus, SponsorContact, SponsorContactBatch

BATCH_SIZE = 50


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What sending a batch did: how many went out, and who was refused why."""

    sent: int
    refused: tuple[tuple[str, str], ...]
    limit_reached: str | None


def open_batch(sponsor_id: UUID, *, by: Actor) -> SponsorContactBatch:
    """Cut the next contacts into a batch; one that is still open is given back instead.

    Raises `Conflict` when the list is empty or used up.
    """
    limit = day_row(sponsor_id)
    db.session.refresh(limit, with_for_update=True)
    current = db.session.execute(
        select(SponsorContactBatch)
        .where(
            SponsorContactBatch.sponsor_user_id == sponsor_id,
            SponsorContactBatch.status.in_([BatchStatus.PENDING, BatchStatus.SELECTED]),
        )
        .order_by(SponsorContactBatch.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if current is not None:
        return current
    start = limit.current_batch_start
    contacts = list(
        db.session.execute(
            select(SponsorContact)
            .where(
                SponsorContact.sponsor_user_id == sponsor_id,
                SponsorContact.position >= start,
                SponsorContact.position < start + BATCH_SIZE,
            )
            .order_by(SponsorContact.position)
        ).scalars()
    )
    if not contacts:
        raise Conflict(_("All your contacts have been in a batch. Import more, or invite people one by one."))
    batch = SponsorContactBatch(
        id=new_id(),
        sponsor_user_id=sponsor_id,
        batch_date=clock.today(),
        batch_number=_next_number(sponsor_id),
        start_position=start,
        end_position=contacts[-1].position + 1,
        contact_snapshot=[_frozen(contact) for contact in contacts],
        status=BatchStatus.PENDING,
    )
    db.session.add(batch)
    limit.current_batch_start = batch.end_position
    db.session.flush()
    remember("sponsor_contact_batches", batch.id, "status", None, BatchStatus.PENDING, by=by)
    return batch


def select_contacts(
    batch_id: UUID, sponsor_id: UUID, contact_ids: list[str] | None, *, by: Actor
) -> SponsorContactBatch:
    """Choose who of the batch is invited: the listed contacts, or all with None (REF-51, REF-52)."""
    batch = _locked(batch_id, sponsor_id)
    known = [entry["id"] for entry in batch.contact_snapshot]
    chosen = known if contact_ids is None else [one for one in known if one in set(contact_ids)]
    if not chosen:
        raise InvalidInput(_("Please choose at least one contact."), field="contacts")
    if batch.status is BatchStatus.SELECTED:
        advance(batch, BatchStatus.PENDING, by=by)
    advance(batch, BatchStatus.SELECTED, by=by)
    batch.auto_selected = contact_ids is None
    batch.manual_selections = chosen
    batch.selected_count = len(chosen)
    return batch


def send_batch(batch_id: UUID, sponsor_id: UUID, message: str | None, *, by: Actor) -> BatchOutcome:
    """Invite everyone chosen, in the order of the list, as far as the day's places reach.

    A repeat finds the batch sent and does nothing more.
    """
    batch = _locked(batch_id, sponsor_id)
    if batch.status is BatchStatus.SENT:
        return BatchOutcome(batch.sent_count, (), None)
    chosen = set(batch.manual_selections)
    refused: list[tuple[str, str]] = []
    limit_reached = None
    for entry in batch.contact_snapshot:
        if entry["id"] not in chosen:
            continue
        invitee = Invitee(entry["name"], entry["phone"], entry["email"], message)
        refusal = refusal_of(sponsor_id, invitee, by=by, batch_id=batch.id)
        if refusal is None:
            batch.sent_count += 1
        elif isinstance(refusal, TooMany):
            limit_reached = refusal.message
            break
        else:
            refused.append((entry["name"] or entry["phone"] or entry["email"], refusal.message))
    if batch.sent_count == 0 and limit_reached is not None:
        raise Conflict(limit_reached)
    advance(batch, BatchStatus.SENT, by=by)
    return BatchOutcome(batch.sent_count, tuple(refused), limit_reached)


def skip_batch(batch_id: UUID, sponsor_id: UUID, *, by: Actor) -> None:
    """Leave a batch out; its contacts can still be invited one by one."""
    batch = _locked(batch_id, sponsor_id)
    if batch.status is not BatchStatus.SKIPPED:
        advance(batch, BatchStatus.SKIPPED, by=by)


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
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
    }
