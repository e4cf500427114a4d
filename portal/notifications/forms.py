"""What people and operators fill in."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectMultipleField, TimeField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.kernel.forms import (
    PortalForm,
    answers,
    email_field,
    long_text_field,
    optional,
    required,
    text_field,
)
from portal.kernel.i18n import lazy
from portal.notifications.catalog import Text
from portal.notifications.inbox import Wishes
from portal.notifications.models import (
    Category,
    Channel,
    DigestFrequency,
    NotificationPreferences,
    NotificationTemplate,
)
from portal.notifications.words import CHANNEL_WORDS

CHANNELS = (Channel.IN_APP, Channel.EMAIL, Channel.SMS)
TOPICS = (Category.POT, Category.DONATION, Category.REFERRAL)


def _checkboxes(label: str, *rules: Any) -> SelectMultipleField:
    """Any of the choices, each with a box of its own."""
    return SelectMultipleField(
        label, [*rules], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class PreferencesForm(PortalForm):
    """Which channels, which topics on which channel, how often, and when not."""

    in_app_enabled = BooleanField(lazy("In the portal"))
    email_enabled = BooleanField(lazy("By e-mail"))
    sms_enabled = BooleanField(lazy("By text message"))
    pot = _checkboxes(lazy("Pots"))
    donation = _checkboxes(lazy("Gifts of money"))
    referral = _checkboxes(lazy("Invitations and points"))
    marketing = BooleanField(lazy("Yes, send me offers and news from Teranga"))
    digest_frequency = RadioField(lazy("News that can wait"), choices=())
    quiet_hours_enabled = BooleanField(lazy("Leave me in peace at night"))
    quiet_from = TimeField(lazy("From"), [required()])
    quiet_until = TimeField(lazy("Until"), [required()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = answers({channel: lazy(CHANNEL_WORDS[channel]) for channel in CHANNELS})
        for topic in TOPICS:
            self[topic].choices = words
        self.digest_frequency.choices = answers(
            {
                DigestFrequency.IMMEDIATE: lazy("At once, each by itself"),
                DigestFrequency.DAILY: lazy("One e-mail a day"),
                DigestFrequency.WEEKLY: lazy("One e-mail a week, on Monday"),
            }
        )

    def show(self, preferences: NotificationPreferences) -> None:
        """Fill the fields with what counts now."""
        for name in ("digest_frequency", "quiet_hours_enabled", "quiet_from", "quiet_until"):
            self[name].data = getattr(preferences, name)
        for channel in CHANNELS:
            self[f"{channel}_enabled"].data = getattr(preferences, f"{channel}_enabled")
        self.marketing.data = preferences.marketing_notifications
        for topic in TOPICS:
            everywhere = getattr(preferences, f"{topic}_notifications")
            by_channel = preferences.overrides.get(topic, {})
            self[topic].data = [
                channel.value for channel in CHANNELS if by_channel.get(channel, everywhere) is True
            ]

    def wishes(self, preferences: NotificationPreferences) -> Wishes:
        """What was filled in; choices for topics this page does not show stay as they are."""
        chosen: dict[Category, list[str]] = {topic: self[topic].data or [] for topic in TOPICS}
        overrides = {
            topic: by_channel
            for topic, by_channel in preferences.overrides.items()
            if topic not in TOPICS and topic != Category.MARKETING
        }
        for topic, channels in chosen.items():
            missing = [channel for channel in CHANNELS if channel.value not in channels]
            if channels and missing:
                overrides[topic.value] = {channel.value: False for channel in missing}
        return Wishes(
            channels={channel: self[f"{channel}_enabled"].data for channel in CHANNELS},
            topics={topic: bool(chosen[topic]) for topic in TOPICS}
            | {Category.MARKETING: self.marketing.data},
            digest_frequency=DigestFrequency(self.digest_frequency.data),
            quiet_hours_enabled=self.quiet_hours_enabled.data,
            quiet_from=self.quiet_from.data,
            quiet_until=self.quiet_until.data,
            overrides=overrides,
        )


class TemplateForm(PortalForm):
    """The words of one message in one language."""

    subject = text_field(lazy("Subject and title"), 255, required())
    body = long_text_field(lazy("Text"), 10_000, required())
    sms = long_text_field(lazy("Text message"), 480, optional())
    action = text_field(lazy("Text on the button"), 100, optional())
    html = long_text_field(lazy("HTML of the mail"), 50_000, optional())
    channels = _checkboxes(lazy("Channels"), required(lazy("Please choose at least one channel.")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels.choices = answers({channel: lazy(words) for channel, words in CHANNEL_WORDS.items()})

    def show(self, template: NotificationTemplate) -> None:
        """Fill the fields with the version's words."""
        self.subject.data = template.subject
        self.body.data = template.body_text
        self.sms.data = template.body_sms
        self.action.data = template.action_text
        self.html.data = template.body_html
        self.channels.data = template.channels

    def text(self) -> Text:
        """The words that were filled in."""
        return Text(self.subject.data, self.body.data, self.sms.data, self.action.data, self.html.data)


class TestSendForm(PortalForm):
    """Where a sample goes."""

    email = email_field(lazy("E-mail address for a sample"), required())
