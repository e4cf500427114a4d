"""What was said or used first stays known: a minor's day of birth, and by keyed hashes whom a sponsor has brought.

Codes by SMS are counted over all numbers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("profiles", sa.Column("stated_birthday", sa.Date(), nullable=True))
    op.add_column(
        "referrals", sa.Column("friend_marks", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    )
    op.create_index(op.f("ix_verification_tokens_created_at"), "verification_tokens", ["created_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_verification_tokens_created_at"), table_name="verification_tokens")
    op.drop_column("referrals", "friend_marks")
    op.drop_column("profiles", "stated_birthday")
