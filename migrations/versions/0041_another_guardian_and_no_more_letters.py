"""A guardian who has said yes can be changed, and whoever has no account can say no and be forgotten (PPL-15, PRV-02).

Contacts that asked not to be written to are kept as keyed hashes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guardian_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("minor_user_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "ended",
                "refused",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'waiting') = (ended_at IS NULL)", name=op.f("ck_guardian_changes_waits_until_ended")
        ),
        sa.CheckConstraint(
            "guardian_user_id <> minor_user_id", name=op.f("ck_guardian_changes_not_own_guardian")
        ),
        sa.ForeignKeyConstraint(
            ["minor_user_id"],
            ["users.id"],
            name=op.f("fk_guardian_changes_minor_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_user_id"], ["users.id"], name=op.f("fk_guardian_changes_guardian_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_changes")),
    )
    op.create_index(
        "uq_guardian_changes_waiting",
        "guardian_changes",
        ["minor_user_id"],
        unique=True,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    for columns in (["minor_user_id"], ["guardian_user_id"], ["status", "id"]):
        op.create_index(op.f(f"ix_guardian_changes_{'_'.join(columns)}"), "guardian_changes", columns)
    op.create_table(
        "contact_refusals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "guardian",
                "team",
                "friend",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("contact_mark", sa.String(length=64), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_refusals")),
        sa.UniqueConstraint("contact_mark", "kind", name=op.f("uq_contact_refusals_contact_mark_kind")),
    )
    op.add_column("notifications", sa.Column("answer_key", sa.String(length=20), nullable=True))
    op.create_index(
        "uq_notifications_answer_key",
        "notifications",
        ["answer_key"],
        unique=True,
        postgresql_where=sa.text("answer_key IS NOT NULL"),
    )
    _replace(
        "guardian_requests",
        "answered_by_one",
        "CASE status WHEN 'confirmed' THEN guardian_user_id IS NOT NULL WHEN 'refused' THEN true"
        " ELSE guardian_user_id IS NULL END",
    )
    _replace(
        "team_invitations",
        "answer_has_person",
        "CASE status WHEN 'accepted' THEN user_id IS NOT NULL WHEN 'declined' THEN true"
        " ELSE user_id IS NULL END",
    )


def downgrade() -> None:
    # What was refused without an account has no place in the earlier tables.
    op.execute("DELETE FROM guardian_requests WHERE status = 'refused' AND guardian_user_id IS NULL")
    op.execute("DELETE FROM team_invitations WHERE status = 'declined' AND user_id IS NULL")
    _replace(
        "team_invitations",
        "answer_has_person",
        "(user_id IS NULL) <> (status IN ('accepted', 'declined'))",
    )
    _replace(
        "guardian_requests",
        "answered_by_one",
        "(status IN ('confirmed', 'refused')) = (guardian_user_id IS NOT NULL)",
    )
    op.drop_index("uq_notifications_answer_key", table_name="notifications")
    op.drop_column("notifications", "answer_key")
    op.drop_table("contact_refusals")
    op.drop_table("guardian_changes")


def _replace(table: str, rule: str, condition: str) -> None:
    name = op.f(f"ck_{table}_{rule}")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, condition)
