"""How states, channels and topics read on a page."""

from __future__ import annotations

from portal.kernel.i18n import marked
from portal.notifications.models import Category, Channel, NotificationType

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
PAGE_WORDS = {
    "TYPE_WORDS": TYPE_WORDS,
    "CHANNEL_WORDS": CHANNEL_WORDS,
    "TOPIC_WORDS": TOPIC_WORDS,
    "TOPIC_ICONS": TOPIC_ICONS,
}
