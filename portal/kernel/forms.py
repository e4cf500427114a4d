"""Forms: one base, and validators that speak our own sentences (WTForms has none in Wolof)."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.kernel.errors import DomainError
from portal.kernel.i18n import _, lazy
from portal.kernel.phones import MAX_TYPED_LENGTH, parse_e164


class PortalForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """A form of the portal. `take` puts a service's refusal beside the field it belongs to."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Every message is ours."""

        def get_translations(self, form: Any) -> None:
            """No catalog of WTForms' own: its sentences are never shown."""

    def take(self, error: DomainError) -> None:
        """Show the refusal of a service at its field, or above the form."""
        field = self._fields.get(error.field) if error.field else None
        if field is not None:
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)


def required(message: str | None = None) -> InputRequired:
    """The field must be filled in."""
    return InputRequired(message or lazy("Please fill in this field."))


def optional() -> Optional:
    """The field may stay empty; other rules then do not apply."""
    return Optional(strip_whitespace=True)


class AtMost(Length):  # type: ignore[misc]
    """At most `limit` characters, also told to the browser."""

    def __init__(self, limit: int) -> None:
        super().__init__(max=limit)

    def __call__(self, form: Any, field: Field) -> None:
        data = field.data or ""
        if len(data) > self.max:
            raise ValidationError(_("Please use at most %(limit)s characters.", limit=self.max))
        if "\x00" in data:
            raise ValidationError(_("This text contains a sign that cannot be stored."))


class Between(NumberRange):  # type: ignore[misc]
    """A whole number from `low` to `high`, also told to the browser."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is None or not self.min <= field.data <= self.max:
            message = _("Please enter a whole number from %(low)s to %(high)s.", low=self.min, high=self.max)
            raise ValidationError(message)


class PhoneNumber:
    """A number that can be called, as people write it; the service stores its E.164 form."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and parse_e164(field.data) is None:
            raise ValidationError(_("This phone number does not look right. Example: 77 123 45 67."))


def trimmed(value: str | None) -> str | None:
    """The text without the blanks around it; an empty one is None."""
    return (value or "").strip() or None


def text_field(label: str, limit: int, *rules: Any, **options: Any) -> StringField:
    """A line of text, trimmed, of at most `limit` characters."""
    return StringField(label, [*rules, AtMost(limit)], filters=[trimmed], **options)


def long_text_field(label: str, limit: int, *rules: Any, **options: Any) -> TextAreaField:
    """Several lines of text, trimmed, of at most `limit` characters."""
    return TextAreaField(label, [*rules, AtMost(limit)], filters=[trimmed], **options)


def phone_field(label: str, *rules: Any, **options: Any) -> StringField:
    """A phone number as people write it."""
    rules = (*rules, AtMost(MAX_TYPED_LENGTH), PhoneNumber())
    return StringField(label, rules, filters=[trimmed], **options)
