"""Second unique keys of what is booked wait for the end of the statement.

`ON CONFLICT (id)` looks for one key only. A row that another transaction moves at that moment can be missed, is
then inserted after all, and would break the second key before the first one sends it back to try again.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OWNER = "uq_ledger_accounts_owner_type_owner_id_purpose_unit"
_REVERSES = "uq_ledger_transfers_reverses_id"


def upgrade() -> None:
    _replace(deferrable=True)


def downgrade() -> None:
    _replace(deferrable=None)


def _replace(*, deferrable: bool | None) -> None:
    initially = "IMMEDIATE" if deferrable else None
    op.drop_constraint(op.f(_OWNER), "ledger_accounts", type_="unique")
    op.create_unique_constraint(
        op.f(_OWNER),
        "ledger_accounts",
        ["owner_type", "owner_id", "purpose", "unit"],
        deferrable=deferrable,
        initially=initially,
        postgresql_nulls_not_distinct=True,
    )
    op.drop_constraint(op.f(_REVERSES), "ledger_transfers", type_="unique")
    op.create_unique_constraint(
        op.f(_REVERSES), "ledger_transfers", ["reverses_id"], deferrable=deferrable, initially=initially
    )
