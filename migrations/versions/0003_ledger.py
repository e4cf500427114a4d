"""The double-entry ledger and the triggers that guard it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The house's own accounts; their keys follow from what they are (portal.ledger.accounts).
_HOUSE = (
    ("85f7fa85-bd1f-5f93-80cd-d5f7cbed0de1", "commission", "XOF"),
    ("0fe86cb7-4c17-5529-8de9-ca6c75a0677c", "credits_issued", "CRD"),
    ("9b31403e-8e6e-529f-a8fa-a108bbcc68a3", "fees", "XOF"),
    ("6a9b02e3-e2b3-5cad-a0de-c57d5e68a311", "points_issued", "PTS"),
    ("39dd9249-d0d6-5eab-aa0d-40a1afdc7051", "promotions", "XOF"),
    ("8b38f95d-308c-5d16-86b0-ccedc9b2980b", "revenue", "XOF"),
    ("f7b6fc38-3da0-5fa1-861b-2aecf7f467bd", "vouchers", "XOF"),
)

# At commit a transfer is counted and summed again, whatever wrote it (wall 1).
_CHECK_TRANSFER = """
    CREATE FUNCTION check_ledger_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wanted ledger_transfers;
        found record;
    BEGIN
        SELECT * INTO wanted FROM ledger_transfers
        WHERE id = CASE TG_TABLE_NAME WHEN 'ledger_transfers' THEN NEW.id
                   ELSE (to_jsonb(NEW) ->> 'transfer_id')::uuid END;
        SELECT count(*) AS entries, coalesce(sum(e.amount_minor), 0) AS total,
               count(*) FILTER (WHERE a.unit <> wanted.unit) AS foreign_units
        INTO found
        FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
        WHERE e.transfer_id = wanted.id;
        IF found.entries <> wanted.entry_count OR found.total <> 0 OR found.foreign_units <> 0 THEN
            RAISE EXCEPTION 'transfer % has % of % entries, sum %, % in another unit', wanted.id,
                found.entries, wanted.entry_count, found.total, found.foreign_units
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_balances';
        END IF;
        RETURN NULL;
    END
    $$
"""
_ONLY_FINISHES = """
    CREATE FUNCTION ledger_transfer_only_finishes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> 'pending' OR NEW.status NOT IN ('posted', 'voided')
           OR (to_jsonb(NEW) - '{status,posted_at,voided_at}'::text[])
              <> (to_jsonb(OLD) - '{status,posted_at,voided_at}'::text[]) THEN
            RAISE EXCEPTION 'transfer % is final', OLD.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_transfer_final';
        END IF;
        RETURN NEW;
    END
    $$
"""
_SAME_ACCOUNT = """
    CREATE FUNCTION ledger_account_stays_itself() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.owner_type, NEW.owner_id, NEW.purpose, NEW.unit, NEW.keeps_balance, NEW.may_go_negative)
           IS DISTINCT FROM
           (OLD.id, OLD.owner_type, OLD.owner_id, OLD.purpose, OLD.unit, OLD.keeps_balance, OLD.may_go_negative)
        THEN
            RAISE EXCEPTION 'account % cannot become another', OLD.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_account_identity';
        END IF;
        RETURN NEW;
    END
    $$
"""
_TRIGGERS = (
    "CREATE CONSTRAINT TRIGGER ledger_transfer_balances AFTER INSERT ON ledger_transfers"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_transfer()",
    # A later entry would unbalance a transfer that was checked; an entry of its own transaction is
    # covered by the transfer's check, so this one looks only when the transfer is older.
    "CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entries"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.seq > 1)"
    " EXECUTE FUNCTION check_ledger_transfer()",
    "CREATE TRIGGER ledger_transfer_final BEFORE UPDATE ON ledger_transfers"
    " FOR EACH ROW EXECUTE FUNCTION ledger_transfer_only_finishes()",
    "CREATE TRIGGER ledger_transfer_kept BEFORE DELETE ON ledger_transfers"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER ledger_entry_final BEFORE UPDATE OR DELETE ON ledger_entries"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER ledger_account_identity BEFORE UPDATE OF id, owner_type, owner_id, purpose, unit,"
    " keeps_balance, may_go_negative ON ledger_accounts"
    " FOR EACH ROW EXECUTE FUNCTION ledger_account_stays_itself()",
    "CREATE TRIGGER ledger_account_kept BEFORE DELETE ON ledger_accounts"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    *(
        f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in ("ledger_accounts", "ledger_transfers", "ledger_entries")
    ),
)
_FUNCTIONS = {
    "check_ledger_transfer": _CHECK_TRANSFER,
    "ledger_transfer_only_finishes": _ONLY_FINISHES,
    "ledger_account_stays_itself": _SAME_ACCOUNT,
}


def upgrade() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "owner_type",
            sa.Enum(
                "user",
                "pot",
                "partner",
                "sponsor_company",
                "sponsor_campaign",
                "provider",
                "platform",
                "transaction",
                name="owner_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "wallet",
                "earnings",
                "points",
                "funds",
                "payable",
                "lead_credits",
                "budget",
                "escrow",
                "clearing",
                "revenue",
                "fees",
                "commission",
                "vouchers",
                "promotions",
                "points_issued",
                "credits_issued",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("keeps_balance", sa.Boolean(), nullable=False),
        sa.Column("may_go_negative", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("posted_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending_out_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending_in_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(owner_type = 'platform') = (owner_id IS NULL)", name=op.f("ck_ledger_accounts_owner_present")
        ),
        sa.CheckConstraint(
            "keeps_balance OR (posted_minor = 0 AND pending_out_minor = 0 AND pending_in_minor = 0)",
            name=op.f("ck_ledger_accounts_house_keeps_no_balance"),
        ),
        sa.CheckConstraint(
            "keeps_balance OR may_go_negative", name=op.f("ck_ledger_accounts_limit_needs_balance")
        ),
        sa.CheckConstraint(
            "may_go_negative OR posted_minor - pending_out_minor >= 0",
            name=op.f("ck_ledger_accounts_not_overdrawn"),
        ),
        sa.CheckConstraint(
            "pending_out_minor >= 0 AND pending_in_minor >= 0",
            name=op.f("ck_ledger_accounts_pending_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "owner_type",
            "owner_id",
            "purpose",
            "unit",
            name=op.f("uq_ledger_accounts_owner_type_owner_id_purpose_unit"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "posted",
                "voided",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("source_type", sa.String(length=50), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'pending' AND posted_at IS NULL AND voided_at IS NULL) OR (status = 'posted' AND posted_at IS NOT NULL AND voided_at IS NULL) OR (status = 'voided' AND voided_at IS NOT NULL AND posted_at IS NULL)",
            name=op.f("ck_ledger_transfers_times_fit_status"),
        ),
        sa.CheckConstraint("entry_count >= 2", name=op.f("ck_ledger_transfers_two_entries")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_transfers.id"], name=op.f("fk_ledger_transfers_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfers")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_transfers_idempotency_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_transfers_reverses_id")),
    )
    op.create_index(
        op.f("ix_ledger_transfers_created_at_id"), "ledger_transfers", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_ledger_transfers_group_id"), "ledger_transfers", ["group_id"], unique=False)
    op.create_index(
        "ix_ledger_transfers_pending",
        "ledger_transfers",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        op.f("ix_ledger_transfers_source_type_source_id"),
        "ledger_transfers",
        ["source_type", "source_id"],
        unique=False,
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entries_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_entries_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_ledger_entries_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("transfer_id", "seq", name=op.f("uq_ledger_entries_transfer_id_seq")),
    )
    op.create_index(
        op.f("ix_ledger_entries_account_id_created_at_id"),
        "ledger_entries",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    for body in _FUNCTIONS.values():
        op.execute(body)
    for trigger in _TRIGGERS:
        op.execute(trigger)
    for account_id, purpose, unit in _HOUSE:
        op.execute(
            sa.text(
                "INSERT INTO ledger_accounts"
                " (id, owner_type, purpose, unit, keeps_balance, may_go_negative, created_at)"
                " VALUES (CAST(:id AS uuid), 'platform', :purpose, :unit, false, true, now())"
            ).bindparams(id=account_id, purpose=purpose, unit=unit)
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_ledger_entries_account_id_created_at_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_ledger_transfers_source_type_source_id"), table_name="ledger_transfers")
    op.drop_index(
        "ix_ledger_transfers_pending",
        table_name="ledger_transfers",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index(op.f("ix_ledger_transfers_group_id"), table_name="ledger_transfers")
    op.drop_index(op.f("ix_ledger_transfers_created_at_id"), table_name="ledger_transfers")
    op.drop_table("ledger_transfers")
    op.drop_table("ledger_accounts")
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
