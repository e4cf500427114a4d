"""How the kinds of the ledger, of rights and of values read on a page."""

from __future__ import annotations

from datetime import datetime

from portal.admin.trail_words import ACTION_LABELS, RESOURCE_LABELS
from portal.admin.work_words import CHECK_LABELS, CHECK_PROBLEMS, JOB_LABELS, TRANSFER_LABELS
from portal.identity.attempts import Reason
from portal.identity.models import AdminLevel, TerminationReason
from portal.identity.words import EVENTS
from portal.kernel.i18n import LANGUAGES, language_of, lazy
from portal.kernel.roles import Duty, Role
from portal.ledger.models import OwnerType, Purpose

OWNER_LABELS: dict[str, str] = {
    OwnerType.USER: lazy("Person"),
    OwnerType.POT: lazy("Pot"),
    OwnerType.PARTNER: lazy("Partner"),
    OwnerType.SPONSOR_COMPANY: lazy("Company"),
    OwnerType.SPONSOR_CAMPAIGN: lazy("Campaign"),
    OwnerType.PROVIDER: lazy("Payment provider"),
    OwnerType.PLATFORM: lazy("The operator"),
    OwnerType.TRANSACTION: lazy("Transaction"),
}
PURPOSE_LABELS: dict[str, str] = {
    Purpose.WALLET: lazy("Wallet"),
    Purpose.EARNINGS: lazy("Earnings"),
    Purpose.POINTS: lazy("Points"),
    Purpose.FUNDS: lazy("Money of a pot"),
    Purpose.PAYABLE: lazy("Owed to a partner"),
    Purpose.LEAD_CREDITS: lazy("Lead credits"),
    Purpose.BUDGET: lazy("Budget"),
    Purpose.ESCROW: lazy("Held in between"),
    Purpose.CLEARING: lazy("Clearing"),
    Purpose.REVENUE: lazy("Revenue"),
    Purpose.FEES: lazy("Fees"),
    Purpose.COMMISSION: lazy("Commission"),
    Purpose.VOUCHERS: lazy("Vouchers issued"),
    Purpose.PROMOTIONS: lazy("Promotions"),
    Purpose.POINTS_ISSUED: lazy("Points issued"),
    Purpose.CREDITS_ISSUED: lazy("Credits issued"),
}
ROLE_LABELS: dict[str, str] = {
    Role.USER: lazy("User"),
    Role.PARTNER: lazy("Partner"),
    Role.ADMIN: lazy("Administrator"),
    Role.SUPER_ADMIN: lazy("Super administrator"),
}
SUBJECT_LABELS: dict[str, str] = {
    "audit": lazy("Audit log"),
    "api": lazy("API"),
    "donations": lazy("Gifts of money"),
    "identity": lazy("Sign-in and accounts"),
    "invitations": lazy("Invitations"),
    "keep": lazy("Data retention"),
    "notifications": lazy("Messages"),
    "packs": lazy("Packs"),
    "partners": lazy("Partners"),
    "payments": lazy("Payments"),
    "payouts": lazy("Payouts"),
    "people": lazy("People"),
    "points": lazy("Points"),
    "portal": lazy("The portal"),
    "pots": lazy("Pots"),
    "privacy": lazy("Data of people"),
    "redemptions": lazy("Redemptions"),
    "referrals": lazy("Word of mouth"),
    "settlements": lazy("Settlements"),
    "teams": lazy("Teams and who works in them"),
}

EVENT_LABELS: dict[str, str] = {kind: words.title for kind, words in EVENTS.items()}
ATTEMPT_LABELS: dict[str, str] = {
    Reason.SIGNED_IN: lazy("signed in"),
    Reason.CONFIRMED: lazy("confirmed that it is they"),
    Reason.WRONG_PASSWORD: lazy("wrong password"),
    Reason.WRONG_CODE: lazy("wrong code"),
    Reason.WRONG_FACTOR: lazy("wrong code of the second step"),
    Reason.WRONG_PASSKEY: lazy("passkey refused"),
    Reason.PROVIDER_REFUSED: lazy("answer of a service refused"),
    Reason.FIRST_STEP: lazy("first of two steps"),
    Reason.LOCKED: lazy("locked"),
    Reason.NOT_ACTIVE: lazy("account not active"),
    Reason.REOPENED: lazy("lock opened"),
}


def language_name(locale: str) -> str:
    """The language of a stored locale, by its own name."""
    return LANGUAGES[language_of(locale)]


LEVEL_LABELS: dict[str, str] = {
    AdminLevel.REGULAR: lazy("Administrator"),
    AdminLevel.SUPER: lazy("Super administrator"),
    AdminLevel.PARTNER: lazy("Partner"),
    AdminLevel.SPONSOR: lazy("Sponsor"),
}
DUTY_LABELS: dict[str, str] = {
    Duty.SUPPORT: lazy("Support: people, partners and packs"),
    Duty.FINANCE: lazy("Finance: payments, settlements, payouts and the ledger"),
    Duty.OPERATIONS: lazy("Operations: jobs, messages of Wave and settings"),
}
ENDING_LABELS: dict[str, str] = {
    TerminationReason.LOGOUT: lazy("signed out"),
    TerminationReason.TIMEOUT: lazy("ended by time"),
    TerminationReason.REVOKED: lazy("ended by somebody"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "action_labels": ACTION_LABELS,
    "attempt_labels": ATTEMPT_LABELS,
    "check_labels": CHECK_LABELS,
    "check_problems": CHECK_PROBLEMS,
    "duty_labels": DUTY_LABELS,
    "ending_labels": ENDING_LABELS,
    "event_labels": EVENT_LABELS,
    "job_labels": JOB_LABELS,
    "language_name": language_name,
    "level_labels": LEVEL_LABELS,
    "moment_of": datetime.fromisoformat,
    "owner_labels": OWNER_LABELS,
    "purpose_labels": PURPOSE_LABELS,
    "role_labels": ROLE_LABELS,
    "resource_labels": RESOURCE_LABELS,
    "subject_labels": SUBJECT_LABELS,
    "transfer_labels": TRANSFER_LABELS,
}
