"""Which words are in force: the active row an operator may have edited, else the text of the code."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.i18n import DEFAULT_LANGUAGE, STORED
from portal.notifications.catalog import MessageTemplate, Text, WordsError, check
from portal.notifications.models import Channel, NotificationTemplate

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """A message's text in one language with its channels, and the row it comes from (None: from the code)."""

    template_id: UUID | None
    language: str
    channels: tuple[Channel, ...]
    text: Text


def words_in_force(message: MessageTemplate, language: str) -> Words:
    """The words for a reader of `language`, else the French ones (NTF-19, R-60). One statement."""
    rows = db.session.scalars(
        select(NotificationTemplate).where(
            NotificationTemplate.template_key == message.key,
            NotificationTemplate.locale.in_({STORED[language], STORED[DEFAULT_LANGUAGE]}),
            NotificationTemplate.is_active,
        )
    )
    stored = {row.locale: row for row in rows}
    for candidate in (language, DEFAULT_LANGUAGE):
        row = stored.get(STORED[candidate])
        if row is not None and _fits(message, row):
            return Words(row.id, candidate, tuple(map(Channel, row.channels)), text_of(row))
        if candidate in message.texts:
            return Words(None, candidate, message.channels, message.texts[candidate])
    raise AssertionError("a registered message has French words")


def _fits(message: MessageTemplate, row: NotificationTemplate) -> bool:
    """Whether an edited version still names only variables that are given; else the code's words are used."""
    try:
        check(message.key, text_of(row), message.variables)
    except WordsError as error:
        log.error("edited_words_do_not_fit", template_id=str(row.id), detail=str(error))
        return False
    return True


def text_of(row: NotificationTemplate) -> Text:
    """The words of a stored version."""
    return Text(row.subject or "", row.body_text, row.body_sms, row.action_text, row.body_html)
