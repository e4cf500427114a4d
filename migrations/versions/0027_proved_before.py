"""Whether an address that was changed had been proved: only then is what it says elsewhere the person's (PRV-02)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact_changes",
        sa.Column("old_is_proved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("contact_changes", "old_is_proved")
