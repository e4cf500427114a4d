"""What people decide about their own data."""

from __future__ import annotations

from wtforms import BooleanField

from portal.kernel.forms import PortalForm, required
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
