"""Text messages of a day are counted by country, codes by the network that asks; one list of countries for both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_TABLE = "day_counts"
_RENAME = sa.text("UPDATE system_config SET config_key = :new WHERE config_key = :old")
_OF_CODES, _OF_TEXTS = "identity.code_countries", "notifications.text_countries"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("matter", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_day_counts_taken_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_counts")),
        sa.UniqueConstraint("day", "matter", "part", name=op.f("uq_day_counts_day_matter_part")),
    )
    op.add_column("verification_tokens", sa.Column("network_hash", sa.String(length=255), nullable=True))
    op.execute(_RENAME.bindparams(old=_OF_CODES, new=_OF_TEXTS))


def downgrade() -> None:
    op.execute(_RENAME.bindparams(old=_OF_TEXTS, new=_OF_CODES))
    op.drop_column("verification_tokens", "network_hash")
    op.drop_table(_TABLE)
