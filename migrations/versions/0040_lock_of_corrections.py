"""A policy on the corrections of settlements: each house sees its own, as it does of settlements (R-18)."""

from __future__ import annotations

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_TABLE = "settlement_adjustments"
_EVERYTHING = "(SELECT current_setting('portal.scope', true)) IN ('system', 'staff')"
_OWN = "partner_id = ANY ((SELECT string_to_array(current_setting('portal.partner_ids', true), ',')::uuid[])::uuid[])"


def upgrade() -> None:
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {_TABLE}_of_the_house ON {_TABLE} USING ({_EVERYTHING} OR {_OWN})")


def downgrade() -> None:
    op.execute(f"DROP POLICY {_TABLE}_of_the_house ON {_TABLE}")
    op.execute(f"ALTER TABLE {_TABLE} DISABLE ROW LEVEL SECURITY")
