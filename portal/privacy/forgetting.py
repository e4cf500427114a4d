"""Which erasures are due, and doing them one by one (PRV-02, PRV-07, G-34)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, func, select, tuple_

from portal.audit.services import record
from portal.identity.holding import hold
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.i18n import _
from portal.kernel.personal import STILL_NEEDED
from portal.kernel.states import advance, advance_held
from portal.pots.closing import close
from portal.pots.models import Outcome, Pot, PotStatus
from portal.privacy.erasing import erase
from portal.privacy.leaving import open_matters
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
from portal.privacy.old_copies import call_off_copies
from portal.privacy.person import donor_of, person_of

_PORTION = 500

log = structlog.get_logger(__name__)


class SomeErasuresFailed(RuntimeError):
    """The others are done; these are tried again at the next run."""


def due_erasures() -> Select[int]:
    """The dry run counts these: accounts and guests whose time has come; some may still have to wait."""
    return select(func.count()).select_from(PrivacyRequest).where(*_is_due())


def erase_due() -> dict[str, int]:
    """Erase everybody whose time has come; who still has something open waits for the next run. Commits."""
    counts = {"erased": 0, "waiting": 0}
    failed = 0
    for request_id in _all_due():
        try:
            done = in_transaction(partial(erase_if_possible, request_id))
        except Exception:
            log.exception("erasure_failed", request_id=str(request_id))
            failed += 1
        else:
            counts["erased" if done else "waiting"] += 1
    if failed:
        raise SomeErasuresFailed(f"{failed} erasures failed, {counts['erased']} are done")
    return counts


def _all_due() -> Iterator[UUID]:
    """The requests whose time has come, the oldest first, each once: what waits or fails holds up nobody behind it."""
    after: tuple[datetime, UUID] | None = None
    while portion := _due_after(after):
        yield from (request_id for _due_at, request_id in portion)
        after = portion[-1]


def _due_after(after: tuple[datetime, UUID] | None) -> list[tuple[datetime, UUID]]:
    due = select(PrivacyRequest.due_at, PrivacyRequest.id).where(*_is_due())
    if after is not None:
        due = due.where(tuple_(PrivacyRequest.due_at, PrivacyRequest.id) > tuple_(*after))
    with transaction() as session:
        found = session.execute(due.order_by(PrivacyRequest.due_at, PrivacyRequest.id).limit(_PORTION))
        return [(due_at, request_id) for due_at, request_id in found]


def _is_due() -> tuple[ColumnElement[bool], ...]:
    return (
        PrivacyRequest.kind == RequestKind.ERASURE,
        PrivacyRequest.status == RequestStatus.RECEIVED,
        PrivacyRequest.due_at <= clock.now(),
    )


def erase_if_possible(request_id: UUID) -> bool:
    """Erase one subject; False when it has to wait, or somebody else was faster."""
    request = db.session.get_one(PrivacyRequest, request_id)
    if request.user_id is not None:
        hold(request.user_id, closes=True)
    db.session.refresh(request, with_for_update=True)
    if request.status is not RequestStatus.RECEIVED:
        return False
    if request.user_id is not None and open_matters(request.user_id):
        return False
    person = person_of(request.user_id) if request.user_id is not None else donor_of(_gift(request))
    if any(look(person) for look in STILL_NEEDED):
        return False
    advance(request, RequestStatus.RUNNING, by=SYSTEM)
    if request.user_id is not None:
        _close_planned_pots(request.user_id)
        # First the state: only a stub may be without any address.
        advance_held(db.session.get_one(User, request.user_id), UserStatus.ERASED, by=SYSTEM)
        db.session.flush()
        call_off_copies(request.user_id)
    erase(person)
    advance(request, RequestStatus.DONE, by=SYSTEM)
    request.done_at = clock.now()
    resource = ("users", request.user_id) if request.user_id else ("donations", request.donation_id)
    record("personal_data_erased", resource, by=SYSTEM)
    return True


def _close_planned_pots(user_id: UUID) -> None:
    """Pots that have not opened hold nothing, and nobody is left for whom they could open."""
    pots = db.session.scalars(
        select(Pot)
        .where(Pot.owner_user_id == user_id, Pot.status == PotStatus.SCHEDULED)
        .order_by(Pot.id)
        .with_for_update()
    )
    for pot in pots:
        close(pot, Outcome.CANCELED, by=SYSTEM, reason=_("The account is being closed."))


def _gift(request: PrivacyRequest) -> UUID:
    assert request.donation_id is not None
    return request.donation_id
