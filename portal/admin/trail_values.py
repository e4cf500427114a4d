"""What an action of the trail has changed, in the reader's words: every field and value that the code records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from portal.admin.words import DUTY_LABELS, ROLE_LABELS, language_name
from portal.admin.work_words import JOB_LABELS
from portal.audit.models import AuditLog
from portal.config.values import HIDDEN, REGISTRY
from portal.identity.words import UNDONE
from portal.kernel.i18n import lazy
from portal.notifications.words import message_name
from portal.packs.words import CATEGORY_LABELS
from portal.partners.policies import Topic
from portal.partners.words import ROLE_LABELS as MEMBER_LABELS
from portal.partners.words import TERMS_LABELS, TYPE_LABELS
from portal.payments.words import FAILURE_LABELS, REASON_LABELS, REVIEW_LABELS
from portal.payouts.words import REFUSALS
from portal.people.models import Relationship
from portal.referrals.words import STAGE_LABELS

# How the page writes a value down; the words of a `choice` are looked up here.
Kind = Literal["text", "choice", "number", "money", "share", "state", "moment", "yes_no", "id"]


@dataclass(frozen=True, slots=True)
class Field:
    """What a recorded field is called, and how its values read."""

    label: str
    kind: Kind = "text"
    words: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an action; `before` counts only when `had_before`."""

    label: str
    kind: Kind
    after: Any
    before: Any = None
    had_before: bool = False


_RELATIONSHIPS: dict[str, str] = {
    Relationship.PARENT: lazy("Father or mother"),
    Relationship.GUARDIAN: lazy("Guardian"),
    Relationship.SIBLING: lazy("Grown-up brother or sister"),
    Relationship.OTHER: lazy("Another adult of the family"),
}
FIELDS: dict[str, Field] = {
    "amount": Field(lazy("Amount"), "money"),
    "amount_minor": Field(lazy("Amount"), "money"),
    "archive_id": Field(lazy("Kept in this archive"), "id"),
    "attempt": Field(lazy("Attempt"), "number"),
    "attempts": Field(lazy("Attempt"), "number"),
    "auto_approve_redemptions": Field(lazy("A scan is enough"), "yes_no"),
    "available_from": Field(lazy("On offer from"), "moment"),
    "available_until": Field(lazy("On offer until"), "moment"),
    "base_price_minor": Field(lazy("Price"), "money"),
    "business_registration": Field(lazy("Business registration (RCCM)")),
    "category": Field(lazy("Kind of evening"), "choice", CATEGORY_LABELS),
    "city": Field(lazy("Town")),
    "contact_email": Field(lazy("E-mail")),
    "contact_name": Field(lazy("Contact")),
    "contact_phone": Field(lazy("Phone")),
    "date_of_birth": Field(lazy("Day of birth")),
    "description": Field(lazy("What is offered")),
    "destination": Field(lazy("Payout account")),
    "discounted_price_minor": Field(lazy("Reduced price"), "money"),
    "everything_back": Field(lazy("Everything given back"), "yes_no"),
    "fee_minor": Field(lazy("Fee"), "money"),
    "guardian_user_id": Field(lazy("Guardian"), "id"),
    "holder_name": Field(lazy("Name of the account holder")),
    "job": Field(lazy("Job"), "choice", JOB_LABELS),
    "job_id": Field(lazy("Job of the queue")),
    "label": Field(lazy("Payout account")),
    "last_hash": Field(lazy("Hash of the last row")),
    "last_position": Field(lazy("Position of the last row"), "number"),
    "latitude": Field(lazy("Latitude")),
    "locale": Field(lazy("Language")),
    "longitude": Field(lazy("Longitude")),
    "marketing_notifications": Field(lazy("News"), "yes_no"),
    "marketing_tags": Field(lazy("Search words")),
    "max_invitations_per_day": Field(lazy("Invitations of the day"), "number"),
    "max_redemptions_per_user": Field(lazy("How often may one person use it?"), "number"),
    "minimum_payout_minor": Field(lazy("Smallest payout"), "money"),
    "name": Field(lazy("Name")),
    "notes": Field(lazy("Notes")),
    "partner_id": Field(lazy("Partner"), "id"),
    "payment_id": Field(lazy("Payment"), "id"),
    "payment_terms": Field(lazy("Settled"), "choice", TERMS_LABELS),
    "phone": Field(lazy("Phone")),
    "pipeline_stage": Field(lazy("Stage"), "choice", STAGE_LABELS),
    "reason": Field(lazy("Reason"), "choice", REASON_LABELS),
    "redemption_instructions": Field(lazy("How to use it")),
    "region": Field(lazy("Region")),
    "relationship_type": Field(lazy("Who this person is"), "choice", _RELATIONSHIPS),
    "revenue_split_percentage": Field(lazy("The partner's share (%)"), "share"),
    "review_reason": Field(lazy("To check"), "choice", REVIEW_LABELS),
    "role": Field(lazy("Role"), "choice", MEMBER_LABELS),
    "duties": Field(lazy("Duties"), "choice", DUTY_LABELS),
    "roles": Field(lazy("Rights"), "choice", ROLE_LABELS),
    "rows": Field(lazy("Rows"), "number"),
    "seo_description": Field(lazy("Description for search engines")),
    "seo_title": Field(lazy("Title for search engines")),
    "stated_birthday": Field(lazy("Day of birth, as a minor has said it")),
    "status": Field(lazy("State"), "state"),
    "street": Field(lazy("Street")),
    "tax_id": Field(lazy("Tax number (NINEA)")),
    "template_key": Field(lazy("Message")),
    "terms_and_conditions": Field(lazy("Conditions")),
    "total_available_quantity": Field(lazy("How many in all"), "number"),
    "type": Field(lazy("Type of business"), "choice", TYPE_LABELS),
    "undone": Field(lazy("Taken away"), "choice", UNDONE),
    "user_id": Field(lazy("Person"), "id"),
    "validity_days": Field(lazy("Valid for how many days from the birthday?"), "number"),
    "venue_ids": Field(lazy("Only at these places"), "id"),
    "version": Field(lazy("Version"), "number"),
    # What a house wants to be told at its contact address.
    f"notification_settings.{Topic.REDEMPTIONS}": Field(lazy("Message for every gift served"), "yes_no"),
    f"notification_settings.{Topic.SETTLEMENTS}": Field(lazy("Message for settlements"), "yes_no"),
}
_SPEAKERS = {"locale": language_name, "template_key": message_name}


def changes_of(row: AuditLog) -> Iterator[Change]:
    """What the action changed, field by field; what it took away stands alone, and so do a job's own facts."""
    old, new = _flat(row.old_values or {}), _flat(row.new_values or {})
    for name in new | dict.fromkeys(old) | _flat(row.details):
        field = _field(name)
        after = new.get(name, row.details.get(name))
        before = _said(name, field, old.get(name))
        yield Change(field.label, field.kind, _said(name, field, after), before, name in old)


def reason_of(row: AuditLog) -> str:
    """Why it was done: a person's own words, or what a provider's code means."""
    code = row.reason or ""
    return FAILURE_LABELS.get(code) or REFUSALS.get(code) or code


def _field(name: str) -> Field:
    setting = REGISTRY.get(name)
    return Field(setting.label, "number") if setting else FIELDS.get(name, Field(name))


def _said(name: str, field: Field, value: Any) -> Any:
    """The value with the words of a choice in place of its code; lists stay lists."""
    if isinstance(value, list):
        return [_said(name, field, one) for one in value]
    if value is None or isinstance(value, bool) or value == HIDDEN:
        return value
    if field.kind == "share" or (name in REGISTRY and isinstance(REGISTRY[name].default, Decimal)):
        return Decimal(str(value))
    if speak := _SPEAKERS.get(name):
        return speak(str(value))
    return str(field.words.get(str(value), value)) if field.words else value


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Switches that are kept in one field, each by its own name."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": one for key, one in value.items()}
        else:
            flat[name] = value
    return flat
