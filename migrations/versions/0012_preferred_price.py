"""A pot remembers what its preferred pack cost when the owner wished for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pots", sa.Column("preferred_price_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_pots_preferred_price_positive"), "pots", "preferred_price_minor > 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_pots_preferred_price_positive"), "pots", type_="check")
    op.drop_column("pots", "preferred_price_minor")
