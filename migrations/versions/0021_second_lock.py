"""Policies on the rows of partners: a transaction sees and changes those it has declared itself for (R-18)."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SCOPE = "(SELECT current_setting('portal.scope', true))"
_EVERYTHING = f"{_SCOPE} IN ('system', 'staff')"
_OWN = "partner_id = ANY ((SELECT string_to_array(current_setting('portal.partner_ids', true), ',')::uuid[])::uuid[])"
_MINE = "user_id = (SELECT nullif(current_setting('portal.user_id', true), '')::uuid)"
_ANYBODY = f"{_SCOPE} <> ''"
_TABLES = ("partner_members", "partner_venues", "partner_settlements", "qr_redemption_logs")
# What may be read beyond one's own house: the places one has oneself, and where any house serves.
_READ = {"partner_members": _MINE, "partner_venues": _ANYBODY}


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_the_house ON {table} USING ({_EVERYTHING} OR {_OWN})")
    for table, condition in _READ.items():
        op.execute(f"CREATE POLICY {table}_to_read ON {table} FOR SELECT USING ({condition})")


def downgrade() -> None:
    for table in _READ:
        op.execute(f"DROP POLICY {table}_to_read ON {table}")
    for table in _TABLES:
        op.execute(f"DROP POLICY {table}_of_the_house ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
