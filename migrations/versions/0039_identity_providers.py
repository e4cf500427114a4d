"""Who says who somebody is, is called an identity provider; a house is a partner (ID-33 to ID-36).

What the trail says of it keeps the word of its time: no hand changes the trail.
"""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_KEYED = ("notification_templates", "notification_deliveries", "notification_analytics")


def upgrade() -> None:
    _rename("house", "provider")


def downgrade() -> None:
    _rename("provider", "house")


def _rename(old: str, new: str) -> None:
    for event in ("linked", "unlinked"):
        op.execute(
            f"UPDATE security_events SET event_type = '{new}_{event}', "
            f"details = details - '{old}' || jsonb_build_object('{new}', details -> '{old}') "
            f"WHERE event_type = '{old}_{event}'"
        )
        for table in _KEYED:
            op.execute(
                f"UPDATE {table} SET template_key = '{new}_{event}' WHERE template_key = '{old}_{event}'"
            )
    op.execute(f"UPDATE login_attempts SET reason = '{new}_refused' WHERE reason = '{old}_refused'")
