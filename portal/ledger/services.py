"""Moving value. Every function here works inside the caller's transaction and never commits.

The story of a transfer:

1. Its row goes in first: the unique idempotency key makes a repeat find the first one and move nothing.
2. The personal accounts it touches are updated in the order of their ids, so two transfers never wait
   for each other in a circle. The update itself refuses to go below zero.
3. The entries follow. At commit the database counts and sums them again and refuses anything else.

House accounts (clearing, vouchers, commission …) get entries but no update: they are no queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.kernel.states import remember
from portal.ledger import statements
from portal.ledger.accounts import SEEDED_HOUSE, AccountRef
from portal.ledger.errors import IdempotencyMismatch, InsufficientFunds, UnbalancedTransfer
from portal.ledger.models import TRANSFER_STEPS, Account, Entry, Transfer, TransferStatus


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transfer: `amount` minor units into (positive) or out of (negative) `account`."""

    account: AccountRef
    amount: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why value moves: the business row, the flow's name, and the key that makes it happen once."""

    kind: str
    source_type: str
    source_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer that exists; `is_new` tells whether this call made it."""

    transfer_id: UUID
    is_new: bool


def move(
    source: AccountRef,
    target: AccountRef,
    amount: int,
    cause: Cause,
    *,
    by: Actor,
    pending: bool = False,
    group_id: UUID | None = None,
) -> Moved:
    """Move `amount` (> 0, minor units) from `source` to `target`. See `post`."""
    if amount <= 0:
        raise UnbalancedTransfer("an amount that moves is above zero")
    legs = [Leg(source, -amount), Leg(target, amount)]
    return post(legs, cause, by=by, pending=pending, group_id=group_id)


def post(
    legs: Sequence[Leg],
    cause: Cause,
    *,
    by: Actor,
    pending: bool = False,
    group_id: UUID | None = None,
    reverses_id: UUID | None = None,
) -> Moved:
    """Write one transfer, final or pending, exactly once per idempotency key (PAY-02, PAY-03, PAY-22).

    Raises `InsufficientFunds` when a personal account would go below zero (the caller's transaction must
    then be rolled back), `IdempotencyMismatch` when the key already stands for another movement,
    `UnbalancedTransfer` when the legs do not sum to zero, mix units, or name an account twice.
    """
    legs = [leg for leg in legs if leg.amount]
    _check_balanced(legs)
    moment = clock.now()
    transfer_id = _insert_transfer(legs, cause, by, moment, pending, group_id, reverses_id)
    if transfer_id is None:
        return Moved(_existing_transfer(legs, cause), is_new=False)
    _apply(legs, moment, pending=pending)
    db.session.execute(
        statements.INSERT_ENTRIES,
        [
            {
                "id": new_id(),
                "transfer_id": transfer_id,
                "account_id": leg.account.id,
                "seq": seq,
                "amount_minor": leg.amount,
                "created_at": moment,
            }
            for seq, leg in enumerate(legs, start=1)
        ],
    )
    return Moved(transfer_id, is_new=True)


def settle(transfer_id: UUID, *, by: Actor) -> bool:
    """Turn a pending transfer into a final one; False when it is posted already.

    Raises `IllegalTransition` when it was voided, `NotFound` when there is none.
    """
    return _finish(transfer_id, TransferStatus.POSTED, by)


def void(transfer_id: UUID, *, by: Actor) -> bool:
    """Call off a pending transfer; False when it is voided already.

    Raises `IllegalTransition` when it is posted (that takes a reversal), `NotFound` when there is none.
    """
    return _finish(transfer_id, TransferStatus.VOIDED, by)


def reverse(transfer_id: UUID, cause: Cause, *, by: Actor) -> Moved:
    """Undo a posted transfer by its mirror image; one reversal per transfer (PAY-02)."""
    transfer = db.session.get(Transfer, transfer_id)
    if transfer is None:
        raise NotFound
    if transfer.status is not TransferStatus.POSTED:
        raise UnbalancedTransfer("only a posted transfer is reversed")
    legs = [Leg(leg.account, -leg.amount) for leg in _legs_of(transfer_id)]
    return post(legs, cause, by=by, group_id=transfer.group_id, reverses_id=transfer_id)


def _check_balanced(legs: Sequence[Leg]) -> None:
    units = {leg.account.unit for leg in legs}
    if len(legs) < 2 or len(units) != 1 or sum(leg.amount for leg in legs) != 0:
        raise UnbalancedTransfer("a transfer has two or more legs of one unit that sum to zero")
    if len({leg.account for leg in legs}) != len(legs):
        # A cached balance could not tell what comes in from what goes out.
        raise UnbalancedTransfer("a transfer touches an account once")


def _insert_transfer(
    legs: Sequence[Leg],
    cause: Cause,
    by: Actor,
    moment: datetime,
    pending: bool,
    group_id: UUID | None,
    reverses_id: UUID | None,
) -> UUID | None:
    return db.session.execute(
        statements.INSERT_TRANSFER,
        {
            "id": new_id(),
            "unit": legs[0].account.unit,
            "kind": cause.kind,
            "status": TransferStatus.PENDING if pending else TransferStatus.POSTED,
            "entry_count": len(legs),
            "idempotency_key": cause.key,
            "source_type": cause.source_type,
            "source_id": cause.source_id,
            "group_id": group_id,
            "reverses_id": reverses_id,
            "actor_user_id": by.user_id,
            "created_at": moment,
            "posted_at": None if pending else moment,
            "voided_at": None,
        },
    ).scalar()


def _existing_transfer(legs: Sequence[Leg], cause: Cause) -> UUID:
    transfer_id = db.session.execute(
        select(Transfer.id).where(Transfer.idempotency_key == cause.key)
    ).scalar_one()
    known = {(leg.account, leg.amount) for leg in _legs_of(transfer_id)}
    if known != {(leg.account, leg.amount) for leg in legs}:
        raise IdempotencyMismatch(cause.key)
    return transfer_id


def _legs_of(transfer_id: UUID) -> list[Leg]:
    rows = db.session.execute(
        select(Account.owner_type, Account.owner_id, Account.purpose, Account.unit, Entry.amount_minor)
        .join(Entry, Entry.account_id == Account.id)
        .where(Entry.transfer_id == transfer_id)
        .order_by(Entry.seq)
    )
    return [
        Leg(AccountRef(kind, owner, purpose, unit), amount) for kind, owner, purpose, unit, amount in rows
    ]


def _apply(legs: Sequence[Leg], moment: datetime, *, pending: bool) -> None:
    """Make sure the accounts exist and move the personal balances, in id order."""
    for leg in sorted(legs, key=lambda leg: leg.account.id):
        account, amount = leg.account, leg.amount
        if account.is_house:
            if account not in SEEDED_HOUSE:
                db.session.execute(statements.ENSURE_HOUSE, _account_row(account, moment))
        elif amount > 0:
            db.session.execute(statements.RAISE, _account_row(account, moment) | _raised(amount, pending))
        elif db.session.execute(statements.LOWER, _lowered(account, amount, pending)).scalar() is None:
            raise InsufficientFunds


def _raised(amount: int, pending: bool) -> dict[str, int]:
    return {
        "posted_minor": 0 if pending else amount,
        "pending_in_minor": amount if pending else 0,
        "pending_out_minor": 0,
    }


def _lowered(account: AccountRef, amount: int, pending: bool) -> dict[str, object]:
    return {
        "account": account.id,
        "taken": 0 if pending else -amount,
        "promised": -amount if pending else 0,
    }


def _account_row(account: AccountRef, moment: datetime) -> dict[str, object]:
    return {
        "id": account.id,
        "owner_type": account.owner_type,
        "owner_id": account.owner_id,
        "purpose": account.purpose,
        "unit": account.unit,
        "keeps_balance": not account.is_house,
        "may_go_negative": account.is_house,
        "created_at": moment,
    }


def _finish(transfer_id: UUID, wanted: TransferStatus, by: Actor) -> bool:
    current = db.session.execute(
        select(Transfer.status).where(Transfer.id == transfer_id).with_for_update()
    ).scalar_one_or_none()
    if current is None:
        raise NotFound
    if current is wanted:
        return False
    TRANSFER_STEPS.check(current, wanted)
    posted = wanted is TransferStatus.POSTED
    personal = [leg for leg in _legs_of(transfer_id) if not leg.account.is_house]
    for leg in sorted(personal, key=lambda leg: leg.account.id):
        db.session.execute(
            statements.RELEASE_PENDING,
            {"account": leg.account.id, "amount": leg.amount if posted else 0, "pending": leg.amount},
        )
    moment = clock.now()
    db.session.execute(
        update(Transfer)
        .where(Transfer.id == transfer_id)
        .values(
            status=wanted,
            posted_at=moment if posted else None,
            voided_at=None if posted else moment,
        )
    )
    remember(Transfer.__tablename__, transfer_id, "status", current, wanted, by=by)
    return True
