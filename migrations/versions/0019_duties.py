"""Admins have duties: what each of them is there for. Those who steer now go on as before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ALL = "ARRAY['finance','operations','support']::text[]"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("duties", ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_users_duties_known"), "users", f"duties <@ {_ALL}")
    op.execute(f"UPDATE users SET duties = {_ALL} WHERE roles @> ARRAY['admin']::text[]")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_users_duties_known"), "users", type_="check")
    op.drop_column("users", "duties")
