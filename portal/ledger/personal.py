"""What the ledger holds of people: amounts on accounts that are theirs, under an id (PRV-08)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from portal.kernel.personal import Person, Share, Stay, holds, own
from portal.ledger.models import Account, Entry, OwnerType, Transfer

_BOOKS = Stay("books are kept for seven years and never changed; the owner is an id that leads to a stub")


def _accounts(person: Person) -> ColumnElement[bool]:
    return own(Account.owner_id)(person) & (Account.owner_type == OwnerType.USER)


def _entries(person: Person) -> ColumnElement[bool]:
    return Entry.account_id.in_(select(Account.id).where(_accounts(person)))


def _transfers(person: Person) -> ColumnElement[bool]:
    return Transfer.id.in_(select(Entry.transfer_id).where(_entries(person)))


holds(
    Account,
    {},
    Share(
        "value_accounts",
        _accounts,
        _BOOKS,
        tells=("id", "purpose", "unit", "posted_minor", "pending_out_minor", "pending_in_minor"),
    ),
    plain=("unit",),
)
holds(
    Entry,
    {},
    Share(
        "value_entries",
        _entries,
        _BOOKS,
        tells=("id", "transfer_id", "account_id", "amount_minor", "created_at"),
    ),
)
holds(
    Transfer,
    {},
    Share(
        "value_movements",
        _transfers,
        _BOOKS,
        tells=("id", "unit", "kind", "status", "posted_at", "created_at"),
    ),
    plain=("unit", "kind", "idempotency_key", "source_type"),
)
