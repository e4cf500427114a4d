"""An index for every foreign key, and for the runs that the sweep looks after."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_partner_periods_partner_id"), "partner_periods", ["partner_id"])
    op.create_index(op.f("ix_point_awards_referral_id"), "point_awards", ["referral_id"])
    op.create_index(
        "ix_job_runs_running", "job_runs", ["started_at"], postgresql_where=sa.text("status = 'running'")
    )


def downgrade() -> None:
    op.drop_index("ix_job_runs_running", "job_runs")
    op.drop_index(op.f("ix_point_awards_referral_id"), "point_awards")
    op.drop_index(op.f("ix_partner_periods_partner_id"), "partner_periods")
