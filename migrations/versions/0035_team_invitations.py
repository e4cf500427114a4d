"""Invitations into teams and companies, seen by the organisation and by whoever reads what is sent there (PRT-12, R-18)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TABLE = "team_invitations"
_OUTCOMES = ("waiting", "accepted", "declined", "canceled", "expired")
_CHECKS = {
    "of_one_organisation": "num_nonnulls(partner_id, company_id) = 1",
    "role_of_its_kind": "role IN ('owner', 'manager') OR role = CASE WHEN company_id IS NULL THEN 'staff' ELSE 'viewer' END",
    "contact_normalised": "contact = lower(contact) AND btrim(contact) <> ''",
    "expires_after_sent": "expires_at > sent_at",
    "sent_once": "times_sent >= 1",
    "answer_has_time": "(answered_at IS NULL) <> (outcome IN ('accepted', 'declined', 'canceled'))",
    "answer_has_person": "(user_id IS NULL) <> (outcome IN ('accepted', 'declined'))",
}
_ME = "(SELECT nullif(current_setting('portal.user_id', true), '')::uuid)"


def upgrade() -> None:
    _make_table()
    for kind in ("partner", "company"):
        op.create_index(
            f"uq_{_TABLE}_waiting_{kind}",
            _TABLE,
            [f"{kind}_id", "contact"],
            unique=True,
            postgresql_where=sa.text(f"outcome = 'waiting' AND {kind}_id IS NOT NULL"),
        )
        op.create_index(op.f(f"ix_{_TABLE}_{kind}_id_sent_at"), _TABLE, [f"{kind}_id", "sent_at"])
    op.create_index(
        f"ix_{_TABLE}_to_expire", _TABLE, ["expires_at"], postgresql_where=sa.text("outcome = 'waiting'")
    )
    op.create_index(op.f(f"ix_{_TABLE}_contact_sent_at"), _TABLE, ["contact", "sent_at"])
    op.create_index(op.f(f"ix_{_TABLE}_user_id"), _TABLE, ["user_id"])
    op.create_index(op.f(f"ix_{_TABLE}_invited_by"), _TABLE, ["invited_by"])
    _guard()


def downgrade() -> None:
    op.drop_table(_TABLE)


def _make_table() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("contact", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*_OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=20),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_sent", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        *[sa.CheckConstraint(rule, name=op.f(f"ck_{_TABLE}_{name}")) for name, rule in _CHECKS.items()],
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f(f"fk_{_TABLE}_partner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["sponsor_companies.id"],
            name=op.f(f"fk_{_TABLE}_company_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f(f"fk_{_TABLE}_invited_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{_TABLE}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )


def _guard() -> None:
    """The organisation sees and changes its own; whoever has proved the contact, or has answered, may read."""
    everything = "(SELECT current_setting('portal.scope', true)) IN ('system', 'staff')"
    own = " OR ".join(
        f"{kind}_id = ANY ((SELECT string_to_array(current_setting('portal.{kind}_ids', true), ',')::uuid[])::uuid[])"
        for kind in ("partner", "company")
    )
    proved = " UNION ALL ".join(
        f"SELECT lower({kind}) FROM users WHERE id = {_ME} AND {kind}_verified_at IS NOT NULL"
        for kind in ("email", "phone")
    )
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {_TABLE}_of_the_organisation ON {_TABLE} USING ({everything} OR {own})")
    op.execute(
        f"CREATE POLICY {_TABLE}_to_read ON {_TABLE} FOR SELECT "
        f"USING (user_id = {_ME} OR (user_id IS NULL AND contact IN ({proved})))"
    )
