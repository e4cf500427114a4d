"""Accounts and names as a team page shows them.

People and identity stand on the same floor, and identity already leans on partners. So this room reads
the few columns it shows, and writes none of them.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, Uuid, column, func, select, table

from portal.kernel.db import db
from portal.kernel.phones import parse_e164

users = table(
    "users", column("id", Uuid()), column("email", Text()), column("phone", Text()), column("status", Text())
)
profiles = table("profiles", column("user_id", Uuid()), column("full_name", Text()))


def account_at(contact: str) -> UUID | None:
    """The active account with this e-mail address or phone number, as people type them."""
    typed = contact.strip()
    if "@" in typed:
        matches = func.lower(users.c.email) == typed.lower()
    else:
        number = parse_e164(typed)
        if number is None:
            return None
        matches = users.c.phone == number
    statement = select(users.c.id).where(matches, users.c.status == "active")
    return db.session.execute(statement).scalar_one_or_none()
