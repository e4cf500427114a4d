"""Policies on the rows of sponsor companies: a transaction sees and changes those it has declared itself for (R-18)."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_EVERYTHING = "(SELECT current_setting('portal.scope', true)) IN ('system', 'staff')"
_DECLARED = "ANY ((SELECT string_to_array(current_setting('portal.company_ids', true), ',')::uuid[])::uuid[])"
_MINE = "user_id = (SELECT nullif(current_setting('portal.user_id', true), '')::uuid)"
_OWN = {"sponsor_companies": "id", "sponsor_company_members": "company_id"}


def upgrade() -> None:
    for table, company in _OWN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_of_the_company ON {table} USING ({_EVERYTHING} OR {company} = {_DECLARED})"
        )
    # What may be read beyond one's own company: the places one has oneself.
    op.execute(
        f"CREATE POLICY sponsor_company_members_to_read ON sponsor_company_members FOR SELECT USING ({_MINE})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY sponsor_company_members_to_read ON sponsor_company_members")
    for table in _OWN:
        op.execute(f"DROP POLICY {table}_of_the_company ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
