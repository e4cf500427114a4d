"""That a link was opened is forgotten after two years, and not before (PRV-09)."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_ONLY_FORGETS = """
    CREATE OR REPLACE FUNCTION only_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.ip_address IS NULL AND NEW.user_agent IS NULL
           AND to_jsonb(NEW) - 'ip_address' - 'user_agent' = to_jsonb(OLD) - 'ip_address' - 'user_agent' THEN
            RETURN NEW;
        END IF;
        {old}RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
_OLD = """IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'referral_clicks'
           AND OLD.occurred_at < now() - interval '2 years' THEN
            RETURN OLD;
        END IF;
        """


def upgrade() -> None:
    op.execute(_ONLY_FORGETS.format(old=_OLD))
    op.create_index(op.f("ix_referral_clicks_occurred_at"), "referral_clicks", ["occurred_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_clicks_occurred_at"), table_name="referral_clicks")
    op.execute(_ONLY_FORGETS.format(old=""))
