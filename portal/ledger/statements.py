"""The statements of a posting, built once: every movement of value runs them (wall 9)."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, case, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.ledger.models import Account

# Plain tables: posting loads no objects, so it need not pay for a session that would watch them.
_ACCOUNTS = cast(Table, Account.__table__)
_accounts = _ACCOUNTS.c

ENSURE_HOUSE = upsert(_ACCOUNTS).on_conflict_do_nothing(index_elements=["id"])

# A transfer, the balances it moves and its entries. A known key makes no row of `transfer`, and then nothing of
# the rest happens. Balances move in the order of their ids, so that two transfers never wait for each other in
# a circle; one that has too little, or does not exist and should give, does not move, and then there are no
# entries: the answer says so, and the database lets nobody commit a transfer without them.
POST = text("""
    WITH transfer AS (
        INSERT INTO ledger_transfers (
            id, unit, kind, status, entry_count, idempotency_key, source_type, source_id, group_id,
            reverses_id, actor_user_id, posted_at, created_at)
        VALUES (
            :id, :unit, :kind, :status, :entry_count, :idempotency_key, :source_type, :source_id, :group_id,
            :reverses_id, :actor_user_id, CASE WHEN NOT :is_pending THEN CAST(:moment AS timestamptz) END, :moment)
        ON CONFLICT (idempotency_key) DO NOTHING
        RETURNING id
    ),
    leg AS (
        SELECT
            leg.*, CASE WHEN :is_pending THEN 0 ELSE amount END AS posted,
            CASE WHEN :is_pending THEN greatest(amount, 0) ELSE 0 END AS pending_in,
            CASE WHEN :is_pending THEN greatest(-amount, 0) ELSE 0 END AS pending_out
        FROM unnest(
            CAST(:entries AS uuid[]), CAST(:amounts AS bigint[]), CAST(:accounts AS uuid[]),
            CAST(:owner_types AS text[]), CAST(:owners AS uuid[]), CAST(:purposes AS text[]),
            CAST(:houses AS boolean[])
        ) WITH ORDINALITY AS leg (entry_id, amount, account_id, owner_type, owner_id, purpose, is_house, seq)
    ),
    moved AS (
        INSERT INTO ledger_accounts AS account (
            id, owner_type, owner_id, purpose, unit, keeps_balance, may_go_negative, posted_minor,
            pending_in_minor, created_at)
        SELECT
            leg.account_id, leg.owner_type, leg.owner_id, leg.purpose, :unit, true, false,
            greatest(leg.posted, 0), leg.pending_in, :moment
        FROM transfer CROSS JOIN leg
        WHERE NOT leg.is_house AND (leg.amount > 0 OR EXISTS (
            SELECT FROM ledger_accounts AS known WHERE known.id = leg.account_id))
        ORDER BY leg.account_id
        ON CONFLICT (id) DO UPDATE SET (posted_minor, pending_in_minor, pending_out_minor) = (
            SELECT account.posted_minor + leg.posted, account.pending_in_minor + leg.pending_in,
                account.pending_out_minor + leg.pending_out
            FROM leg WHERE leg.account_id = account.id)
        WHERE (
            SELECT leg.amount > 0
                OR account.posted_minor + leg.posted >= account.pending_out_minor + leg.pending_out
            FROM leg WHERE leg.account_id = account.id)
        RETURNING account.id
    ),
    entry AS (
        INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)
        SELECT leg.entry_id, transfer.id, leg.account_id, leg.seq, leg.amount, :moment
        FROM transfer CROSS JOIN leg
        WHERE (SELECT count(*) FROM moved) = (SELECT count(*) FROM leg WHERE NOT is_house)
        RETURNING 1
    )
    SELECT (SELECT id FROM transfer), EXISTS (SELECT FROM entry) AS is_whole
""")
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
