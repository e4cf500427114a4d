"""The one order in which rows of an account are locked, so that nobody waits for somebody who waits for them.

1. What is tried: tries under one name queue (`one_at_a_time`); the code or challenge that is tried is locked within.
2. The account: whoever locks or changes anything of one holds its row before.
3. Everything that is the account's: links, waiting second steps, passkeys, changes of address, second factor, sessions.

Whoever finds out by a row of 3 whose account it is reads it, holds the account, and reads it again. Organisations are
held before people, several people in the order of their ids. That somebody was there is written last of all, for every
page may write it, and most have held nobody. Every request of a test is watched for it (tests/harness/locks.py).
"""

from __future__ import annotations

from uuid import UUID

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import NotFound

#: Held where there is no account: what is written and how long it takes is the same.
NOBODY = UUID(int=0)


def hold(user_id: UUID, *, closes: bool = False) -> User | None:
    """The account as it is now, with nobody else changing what is its until the end of the transaction.

    Rows that only name it may come meanwhile, unless it `closes`: then those under way are waited for.
    """
    # What is read again forgets what has not been written yet.
    db.session.flush()
    how = {"key_share": not closes}
    return db.session.get(User, user_id, with_for_update=how, populate_existing=True)


def held(user_id: UUID) -> User:
    """As `hold`, of an account that must be there. Raises `NotFound`."""
    user = hold(user_id)
    if user is None:
        raise NotFound
    return user
