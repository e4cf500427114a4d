"""Whether the wallet at Wave holds what the books say, to the franc (PAY-04; Wave contract §8; docs/decisions).

1. The list is taken first (`matching`), so that whatever Wave has told is in the books.
2. What the books expect is what was received less what was paid, held gifts, and money that Wave has already
   moved for payouts which are still open here.
3. Wave says what the wallet holds. Money moves meanwhile, so a difference is looked at again before it counts.
4. What the wallet held before the books began is the house's own (`house_money`); people book what the house
   puts in or takes out later.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from portal.audit.services import record
from portal.gateways.wave import Transaction
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.models import JobRun, JobRunStatus
from portal.kernel.money import MAX_AMOUNT_MINOR
from portal.ledger import services as ledger
from portal.ledger.accounts import house_money, provider_clearing
from portal.ledger.models import Entry, Transfer, TransferStatus
from portal.ledger.queries import counted_balance
from portal.ledger.services import Cause
from portal.payments import alerts
from portal.payments.matching import days_back, match_lines
from portal.payments.models import WAVE_PROVIDER_ID, PaymentProvider
from portal.payments.provider import wave

COMPARE_JOB = "payments.compare_wallet"
_WAVE = (PaymentProvider.__tablename__, WAVE_PROVIDER_ID)
_LOOKS = 3
_FEWEST_DAYS, _MOST_DAYS = 2, 31


@dataclass(frozen=True, slots=True)
class Comparison:
    """What Wave says and what the books say, in XOF; `promised` may leave at any moment."""

    wave: int
    books: int
    held: int
    on_its_way: int
    promised: int

    @property
    def difference(self) -> int:
        """What nobody can explain: more at Wave, or below zero more in the books."""
        return self.wave - (self.books + self.held + self.on_its_way)


def compare_wallet() -> dict[str, Any]:
    """Match Wave's list, then compare its wallet with the books; what was found, for the page that shows it."""
    _open_books()
    for _look in range(_LOOKS):
        with transaction():
            days = _days_to_match()
        matched = match_lines(days)
        held_by_wave = wave().get_balance().amount
        with transaction():
            found = _compared(held_by_wave, matched.on_its_way)
        if not found.difference:
            break
    in_transaction(lambda: _tell_of(found.difference))
    return {**matched.counts, **asdict(found), "difference": found.difference}


def book_house_money(amount: int, reason: str, movement_id: UUID, *, by: Actor) -> None:
    """Note what the house put into the wallet itself, in XOF, or below zero took out.

    The same `movement_id` again changes nothing. Raises `InvalidInput`.
    """
    if not 0 < abs(amount) <= MAX_AMOUNT_MINOR:
        raise InvalidInput(_("Please enter an amount other than zero."), field="amount")
    cause = Cause("house_money", "house_money", movement_id, f"house-money:{movement_id}")
    if _move_house_money(amount, cause, by):
        record("house_money_booked", _WAVE, by=by, new={"amount_minor": amount}, reason=reason)


def book_opening_balance(amount: int) -> None:
    """Note what the wallet held before the books began, in XOF; only the first call counts."""
    _move_house_money(amount, Cause("opening_balance", *_WAVE, "wave:opening"), SYSTEM)


def _move_house_money(amount: int, cause: Cause, by: Actor) -> bool:
    """Whether this call moved it."""
    if not amount:
        return False
    held, own = provider_clearing(WAVE_PROVIDER_ID), house_money()
    source, target = (held, own) if amount > 0 else (own, held)
    return ledger.move(source, target, abs(amount), cause, by=by).is_new


def _open_books() -> None:
    """In books that know nothing of the wallet yet, all that is in it is the house's own."""
    account = provider_clearing(WAVE_PROVIDER_ID).id
    with transaction() as session:
        if session.execute(select(exists().where(Entry.account_id == account))).scalar_one():
            return
    first = _first_line()
    before = wave().get_balance().amount if first is None else (first.balance or 0) - first.amount
    in_transaction(lambda: book_opening_balance(before))


def _first_line() -> Transaction | None:
    gateway = wave()
    return next((line for day in days_back(_FEWEST_DAYS) for line in gateway.transactions(day)), None)


def _days_to_match() -> int:
    """As far back as something is open that Wave may have moved already, but not for ever."""
    oldest: datetime | None = db.session.execute(
        select(func.min(Transfer.created_at))
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(
            Transfer.status == TransferStatus.PENDING,
            Entry.account_id == provider_clearing(WAVE_PROVIDER_ID).id,
            Entry.amount_minor > 0,
        )
    ).scalar()
    open_for = (clock.now().date() - oldest.date()).days + 1 if oldest is not None else 0
    return max(_FEWEST_DAYS, min(open_for, _MOST_DAYS))


def _compared(held_by_wave: int, on_its_way: int) -> Comparison:
    # Seen from outside: the account is below zero by what the provider holds for us.
    seen = counted_balance(provider_clearing(WAVE_PROVIDER_ID))
    return Comparison(held_by_wave, -seen.posted, seen.pending_out, on_its_way, seen.pending_in)


def _tell_of(difference: int) -> None:
    """Operators hear of a difference that was there the last time too."""
    if difference and _last_difference() == difference:
        alerts.wallet_differs(difference, clock.today(), by=SYSTEM)


def _last_difference() -> int | None:
    counts = db.session.execute(
        select(JobRun.counts)
        .where(JobRun.job_name == COMPARE_JOB, JobRun.status == JobRunStatus.SUCCEEDED)
        .order_by(JobRun.started_at.desc())
        .limit(1)
    ).scalar()
    return counts.get("difference") if counts else None
