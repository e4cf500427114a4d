"""Forms: one base, and validators that speak our own sentences (WTForms has none in Wolof)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField as FlaskFileField
from sqlalchemy.orm import SessionTransaction
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    EmailField,
    Field,
    FileField,
    IntegerField,
    SelectChoice,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from portal.kernel.db import db
from portal.kernel.errors import DomainError, InvalidInput, TooMany
from portal.kernel.i18n import _, lazy, marked
from portal.kernel.money import grouped
from portal.kernel.phones import MAX_TYPED_LENGTH, for_people, parse_e164

MAX_EMAIL_LENGTH = 255
# Longer than any field of one line; what lies beyond is refused without being looked at.
_LONGEST_LINE = 10_000
# What stands behind the last dot of a name and is no word of a sentence.
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})$")

# What a field of WTForms says by itself when it cannot read its value, and what we say instead.
_SENTENCES = {
    "Not a valid date value.": marked("Please enter a whole date."),
    "Not a valid datetime value.": marked("Please enter a whole date and time."),
    "Not a valid choice.": marked("Please choose one of the answers on offer."),
    "Invalid Choice: could not coerce.": marked("Please choose one of the answers on offer."),
}


class _OurSentences:
    """Stands where WTForms looks for its catalog."""

    def gettext(self, sentence: str) -> str:
        """Our sentence for one of WTForms' own."""
        return _(_SENTENCES.get(sentence, marked("Please check this field.")))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """As `gettext`; WTForms counts only in validators that we do not use."""
        return self.gettext(singular if count == 1 else plural)


class PortalForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """A form of the portal. `take` puts a service's refusal beside the field it belongs to."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Every message is ours, and a file is never taken for a text.

        The token was checked before the view (`portal.web.factory`), once.
        """

        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; a file counts only where the form has room for one."""
            given = super().wrap_formdata(form, formdata)
            if not isinstance(given, CombinedMultiDict):
                return given
            sent = request.files.items(multi=True)
            files = [(name, file) for name, file in sent if isinstance(form._fields.get(name), FileField)]
            return CombinedMultiDict((MultiDict(files), request.form))

        def get_translations(self, form: Any) -> _OurSentences:
            """No catalog of WTForms' own: its sentences are never shown."""
            return _OurSentences()

    def take(self, error: DomainError) -> None:
        """Show the refusal of a service at its field, or above the form."""
        field = self._fields.get(error.field) if error.field else None
        if field is not None:
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)

    def attempt(self) -> Attempt:
        """`with form.attempt():` does the block's work or none of it, and shows a refusal on the form.

        The view answers inside the block when the work is done, and shows the page again after it.
        """
        return Attempt(self)


class Attempt:
    """A savepoint that turns a service's refusal into words on a form; a reached limit stays an error."""

    def __init__(self, form: PortalForm) -> None:
        self._form = form
        self._savepoint: SessionTransaction | None = None

    def __enter__(self) -> None:
        self._savepoint = db.session.begin_nested()
        self._savepoint.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        assert self._savepoint is not None
        self._savepoint.__exit__(kind, error, trace)
        if not isinstance(error, DomainError) or isinstance(error, TooMany):
            return False
        self._form.take(error)
        return True


class Required(InputRequired):  # type: ignore[misc]
    """Something must be there once the blanks around it are gone, also told to the browser."""

    def __call__(self, form: Any, field: Field) -> None:
        super().__call__(form, field)
        text = field.data
        if not field.process_errors and (text is None or (isinstance(text, str) and trimmed(text) is None)):
            raise StopValidation(self.message)


def required(message: str | None = None) -> Required:
    """The field must be filled in."""
    return Required(message or lazy("Please fill in this field."))


def optional() -> Optional:
    """The field may stay empty; other rules then do not apply."""
    return Optional(strip_whitespace=True)


class AtMost(Length):  # type: ignore[misc]
    """At most `limit` characters, also told to the browser; the rules that follow never see more."""

    def __init__(self, limit: int) -> None:
        super().__init__(max=limit)

    def __call__(self, form: Any, field: Field) -> None:
        data = field.data or ""
        if len(data) > self.max:
            raise StopValidation(_("Please use at most %(limit)s characters.", limit=self.max))
        if "\x00" in data:
            raise ValidationError(_("This text contains a sign that cannot be stored."))


class EndsIn:
    """The name of a file, where it has an ending, has one of these; what the file is, its content says (ASVS 5.2.2)."""

    def __init__(self, endings: tuple[str, ...]) -> None:
        self._endings = endings

    def __call__(self, form: Any, field: Field) -> None:
        found = _ENDING.search(getattr(field.data, "filename", None) or "")
        if found and found[1].lower() not in self._endings:
            known = ", ".join(f".{ending}" for ending in self._endings)
            raise StopValidation(
                _("The name of this file has to end in one of these: %(known)s.", known=known)
            )


class Between(NumberRange):  # type: ignore[misc]
    """A whole number from `low` to `high`, also told to the browser."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is None or not self.min <= field.data <= self.max:
            message = _(
                "Please enter a whole number from %(low)s to %(high)s.",
                low=grouped(self.min),
                high=grouped(self.max),
            )
            raise ValidationError(message)


class EmailAddress:
    """An address that mail can be sent to, by its form alone."""

    def __call__(self, form: Any, field: Field) -> None:
        try:
            validate_email(field.data or "", check_deliverability=False)
        except EmailNotValidError:
            message = _("This e-mail address does not look right. Example: awa@exemple.sn.")
            raise ValidationError(message) from None


class PhoneNumber:
    """A number that can be called, as people write it; the service stores its E.164 form."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and parse_e164(field.data) is None:
            raise ValidationError(_("This phone number does not look right. Example: 77 123 45 67."))


def trimmed(value: str | None) -> str | None:
    """The text without the blanks around it; one in which nothing is to be seen is None."""
    text = (value or "").strip()
    return text if any(sign.isprintable() and not sign.isspace() for sign in text) else None


def one_line(value: str | None) -> str | None:
    """The text in one line with single blanks, without signs that nobody sees or that turn the line around.

    What joins the parts of an emoji stays, and so does NUL, which is refused and not repaired.
    """
    line = (value or "")[:_LONGEST_LINE]
    seen = "".join(sign if sign.isprintable() or sign in "\u200d\x00" else " " for sign in line)
    return trimmed(" ".join(seen.split()))


def text_field(label: str, limit: int, *rules: Any, **options: Any) -> StringField:
    """A line of text of at most `limit` characters."""
    return StringField(label, [*rules, AtMost(limit)], filters=[one_line], **options)


def long_text_field(label: str, limit: int, *rules: Any, **options: Any) -> TextAreaField:
    """Several lines of text, trimmed, of at most `limit` characters."""
    return TextAreaField(label, [*rules, AtMost(limit)], filters=[trimmed], **options)


class _Phone(TelField):  # type: ignore[misc]
    """Shows a stored number as people write it: whoever mends one types the local number."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else for_people(self.data or "")


def phone_field(label: str, *rules: Any, **options: Any) -> StringField:
    """A phone number as people write it."""
    rules = (*rules, AtMost(MAX_TYPED_LENGTH), PhoneNumber())
    return _Phone(label, rules, filters=[trimmed], **options)


def email_field(label: str, *rules: Any, **options: Any) -> StringField:
    """An e-mail address."""
    rules = (*rules, AtMost(MAX_EMAIL_LENGTH), EmailAddress())
    return EmailField(label, rules, filters=[trimmed], **options)


class _WholeNumber(IntegerField):  # type: ignore[misc]
    """Reads `15 000` as well as `15000`, as people copy amounts from the page; digits and a sign, nothing else."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = re.sub(r"\s", "", valuelist[0]) if valuelist else ""
        self.data = None
        if typed and not re.fullmatch(r"[+-]?[0-9]{1,18}", typed):
            raise ValueError(_("Please enter a whole number, in digits."))
        if typed:
            self.data = int(typed)


def file_field(label: str, endings: tuple[str, ...], *rules: Any, **options: Any) -> FileField:
    """A file whose name, where it has an ending, has one of these."""
    return FlaskFileField(label, [*rules, EndsIn(endings)], **options)


def number_field(label: str, low: int, high: int, *rules: Any, **options: Any) -> IntegerField:
    """A whole number from `low` to `high`."""
    return _WholeNumber(label, [*rules, Between(low, high)], **options)


def answers(labels: Mapping[str, str]) -> list[SelectChoice]:
    """The choices of a select or radio field: value to label, labels spoken when they are shown."""
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


class ReasonForm(PortalForm):
    """Why something is decided; kept with the decision and read by those whom it concerns."""

    reason = long_text_field(lazy("Reason"), 500, required(lazy("Please say why.")))


def said_yes(name: str) -> bool:
    """What a button of two says: `yes` or `no`. Raises `InvalidInput` for anything else."""
    said = request.form.get(name)
    if said not in ("yes", "no"):
        raise InvalidInput(_("Please choose one of the answers on offer."))
    return said == "yes"
