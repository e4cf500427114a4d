"""Messages about places in teams are counted by where they arrive, however the address is spelled (PRT-12)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = "team_invitations"
_INDEX = "ix_team_invitations_mailbox_sent_at"
_FILL = """
    UPDATE team_invitations SET mailbox = arrives.at
    FROM (
        SELECT id, CASE WHEN host IN ('gmail.com', 'googlemail.com') THEN replace(name, '.', '') || '@gmail.com'
                        WHEN host <> '' THEN name || '@' || host
                        ELSE contact END AS at
        FROM (
            SELECT id, contact, regexp_replace(split_part(contact, '@', 1), '[+].*$', '') AS name,
                   split_part(contact, '@', 2) AS host
            FROM team_invitations WHERE contact LIKE '%@%'
            UNION ALL
            SELECT id, contact, '', '' FROM team_invitations WHERE contact NOT LIKE '%@%'
        ) AS parts
    ) AS arrives
    WHERE arrives.id = team_invitations.id
"""


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("mailbox", sa.String(length=255), nullable=True))
    op.execute(_FILL)
    op.alter_column(_TABLE, "mailbox", nullable=False)
    op.create_index(op.f(_INDEX), _TABLE, ["mailbox", "sent_at"])


def downgrade() -> None:
    op.drop_index(op.f(_INDEX), _TABLE)
    op.drop_column(_TABLE, "mailbox")
