"""How states, channels and topics read on a page."""

from __future__ import annotations

import re

from flask_babel import get_locale

from portal.config.texting import Passage
from portal.kernel.i18n import marked
from portal.notifications.catalog import REGISTRY
from portal.notifications.deliveries import EXPIRED
from portal.notifications.models import Category, Channel, NotificationType

_BLANK = re.compile(r"\{\w+\}")

TYPE_WORDS = {
    NotificationType.STATUS_UPDATE: marked("News"),
    NotificationType.REMINDER: marked("Reminders"),
    NotificationType.REFERRAL: marked("Invitations"),
    NotificationType.SYSTEM: marked("Account"),
    NotificationType.PROMOTIONAL: marked("Offers"),
}
CHANNEL_WORDS = {
    Channel.IN_APP: marked("In the portal"),
    Channel.EMAIL: marked("By e-mail"),
    Channel.SMS: marked("By text message"),
    Channel.WHATSAPP: marked("By WhatsApp"),
    Channel.PUSH: marked("On the phone's screen"),
}
TOPIC_WORDS = {
    Category.POT: marked("Pots"),
    Category.DONATION: marked("Gifts of money"),
    Category.REFERRAL: marked("Invitations and points"),
    Category.MARKETING: marked("Offers"),
    Category.CASE: marked("Cases"),
    Category.LEAD: marked("Requests"),
    Category.PAYMENT: marked("Payments"),
    Category.EVENT: marked("Events"),
    Category.COMMUNITY: marked("Summaries"),
    Category.SECURITY: marked("Safety of the account"),
}
TOPIC_ICONS = {
    Category.POT: "gift",
    Category.DONATION: "heart",
    Category.REFERRAL: "invite",
    Category.MARKETING: "spark",
    Category.CASE: "case",
    Category.LEAD: "document",
    Category.PAYMENT: "wallet",
    Category.EVENT: "calendar",
    Category.COMMUNITY: "users",
    Category.SECURITY: "shield",
}

# Why a message was not handed over, where a rule of ours says so; a provider's codes are shown as they are.
REASON_WORDS = {
    EXPIRED: marked("its time was over"),
    Passage.DAY_IS_FULL: marked("too many today to numbers nobody has proved"),
    Passage.NOT_SERVED: marked("no messages to numbers like this before somebody has proved them"),
}


def message_name(key: str) -> str:
    """What a message is about: its subject in the reader's language, blanks left open."""
    known = REGISTRY.get(key)
    return _BLANK.sub("…", known.text(str(get_locale())).subject) if known else key


PAGE_WORDS: dict[str, object] = {
    "message_name": message_name,
    "TYPE_WORDS": TYPE_WORDS,
    "CHANNEL_WORDS": CHANNEL_WORDS,
    "REASON_WORDS": REASON_WORDS,
    "TOPIC_WORDS": TOPIC_WORDS,
    "TOPIC_ICONS": TOPIC_ICONS,
}
