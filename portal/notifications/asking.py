"""Questions that reach somebody because another person typed their address or number (PRV-02).

1. A message that `asks` says what of. Whoever has asked not to be asked this gets it nowhere but in an account of theirs,
   and the sender is not told.
2. To somebody without an account it carries a key: one short address, in a text message too. Its page (the room of
   privacy) takes a no, also for the future, and the wish to be forgotten. The key is chance and names nobody; it opens
   the same page whether or not there is an account by now, and is gone when the message is.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from portal.consent.models import Asked
from portal.consent.refusals import wants_no
from portal.identity.directory import place_of
from portal.kernel.db import db
from portal.kernel.ids import UNAMBIGUOUS, random_code
from portal.notifications.models import Notification
from portal.notifications.recipients import Recipient

KEY_LENGTH = 12
#: Stands in the action link of a question where its key comes.
KEY = "{key}"
ANSWER_LINK = f"/q/{KEY}"


def new_key() -> str:
    """A key that nobody guesses and that can be typed."""
    return random_code(KEY_LENGTH, UNAMBIGUOUS)


def where_wanted(person: Recipient, kind: Asked) -> Recipient:
    """The person, without the addresses whose reader does not want to be asked this."""
    wanted = {
        channel: address
        for channel, address in person.addresses.items()
        if not wants_no(kind, place_of(address))
    }
    return replace(person, addresses=wanted)


def question_at(key: str) -> Notification | None:
    """The question that this key came with; None for none of ours, or one that is forgotten."""
    typed = key.strip().upper()
    if len(typed) != KEY_LENGTH or not typed.isascii():
        return None
    return db.session.scalars(select(Notification).where(Notification.answer_key == typed)).one_or_none()
