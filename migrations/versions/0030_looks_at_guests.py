"""Looks at people without an account are known by a mark of their address; payments and invitations can be opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import conv

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OPENED = ("person_page", "search", "identity_paper", "gift", "file", "looked_as")
_TABLE = "data_accesses"
_INDEX = conv("ix_data_accesses_contact_mark")
_ONE_SUBJECT = conv("ck_data_accesses_one_subject")


def upgrade() -> None:
    _allow(*_OPENED, "payment", "invitation")
    op.add_column(_TABLE, sa.Column("contact_mark", sa.String(length=64), nullable=True))
    op.alter_column(_TABLE, "subject_user_id", nullable=True)
    op.create_check_constraint(_ONE_SUBJECT, _TABLE, "num_nonnulls(subject_user_id, contact_mark) = 1")
    is_marked = sa.text("contact_mark IS NOT NULL")
    op.create_index(_INDEX, _TABLE, ["contact_mark"], postgresql_where=is_marked)


def downgrade() -> None:
    # Looks at nobody with an account have no place in the older table.
    op.execute(f"ALTER TABLE {_TABLE} DISABLE TRIGGER data_accesses_append_only")
    op.execute(f"DELETE FROM {_TABLE} WHERE contact_mark IS NOT NULL")
    op.execute(f"UPDATE {_TABLE} SET opened = 'person_page' WHERE opened IN ('payment', 'invitation')")
    op.execute(f"ALTER TABLE {_TABLE} ENABLE TRIGGER data_accesses_append_only")
    op.drop_index(_INDEX, table_name=_TABLE)
    op.drop_constraint(_ONE_SUBJECT, _TABLE, type_="check")
    op.alter_column(_TABLE, "subject_user_id", nullable=False)
    op.drop_column(_TABLE, "contact_mark")
    _allow(*_OPENED)


def _allow(*values: str) -> None:
    allowed = ", ".join(repr(value) for value in values)
    op.drop_constraint(op.f("ck_data_accesses_opened"), _TABLE, type_="check")
    op.create_check_constraint(op.f("ck_data_accesses_opened"), _TABLE, f"opened IN ({allowed})")
