"""A sponsor writes to somebody they have brought, who may say no to that (PPL-28)."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.names import refuse_links
from portal.people.birthdays import locked_profile
from portal.people.events import letter_sent
from portal.people.seeing import seen_person

LONGEST_LETTER = 500


def write_to_friend(user_id: UUID, sponsor_id: UUID, words: str, *, by: Actor) -> None:
    """Send a few words to somebody this sponsor has brought.

    Raises `NotFound` where they may not write, `InvalidInput` for words with a web address in them.
    """
    refuse_links(words, "words")
    # Whoever says no at this moment has said it before the letter or after it, never in between.
    locked_profile(user_id)
    if not seen_person(user_id, sponsor_id).may_write:
        raise NotFound
    letter_sent.send(user_id, sponsor_id=sponsor_id, words=words, by=by)
