"""What has become of an invitation into a team is called its status, as everywhere else.

Lines of history written before keep the name that the column had then: no hand changes history.
"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLE = "team_invitations"


def upgrade() -> None:
    _rename("outcome", "status")


def downgrade() -> None:
    _rename("status", "outcome")


def _rename(old: str, new: str) -> None:
    op.alter_column(_TABLE, old, new_column_name=new)
    op.execute(f"ALTER TABLE {_TABLE} RENAME CONSTRAINT ck_{_TABLE}_{old} TO ck_{_TABLE}_{new}")
    # Newer databases name this after the column, older ones not at all: made anew it is right in both.
    for null in (True, False):
        op.alter_column(_TABLE, new, nullable=null)
