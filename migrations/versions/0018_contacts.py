"""A changed e-mail address or number can be taken back for some days; a link may prove a new address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PURPOSES = ("sign_in", "sign_up", "confirm_contact", "unlock")


def upgrade() -> None:
    _allow_purposes(*_PURPOSES, "change_contact")
    op.create_table(
        "contact_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("old_value", sa.String(length=255), nullable=True),
        sa.Column("new_value", sa.String(length=255), nullable=False),
        sa.Column("take_back_hash", sa.String(length=255), nullable=True),
        sa.Column("take_back_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_contact_changes_kind")),
        sa.CheckConstraint(
            "(old_value IS NULL) = (take_back_hash IS NULL) AND (old_value IS NULL) = (take_back_until IS NULL)",
            name=op.f("ck_contact_changes_old_one_may_take_back"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contact_changes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_changes")),
        sa.UniqueConstraint("take_back_hash", name=op.f("uq_contact_changes_take_back_hash")),
    )
    op.create_index(op.f("ix_contact_changes_user_id"), "contact_changes", ["user_id"])
    op.create_index(op.f("ix_contact_changes_old_value"), "contact_changes", ["old_value"])


def downgrade() -> None:
    op.drop_table("contact_changes")
    op.execute("DELETE FROM verification_tokens WHERE purpose = 'change_contact'")
    _allow_purposes(*_PURPOSES)


def _allow_purposes(*purposes: str) -> None:
    name = op.f("ck_verification_tokens_purpose")
    op.drop_constraint(name, "verification_tokens", type_="check")
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.create_check_constraint(name, "verification_tokens", f"purpose IN ({listed})")
