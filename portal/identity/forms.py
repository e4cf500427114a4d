"""What people fill in at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import Field, HiddenField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.identity import passwords
from portal.identity.models import Passkey
from portal.identity.wrong_codes import is_length_of_code
from portal.kernel.forms import AtMost, PortalForm, email_field, phone_field, required, text_field
from portal.kernel.i18n import _, lazy
from portal.people.forms import birthday_field

# Answers of passkeys are two thousand characters long; some carry a chain of certificates.
LONGEST_ANSWER = 20_000
_AN_EMAIL = lazy("Please enter your e-mail address.")


def _password_field(label: str, autocomplete: str, *rules: Any, hint: str = "") -> PasswordField:
    return PasswordField(
        label,
        [required(lazy("Please enter your password.")), AtMost(passwords.LONGEST), *rules],
        description=hint,
        render_kw={"autocomplete": autocomplete},
    )


def _new_password_field(label: str) -> PasswordField:
    hint = lazy("At least 8 characters. Three or four words one after another are easy to keep in mind.")
    return _password_field(label, "new-password", hint=hint)


def _full_name_field() -> StringField:
    return text_field(
        lazy("Full name"), 255, required(lazy("Please enter your name.")), render_kw={"autocomplete": "name"}
    )


class PasswordSignInForm(PortalForm):
    """E-mail address and password."""

    email = email_field(lazy("E-mail address"), required(_AN_EMAIL), render_kw={"autocomplete": "username"})
    password = _password_field(lazy("Password"), "current-password")


class ProofPasswordForm(PortalForm):
    """The password, of somebody who is signed in already."""

    password = _password_field(lazy("Password"), "current-password")


class AllDigits:
    """As many digits as a code has now: a slip of the finger costs no try."""

    def __call__(self, form: Any, field: Field) -> None:
        typed = field.data or ""
        if not (typed.isascii() and typed.isdigit() and is_length_of_code(len(typed))):
            raise ValidationError(_("A digit of the code is missing, or one is too many."))


class AskForCodeForm(PortalForm):
    """The number a code is sent to."""

    phone = phone_field(
        lazy("Phone number"),
        required(lazy("Please enter your phone number.")),
        description=lazy("We send you a code by SMS. Example: 77 123 45 67."),
    )


class CodeForm(PortalForm):
    """The code that was sent."""

    code = StringField(
        lazy("Code"),
        [
            required(lazy("Please enter the code from the SMS.")),
            AllDigits(),
        ],
        filters=[lambda typed: "".join((typed or "").split())],
    )


class FactorForm(PortalForm):
    """What the app shows now, or one of the recovery codes."""

    code = StringField(
        lazy("Code"),
        [required(lazy("Please enter the code that your app shows.")), AtMost(30)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )


class TakeBackForm(PortalForm):
    """Which of the passkeys in doubt are one's own; the others go."""

    keeps = SelectMultipleField(
        lazy("Which of these passkeys are yours?"),
        choices=(),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, passkeys: Sequence[Passkey]) -> None:
        super().__init__()
        self.keeps.choices = [(str(passkey.id), passkey.name) for passkey in passkeys]
        #: When each was added, by its value.
        self.added = {str(passkey.id): passkey.created_at for passkey in passkeys}

    def chosen(self) -> list[UUID]:
        """The passkeys that stay."""
        return [UUID(one) for one in self.keeps.data or ()]


class EnrolForm(PortalForm):
    """The first code of a new app."""

    code = StringField(
        lazy("Code"),
        [
            required(lazy("Please enter the code that your app shows.")),
            Regexp(r"^[0-9]{6}\Z", message=lazy("The code has 6 digits.")),
        ],
        filters=[lambda typed: "".join((typed or "").split())],
    )


def _answer_field() -> HiddenField:
    return HiddenField(
        "credential", [required(lazy("Your browser has not used a passkey.")), AtMost(LONGEST_ANSWER)]
    )


class PasskeyForm(PortalForm):
    """What the browser says for a passkey."""

    credential = _answer_field()


class PasskeyNameForm(PortalForm):
    """What its holder calls a passkey."""

    name = text_field(
        lazy("Name"),
        100,
        required(lazy("Please give it a name.")),
        description=lazy("For example: my phone."),
    )


class NewPasskeyForm(PasskeyNameForm):
    """A new passkey, and what its holder calls it."""

    credential = _answer_field()


class SignUpForm(PortalForm):
    """The address that is written to before an account is opened for it."""

    email = email_field(lazy("E-mail address"), required(_AN_EMAIL))


class MailSignUpForm(PortalForm):
    """What is still missing once an address is proved."""

    full_name = _full_name_field()
    password = _new_password_field(lazy("Password"))
    date_of_birth = birthday_field()


class PhoneSignUpForm(PortalForm):
    """What is still missing once a number is proved."""

    full_name = _full_name_field()
    date_of_birth = birthday_field()


class ForgottenForm(PortalForm):
    """The address a new-password link is sent to."""

    email = email_field(lazy("E-mail address"), required(_AN_EMAIL))


class NewPasswordForm(PortalForm):
    """A new password."""

    password = _new_password_field(lazy("New password"))


class ChangePasswordForm(PortalForm):
    """The present password and another one."""

    present = _password_field(lazy("Present password"), "current-password")
    password = _new_password_field(lazy("New password"))


class EmptyForm(PortalForm):
    """One button and the token that guards it."""
