"""The ledger as operators read it: accounts with their owners, statements, transfers, the trial balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.audit.jobs import VERIFY
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import JobRun, JobRunStatus
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.ledger.jobs import SELF_CHECK
from portal.ledger.models import Account, Entry, OwnerType, Purpose, Transfer
from portal.partners.models import Partner
from portal.payments.wallet import COMPARE_JOB
from portal.people.models import Profile
from portal.pots.models import Pot

# Where the name of an owner stands; the others are named by what they are.
_NAMES: Mapping[OwnerType, tuple[Any, Any]] = {
    OwnerType.USER: (Profile.user_id, Profile.full_name),
    OwnerType.POT: (Pot.id, Pot.title),
    OwnerType.PARTNER: (Partner.id, Partner.name),
}


@dataclass(frozen=True, slots=True)
class AccountFilter(Filter):
    """Which accounts an operator looks for; None means any."""

    owner_type: OwnerType | None = None
    purpose: Purpose | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What the newest self checks found; `proved` is the newest successful one."""

    proved: JobRun | None
    newest: JobRun | None

    @property
    def failed(self) -> JobRun | None:
        """The newest run, when it found the ledger out of balance."""
        run = self.newest
        return run if run is not None and run.status is JobRunStatus.FAILED else None

    @property
    def lines(self) -> Sequence[tuple[str, str, str, int, int, int]]:
        """Owner type, purpose, unit, posted, pending and number of accounts."""
        return [tuple(line) for line in self.proved.counts.get("lines", [])] if self.proved else []

    @property
    def units(self) -> dict[str, int]:
        """The sum of all entries by unit; every one is zero."""
        found: dict[str, int] = self.proved.counts.get("units", {}) if self.proved else {}
        return found


@dataclass(frozen=True, slots=True)
class WalletComparison:
    """What the newest comparison with the wallet at Wave found, in XOF; `run` is when."""

    run: JobRun
    wave: int
    books: int
    held: int
    on_its_way: int
    promised: int
    difference: int


@dataclass(frozen=True, slots=True)
class TransferDetail:
    """A transfer with its entries and accounts, and the transfer that took it back."""

    transfer: Transfer
    lines: Sequence[tuple[Entry, Account]]
    reversed_by: UUID | None


def accounts(wanted: AccountFilter, cursor: str | None) -> Page[Account]:
    """Accounts that match, the newest first (PAY-01)."""
    statement = select(Account)
    if wanted.owner_type is not None:
        statement = statement.where(Account.owner_type == wanted.owner_type)
    if wanted.purpose is not None:
        statement = statement.where(Account.purpose == wanted.purpose)
    if wanted.owner_id is not None:
        statement = statement.where(Account.owner_id == wanted.owner_id)
    return paginate(statement, [SortKey(Account.created_at), SortKey(Account.id)], cursor)


def account(account_id: UUID) -> Account:
    """One account. Raises `NotFound`."""
    found = db.session.get(Account, account_id)
    if found is None:
        raise NotFound
    return found


def names_of(shown: Iterable[Account]) -> dict[UUID, str]:
    """The names of the accounts' owners, by account: at most one statement for each kind of owner."""
    owners: dict[OwnerType, dict[UUID, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for one in shown:
        if one.owner_id is not None and one.owner_type in _NAMES:
            owners[one.owner_type][one.owner_id].append(one.id)
    names: dict[UUID, str] = {}
    for kind, by_owner in owners.items():
        key, name = _NAMES[kind]
        for owner_id, found in db.session.execute(select(key, name).where(key.in_(by_owner))):
            names |= dict.fromkeys(by_owner[owner_id], found)
    return names


def transfer(transfer_id: UUID) -> TransferDetail:
    """One transfer with everything it moved. Raises `NotFound`."""
    found = db.session.get(Transfer, transfer_id)
    if found is None:
        raise NotFound
    lines = db.session.execute(
        select(Entry, Account)
        .join(Account, Account.id == Entry.account_id)
        .where(Entry.transfer_id == transfer_id)
        .order_by(Entry.seq)
    ).all()
    reversed_by = db.session.scalar(select(Transfer.id).where(Transfer.reverses_id == transfer_id))
    return TransferDetail(found, [(entry, of) for entry, of in lines], reversed_by)


def wallet_comparison() -> WalletComparison | None:
    """The newest comparison that was made; None before the first."""
    run = _newest_run(COMPARE_JOB, JobRunStatus.SUCCEEDED)
    if run is None:
        return None
    parts = ("wave", "books", "held", "on_its_way", "promised", "difference")
    return WalletComparison(run, *(int(run.counts.get(part, 0)) for part in parts))


def trial_balance() -> TrialBalance:
    """The newest proof of the ledger, from the runs of its self check."""
    newest = last_self_check()
    if newest is None or newest.status is JobRunStatus.SUCCEEDED:
        return TrialBalance(newest, newest)
    return TrialBalance(last_self_check(JobRunStatus.SUCCEEDED), newest)


def last_self_check(*ended_as: JobRunStatus) -> JobRun | None:
    """The newest run of the ledger's self check that has ended, or has ended so."""
    return _newest_run(SELF_CHECK, *ended_as)


def last_proof_of_the_trail() -> JobRun | None:
    """The newest run of the audit trail's proof that has ended."""
    return _newest_run(VERIFY)


def _newest_run(job_name: str, *ended_as: JobRunStatus) -> JobRun | None:
    states = ended_as or (JobRunStatus.SUCCEEDED, JobRunStatus.FAILED)
    return db.session.scalars(
        select(JobRun)
        .where(JobRun.job_name == job_name, JobRun.status.in_(states))
        .order_by(JobRun.started_at.desc())
        .limit(1)
    ).one_or_none()
