"""What people decide about their own data."""

from __future__ import annotations

from wtforms import BooleanField

from portal.config.values import MOST_DIGITS
from portal.kernel.forms import PortalForm, required, text_field
from portal.kernel.i18n import lazy
from portal.notifications.models import Channel


class OffersForm(PortalForm):
    """On which channels offers may come; none unless the person says so."""

    email = BooleanField(lazy("By e-mail"))
    sms = BooleanField(lazy("By text message"))
    whatsapp = BooleanField(lazy("By WhatsApp"))
    push = BooleanField(lazy("On the phone's screen"))

    def wanted(self) -> dict[Channel, bool]:
        """The answer for each channel."""
        return {
            channel: bool(self[channel.value].data)
            for channel in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH)
        }


class LeaveForm(PortalForm):
    """The last question before the account is closed."""

    sure = BooleanField(
        lazy("Yes, close my account now and erase my data afterwards"),
        [required(lazy("Please confirm that you want this."))],
    )


class ForgetGiftForm(PortalForm):
    """The last question before a gift forgets who gave it."""

    sure = BooleanField(
        lazy("Yes, erase my name, my number and my message"),
        [required(lazy("Please confirm that you want this."))],
    )


class AskToForgetForm(PortalForm):
    """Where a donor was reached when they gave."""

    contact = text_field(
        lazy("E-mail address or phone number"),
        255,
        required(lazy("Please enter the address or the number you gave with.")),
        description=lazy("The one that you left with your gift."),
        render_kw={"autocomplete": "email"},
    )


class ForgetCodeForm(PortalForm):
    """The code that was sent to a donor."""

    code = text_field(
        lazy("Code"),
        MOST_DIGITS,
        required(lazy("Please enter the code.")),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
