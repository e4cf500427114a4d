"""What happens to pots by itself: opening, ending, settling, counting. Every job finds its own work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select

from portal.identity.directory import has_open_account
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.jobs import job
from portal.people.queries import waits_for_guardian
from portal.pots import analytics, counters, pictures
from portal.pots.closing import end_pot, lapse
from portal.pots.making import open_pot
from portal.pots.models import Pot, PotStatus

log = structlog.get_logger(__name__)
_BATCH = 1000


class SomePotsFailed(RuntimeError):
    """The other pots are done; these are tried again at the next run."""


@job("pots.open_due", timeout=600)
def open_due() -> dict[str, int]:
    """Open every scheduled pot whose day has come (POT-16).

    None of an owner who has left or is suspended, nor of a minor for whom nobody answers any more (PPL-19).
    """
    is_due = (
        (Pot.status == PotStatus.SCHEDULED)
        & (Pot.scheduled_open_at <= clock.now())
        & (Pot.birthday_date > clock.today())
        & has_open_account(Pot.owner_user_id)
        & ~waits_for_guardian(Pot.owner_user_id)
    )
    return {"opened": _each(is_due, lambda pot: open_pot(pot, by=SYSTEM))}


@job("pots.close_due", timeout=600)
def close_due() -> dict[str, int]:
    """End every pot whose birthday has come, then settle those whose time to choose is over (POT-18, G-10)."""
    has_birthday = Pot.status.in_((PotStatus.SCHEDULED, PotStatus.OPEN, PotStatus.FUNDED)) & (
        Pot.birthday_date <= clock.today()
    )
    ended = _each(has_birthday, lambda pot: end_pot(pot, by=SYSTEM))
    settled = _each(Pot.choose_until <= clock.now(), lambda pot: lapse(pot, by=SYSTEM))
    return {"ended": ended, "settled": settled}


@job("pots.flush_counters")
def flush_counters() -> dict[str, int]:
    """Bring views and shares into the rows."""
    return counters.flush()


@job("pots.snapshot", timeout=600)
def snapshot() -> dict[str, int]:
    """Keep each pot's course and the sums of all gifts by period (POT-26 to POT-29, DON-30 to DON-34)."""
    with transaction() as session:
        return {"pots": analytics.snapshot_pots(session), "periods": analytics.sum_periods(session)}


@job("pots.clear_previews", timeout=600)
def clear_previews() -> dict[str, int]:
    """Remove the pictures of shared links that were drawn some days ago."""
    return {"previews": pictures.clear_previews()}


def _each(is_due: ColumnElement[bool], act: Callable[[Pot], Any]) -> int:
    """Do `act` with each due pot in a transaction of its own; one that fails keeps no other from its turn.

    Two workers never take the same pot: it is locked, and looked at again under the lock.
    """
    done, failed = 0, []
    for pot_id in _due(is_due):
        try:
            done += in_transaction(partial(_one, pot_id, is_due, act))
        except Exception:
            log.exception("pot_failed", pot_id=str(pot_id))
            failed.append(pot_id)
    if failed:
        raise SomePotsFailed(f"{len(failed)} of {done + len(failed)} pots: {failed[:5]}")
    return done


def _due(is_due: ColumnElement[bool]) -> list[UUID]:
    with transaction() as session:
        return list(
            session.scalars(select(Pot.id).where(is_due).order_by(Pot.birthday_date, Pot.id).limit(_BATCH))
        )


def _one(pot_id: UUID, is_due: ColumnElement[bool], act: Callable[[Pot], Any]) -> int:
    pot = db.session.execute(
        select(Pot).where(Pot.id == pot_id, is_due).with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if pot is None:
        return 0
    act(pot)
    return 1
