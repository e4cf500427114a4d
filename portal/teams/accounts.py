"""Accounts and names as a team page shows them.

The rooms of people and identity lean on partners, and partners on this room. So the few columns that are shown
are read here, and none is written.
"""

from __future__ import annotations

from sqlalchemy import Text, Uuid, column, table

users = table("users", column("id", Uuid()), column("email", Text()), column("phone", Text()))
profiles = table("profiles", column("user_id", Uuid()), column("full_name", Text()))
