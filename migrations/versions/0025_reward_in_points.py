"""What a campaign gives in points is a whole number that is not negative, or nothing (REF-21)."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SIDES = ("referrer", "referee")


def upgrade() -> None:
    for side in _SIDES:
        points = f"{side}_reward -> 'points'"
        op.create_check_constraint(
            op.f(f"ck_referral_campaigns_{side}_points_whole"),
            "referral_campaigns",
            f"{points} IS NULL OR jsonb_typeof({points}) = 'number' "
            f"AND ({points})::numeric BETWEEN 0 AND 1000000 AND ({points})::numeric % 1 = 0",
        )


def downgrade() -> None:
    for side in _SIDES:
        op.drop_constraint(op.f(f"ck_referral_campaigns_{side}_points_whole"), "referral_campaigns")
