"""A delivery as a mail: the words on our paper, with the one action and the way to hear less."""

from __future__ import annotations

import re
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal.gateways.mail import Mail
from portal.kernel.i18n import language_of, speaking
from portal.kernel.ids import parse_id
from portal.kernel.pages import public_url
from portal.notifications.deliveries import Parcel
from portal.notifications.models import Category

_PAPER = "emails/message.html"
_PLAIN_PAPER = "emails/message.txt"
# Words that keep an account safe, and proofs of payment, are not something one unsubscribes from.
OBLIGATORY = frozenset({Category.SECURITY, Category.PAYMENT})


def mail_for(parcel: Parcel) -> Mail:
    """The parcel as a mail; its Message-ID is the same for every attempt at the same message."""
    unsubscribe = unsubscribe_url(parcel.user_id, parcel.category)
    values = {
        "title": parcel.subject or "",
        "paragraphs": [part.split("\n") for part in re.split(r"\n{2,}", parcel.body.strip())],
        "body": parcel.body,
        "body_html": parcel.body_html,
        "action_url": public_url(parcel.action_link) if parcel.action_link else "",
        "action_text": parcel.action_text or "",
        "is_guest": parcel.user_id is None,
        # What keeps an account safe, or offers a place, goes to addresses that may never have given.
        "may_have_given": parcel.category is not Category.SECURITY,
        # Whoever gave without an account may be forgotten without one (G-34).
        "forget_url": public_url("/gifts/forget"),
        "preferences_url": public_url("/settings/notifications") if parcel.user_id else "",
        "locale": parcel.locale,
    }
    environment = current_app.jinja_env
    with speaking(language_of(parcel.locale)):
        html = environment.get_template(_PAPER).render(values)
        text = environment.get_template(_PLAIN_PAPER).render(values)
    return Mail(
        message_id=message_id(parcel),
        to=parcel.address,
        subject=" ".join((parcel.subject or "Teranga").split()),
        text=text,
        html=html,
        unsubscribe_url=unsubscribe,
    )


def message_id(parcel: Parcel) -> str:
    """Stable over attempts, so that a mailbox merges what was taken although the answer was lost."""
    domain = re.sub(r"[^A-Za-z0-9.-].*$", "", current_app.config["SETTINGS"].mail_from.rpartition("@")[2])
    return f"<{parcel.notification_id.hex}.{parcel.channel}@{domain or 'localhost'}>"


def unsubscribe_url(user_id: UUID | None, category: Category) -> str | None:
    """The address that takes one click to stop mails of this topic; None where there is no choice."""
    if user_id is None or category in OBLIGATORY:
        return None
    return public_url(f"/unsubscribe/{_serializer().dumps([str(user_id), category])}")


def read_unsubscribe(token: str) -> tuple[UUID, Category] | None:
    """Who wants to stop hearing of what; None for a token we did not make."""
    try:
        user_id, category = _serializer().loads(token)
        known = parse_id(user_id)
        return (known, Category(category)) if known else None
    except (BadData, ValueError, TypeError):
        return None


def _serializer() -> URLSafeSerializer:
    config = current_app.config
    return URLSafeSerializer([*config["SECRET_KEY_FALLBACKS"], config["SECRET_KEY"]], salt="unsubscribe")
