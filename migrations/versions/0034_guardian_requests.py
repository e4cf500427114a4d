"""A guardian is asked by address, and stands in the profile once they have said yes (PPL-13).

Who was named and has not answered becomes a question to the address they have proved, or else sign in with.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_WAIT = """
    INSERT INTO guardian_requests
        (id, minor_user_id, contact, mailbox, relationship_type, asked_at, expires_at, told_at, created_at, updated_at)
    SELECT gen_random_uuid(), asked.user_id, asked.contact,
           CASE WHEN asked.host IN ('gmail.com', 'googlemail.com') THEN replace(asked.name, '.', '') || '@gmail.com'
                WHEN asked.host <> '' THEN asked.name || '@' || asked.host
                ELSE asked.contact END,
           asked.relationship_type, now(), now() + interval '30 days', now(), now(), now()
    FROM (
        SELECT found.*, regexp_replace(split_part(found.contact, '@', 1), '[+].*$', '') AS name,
               split_part(found.contact, '@', 2) AS host
        FROM (
            SELECT profiles.user_id, profiles.relationship_type,
                   coalesce(CASE WHEN users.email_verified_at IS NOT NULL THEN lower(users.email) END,
                            CASE WHEN users.phone_verified_at IS NOT NULL THEN users.phone END,
                            lower(users.email), users.phone) AS contact
            FROM profiles JOIN users ON users.id = profiles.guardian_user_id
            WHERE profiles.guardian_confirmed_at IS NULL AND profiles.guardian_refused_at IS NULL
              AND profiles.date_of_birth > current_date - interval '18 years'
        ) AS found
        WHERE found.contact IS NOT NULL
    ) AS asked
"""
_ONLY_SAID = """
    UPDATE profiles
    SET guardian_user_id = NULL, relationship_type = NULL,
        stated_birthday = CASE WHEN date_of_birth > current_date - interval '18 years' THEN date_of_birth END,
        date_of_birth = CASE WHEN date_of_birth > current_date - interval '18 years' THEN NULL ELSE date_of_birth END
    WHERE guardian_user_id IS NOT NULL AND guardian_confirmed_at IS NULL AND guardian_refused_at IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "guardian_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("minor_user_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.String(length=255), nullable=False),
        sa.Column("mailbox", sa.String(length=255), nullable=False),
        sa.Column(
            "relationship_type",
            sa.Enum(
                "parent",
                "guardian",
                "sibling",
                "other",
                name="relationship_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "confirmed",
                "refused",
                "withdrawn",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardian_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("expires_at > asked_at", name=op.f("ck_guardian_requests_expires_after_asked")),
        sa.CheckConstraint(
            "(status = 'waiting') = (ended_at IS NULL)", name=op.f("ck_guardian_requests_waits_until_ended")
        ),
        sa.CheckConstraint(
            "(status IN ('confirmed', 'refused')) = (guardian_user_id IS NOT NULL)",
            name=op.f("ck_guardian_requests_answered_by_one"),
        ),
        sa.CheckConstraint(
            "guardian_user_id <> minor_user_id", name=op.f("ck_guardian_requests_not_own_guardian")
        ),
        sa.ForeignKeyConstraint(
            ["minor_user_id"],
            ["users.id"],
            name=op.f("fk_guardian_requests_minor_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_user_id"], ["users.id"], name=op.f("fk_guardian_requests_guardian_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_requests")),
    )
    _index("minor_user_id", "id")
    _index("guardian_user_id")
    _index("contact")
    _index("mailbox", "told_at")
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "uq_guardian_requests_waiting",
        "guardian_requests",
        ["minor_user_id"],
        unique=True,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_guardian_requests_to_expire", "guardian_requests", ["expires_at"], postgresql_where=waiting
    )
    op.execute(_WAIT)
    op.execute(_ONLY_SAID)
    op.create_check_constraint(
        op.f("ck_profiles_guardian_has_answered"),
        "profiles",
        "guardian_user_id IS NULL OR guardian_confirmed_at IS NOT NULL OR guardian_refused_at IS NOT NULL",
    )
    op.create_index(
        "ix_profiles_stated_birthday",
        "profiles",
        ["stated_birthday"],
        postgresql_where=sa.text("stated_birthday IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_profiles_stated_birthday", table_name="profiles")
    op.drop_constraint(op.f("ck_profiles_guardian_has_answered"), "profiles", type_="check")
    op.drop_table("guardian_requests")


def _index(*columns: str) -> None:
    op.create_index(op.f(f"ix_guardian_requests_{'_'.join(columns)}"), "guardian_requests", [*columns])
