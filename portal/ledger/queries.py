"""What can be asked of the ledger: balances, statements, the trial balance, the self check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from portal.kernel.db import db
from portal.kernel.paging import Page, SortKey, paginate
from portal.ledger.accounts import AccountRef
from portal.ledger.models import Account, Entry, Transfer, TransferStatus

_POSTED = case((Transfer.status == TransferStatus.POSTED, Entry.amount_minor), else_=0)
_PENDING_OUT = case(
    ((Transfer.status == TransferStatus.PENDING) & (Entry.amount_minor < 0), -Entry.amount_minor), else_=0
)
_PENDING_IN = case(
    ((Transfer.status == TransferStatus.PENDING) & (Entry.amount_minor > 0), Entry.amount_minor), else_=0
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, in minor units of its unit."""

    posted: int = 0
    pending_out: int = 0
    pending_in: int = 0

    @property
    def available(self) -> int:
        """Posted less what is promised to others."""
        return self.posted - self.pending_out


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cached balance that is not the sum of its entries."""

    account_id: UUID
    cached: Balance
    counted: Balance


def balance(account: AccountRef) -> Balance:
    """The balance of one personal account; zero when nothing ever moved."""
    return balances([account])[account]


def balances(accounts: Iterable[AccountRef]) -> dict[AccountRef, Balance]:
    """The balances of several personal accounts in one statement."""
    wanted = {account.id: account for account in accounts}
    found = {account: Balance() for account in wanted.values()}
    rows = db.session.execute(
        select(Account.id, Account.posted_minor, Account.pending_out_minor, Account.pending_in_minor).where(
            Account.id.in_(wanted)
        )
    )
    for account_id, posted, pending_out, pending_in in rows:
        found[wanted[account_id]] = Balance(posted, pending_out, pending_in)
    return found


def counted_balance(account: AccountRef) -> Balance:
    """The balance of any account, also of the house, added up from its entries."""
    sums = [func.coalesce(func.sum(part), 0) for part in (_POSTED, _PENDING_OUT, _PENDING_IN)]
    row = db.session.execute(
        select(*sums)
        .select_from(Entry)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account.id)
    ).one()
    return Balance(*(int(value) for value in row))


def standing_of(keys: Iterable[str]) -> dict[str, TransferStatus]:
    """How far the transfers with these idempotency keys are; a key that is not there has none."""
    found = select(Transfer.idempotency_key, Transfer.status).where(Transfer.idempotency_key.in_(list(keys)))
    return dict(db.session.execute(found).all())


def statement(account_id: UUID, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """The entries of an account with their transfers, newest first (PAY-01)."""
    return paginate(
        select(Entry, Transfer)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account_id),
        [SortKey(Entry.created_at), SortKey(Entry.id)],
        cursor,
        size,
    )


def trial_balance() -> dict[str, int]:
    """The sum of all entries by unit, voided ones left out; every value must be zero."""
    rows = db.session.execute(
        select(Transfer.unit, func.sum(Entry.amount_minor))
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Transfer.status != TransferStatus.VOIDED)
        .group_by(Transfer.unit)
    )
    return {unit: int(total) for unit, total in rows}


def totals_by_purpose() -> list[Any]:
    """Posted and pending totals by owner type, purpose and unit: the trial balance line by line."""
    return list(
        db.session.execute(
            select(
                Account.owner_type,
                Account.purpose,
                Account.unit,
                func.sum(_POSTED).label("posted"),
                func.sum(_PENDING_IN - _PENDING_OUT).label("pending"),
                func.count(Account.id.distinct()).label("accounts"),
            )
            .join(Entry, Entry.account_id == Account.id)
            .join(Transfer, Transfer.id == Entry.transfer_id)
            .group_by(Account.owner_type, Account.purpose, Account.unit)
            .order_by(Account.unit, Account.owner_type, Account.purpose)
        )
    )


def disagreements(limit: int = 100) -> list[Disagreement]:
    """Personal accounts whose cached balance differs from the sum of their entries (PAY-04)."""
    counted = (
        select(
            Entry.account_id,
            func.sum(_POSTED).label("posted"),
            func.sum(_PENDING_OUT).label("pending_out"),
            func.sum(_PENDING_IN).label("pending_in"),
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .group_by(Entry.account_id)
        .subquery()
    )
    sums = [func.coalesce(counted.c[name], 0) for name in ("posted", "pending_out", "pending_in")]
    cached = [Account.posted_minor, Account.pending_out_minor, Account.pending_in_minor]
    differs = (cached[0] != sums[0]) | (cached[1] != sums[1]) | (cached[2] != sums[2])
    rows = db.session.execute(
        select(Account.id, *cached, *sums)
        .outerjoin(counted, counted.c.account_id == Account.id)
        .where(Account.keeps_balance, differs)
        .order_by(Account.id)
        .limit(limit)
    )
    return [
        Disagreement(row[0], Balance(*row[1:4]), Balance(*(int(value) for value in row[4:7]))) for row in rows
    ]
