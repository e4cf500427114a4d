"""The statements of a posting, built once: every movement of value runs them (wall 9)."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, case, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.ledger.models import Account, Entry, Transfer

# Plain tables: posting loads no objects, so it need not pay for a session that would watch them.
_ACCOUNTS = cast(Table, Account.__table__)
_TRANSFERS = cast(Table, Transfer.__table__)
_accounts = _ACCOUNTS.c
_inserted = upsert(_ACCOUNTS)

INSERT_TRANSFER = (
    upsert(_TRANSFERS).on_conflict_do_nothing(index_elements=["idempotency_key"]).returning(_TRANSFERS.c.id)
)
INSERT_ENTRIES = insert(cast(Table, Entry.__table__))
ENSURE_HOUSE = upsert(_ACCOUNTS).on_conflict_do_nothing()
RAISE = _inserted.on_conflict_do_update(
    index_elements=["id"],
    set_={
        "posted_minor": _accounts.posted_minor + _inserted.excluded.posted_minor,
        "pending_in_minor": _accounts.pending_in_minor + _inserted.excluded.pending_in_minor,
    },
)
LOWER = (
    update(_ACCOUNTS)
    .where(
        _accounts.id == bindparam("account"),
        _accounts.posted_minor - bindparam("taken") >= _accounts.pending_out_minor + bindparam("promised"),
    )
    .values(
        posted_minor=_accounts.posted_minor - bindparam("taken"),
        pending_out_minor=_accounts.pending_out_minor + bindparam("promised"),
    )
    .returning(_accounts.id)
)
RELEASE_PENDING = (
    update(_ACCOUNTS)
    .where(_accounts.id == bindparam("account"))
    .values(
        posted_minor=_accounts.posted_minor + bindparam("amount"),
        pending_in_minor=_accounts.pending_in_minor
        - case((bindparam("pending") > 0, bindparam("pending")), else_=0),
        pending_out_minor=_accounts.pending_out_minor
        + case((bindparam("pending") < 0, bindparam("pending")), else_=0),
    )
)
