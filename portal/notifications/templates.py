"""Versions of words: the code's first, an operator's afterwards; the active one is spoken (R-60)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.services import record
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, InvalidInput, NotFound
from portal.kernel.i18n import LANGUAGES, STORED, _, language_of
from portal.kernel.money import francs
from portal.kernel.roles import Role
from portal.notifications.catalog import (
    REGISTRY,
    MessageTemplate,
    Text,
    WordsError,
    check,
    fill,
    fill_html,
    template_for,
)
from portal.notifications.links import clean_mail, leads_elsewhere
from portal.notifications.models import Category, Channel, NotificationTemplate
from portal.notifications.wording import text_of


def sync_templates() -> int:
    """Write the code's words where no version exists, and anew where they changed and nobody edited them.

    How many versions were written; running it again writes none.
    """
    # Two starts at once would both write the first version.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("message words", 0))))
    active = {
        (row.template_key, row.locale): row
        for row in db.session.scalars(select(NotificationTemplate).where(NotificationTemplate.is_active))
    }
    written = 0
    for message in REGISTRY.values():
        for language, text in message.texts.items():
            current = active.get((message.key, STORED[language]))
            if current is None or _is_outdated(current, message, text):
                _add_version(message, STORED[language], text, message.channels, current)
                written += 1
    db.session.flush()
    return written


def new_version(
    template_id: UUID, text: Text, channels: tuple[Channel, ...], *, by: Actor
) -> NotificationTemplate:
    """Replace the active words of a template's language by `text` (NTF-25).

    Raises `InvalidInput` when the text names a variable the event does not give or leads elsewhere than to the
    portal, `Forbidden` for words on safety by anybody but a super admin, `NotFound` for a stranger.
    """
    asked = db.session.get(NotificationTemplate, template_id)
    if asked is None or asked.template_key not in REGISTRY:
        raise NotFound
    message = template_for(asked.template_key)
    if message.category is Category.SECURITY and not by.has_role(Role.SUPER_ADMIN):
        raise Forbidden(_("Only a super admin rewrites messages on the safety of accounts."))
    _refuse_words(message, text)
    if text.html is not None:
        text = replace(text, html=clean_mail(text.html))
    current = db.session.scalars(
        select(NotificationTemplate)
        .where(
            NotificationTemplate.template_key == asked.template_key,
            NotificationTemplate.locale == asked.locale,
            NotificationTemplate.is_active,
        )
        .with_for_update()
    ).one()
    made = _add_version(message, asked.locale, text, channels, current, by)
    record(
        "notification_template_changed",
        ("notification_template", made.id),
        by=by,
        old={"version": current.version},
        new={"version": made.version, "template_key": made.template_key, "locale": made.locale},
    )
    return made


def sample_data(message: MessageTemplate) -> dict[str, str]:
    """Each variable as a preview shows it: an amount, a number, else the variable's own name."""
    shown = {"number": "12", "money": francs(15_000)}
    return {name: shown.get(kind, f"[{name}]") for name, kind in message.variables.items()}


def preview(template: NotificationTemplate) -> Text:
    """The words with sample data filled in."""
    values = sample_data(template_for(template.template_key))
    text = text_of(template)
    return Text(
        subject=fill(text.subject, values),
        body=fill(text.body, values),
        sms=fill(text.sms, values) if text.sms else None,
        action=fill(text.action, values) if text.action else None,
        html=fill_html(text.html, values) if text.html else None,
    )


def language_name(template: NotificationTemplate) -> str:
    """The language of a version, in that language."""
    return LANGUAGES[language_of(template.locale)]


def _refuse_words(message: MessageTemplate, text: Text) -> None:
    """Raise `InvalidInput` for words that lead elsewhere or want what the event does not give."""
    if any(leads_elsewhere(part) for part in text.parts()):
        raise InvalidInput(_("Links may lead to the portal only: please use the placeholders."), field="body")
    try:
        check(message.key, text, message.variables)
    except WordsError:
        known = ", ".join("{" + name + "}" for name in sorted(message.variables)) or "—"
        raise InvalidInput(
            _("Only these placeholders can be filled in: %(known)s", known=known), field="body"
        ) from None


def _is_outdated(row: NotificationTemplate, message: MessageTemplate, text: Text) -> bool:
    """Whether a version that came from the code says something else than the code does now."""
    if row.created_by is not None:
        return False
    return text_of(row) != text or row.channels != list(message.channels)


def _add_version(
    message: MessageTemplate,
    locale: str,
    text: Text,
    channels: tuple[Channel, ...],
    current: NotificationTemplate | None,
    by: Actor | None = None,
) -> NotificationTemplate:
    if current is not None:
        current.is_active = False
        # One active version for each key and language: the old one steps down first.
        db.session.flush()
    row = NotificationTemplate(
        template_key=message.key,
        name=message.key.replace("_", " ").capitalize(),
        locale=locale,
        version=current.version + 1 if current else 1,
        channels=list(channels),
        subject=text.subject,
        body_text=text.body,
        body_html=text.html,
        body_sms=text.sms,
        action_text=text.action,
        variables=dict(message.variables),
        created_by=by.user_id if by else None,
    )
    db.session.add(row)
    db.session.flush()
    return row
