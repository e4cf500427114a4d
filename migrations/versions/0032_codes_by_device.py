"""A code says from which known device its number's holder has asked for it: strangers' codes do not count there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import conv

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_TABLE = "verification_tokens"
_KEY = conv("fk_verification_tokens_device_id")
_INDEX = conv("ix_verification_tokens_device_id")


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("device_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(_KEY, _TABLE, "device_registrations", ["device_id"], ["id"], ondelete="SET NULL")
    op.create_index(_INDEX, _TABLE, ["device_id"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name=_TABLE)
    op.drop_constraint(_KEY, _TABLE, type_="foreignkey")
    op.drop_column(_TABLE, "device_id")
