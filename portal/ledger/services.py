"""Moving value. Every function here works inside the caller's transaction and never commits.

The story of a transfer:

1. Its row goes in first: the unique idempotency key makes a repeat find the first one and move nothing.
2. The personal accounts it touches are updated in the order of their ids, so two transfers never wait
   for each other in a circle. The update itself refuses to go below zero.
3. The entries follow. At commit the database counts and sums them again and refuses anything else.
   All three are one statement (`statements.POST`): a busy portal waits for the database once.

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
from portal.kernel.db import db, run
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
    transfer_id = _write(legs, cause, by, pending, group_id, reverses_id)
    if transfer_id is None:
        return Moved(_existing_transfer(legs, cause), is_new=False)
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


def _write(
    legs: Sequence[Leg],
    cause: Cause,
    by: Actor,
    pending: bool,
    group_id: UUID | None,
    reverses_id: UUID | None,
) -> UUID | None:
    """The new transfer's id; None when the key stands for one already. Raises `InsufficientFunds`."""
    moment = clock.now()
    _ensure_houses(legs, moment)
    accounts = [leg.account for leg in legs]
    values = {
        "id": new_id(),
        "unit": accounts[0].unit,
        "kind": cause.kind,
        "status": TransferStatus.PENDING.value if pending else TransferStatus.POSTED.value,
        "is_pending": pending,
        "idempotency_key": cause.key,
        "source_type": cause.source_type,
        "source_id": cause.source_id,
        "group_id": group_id,
        "reverses_id": reverses_id,
        "actor_user_id": by.user_id,
        "moment": moment,
        "entry_count": len(legs),
        "entries": [new_id() for _leg in legs],
        "amounts": [leg.amount for leg in legs],
        "accounts": [account.id for account in accounts],
        "owner_types": [account.owner_type.value for account in accounts],
        "owners": [account.owner_id for account in accounts],
        "purposes": [account.purpose.value for account in accounts],
        "houses": [account.is_house for account in accounts],
    }
    posted = run(statements.POST, values).mappings().one()
    if posted["id"] is not None and not posted["is_whole"]:
        raise InsufficientFunds
    transfer_id: UUID | None = posted["id"]
    return transfer_id


def _ensure_houses(legs: Sequence[Leg], moment: datetime) -> None:
    """A house account of somebody's own (a provider's) is there from its first transfer on."""
    for leg in legs:
        account = leg.account
        if account.is_house and account not in SEEDED_HOUSE:
            facts = {"owner_type": account.owner_type, "owner_id": account.owner_id, "unit": account.unit}
            is_house = {"keeps_balance": False, "may_go_negative": True}
            run(
                statements.ENSURE_HOUSE,
                {"id": account.id, "purpose": account.purpose, "created_at": moment, **facts, **is_house},
            )


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
