"""On which channels a message goes, and when: preferences, quiet hours and the digest (R-58, R-59)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.config.values import DIGEST_HOUR, value_of
from portal.notifications.models import (
    Category,
    Channel,
    DigestFrequency,
    NotificationPreferences,
    Priority,
)
from portal.notifications.recipients import Recipient

# Channels with a way out today. WhatsApp and push join when their gateways are configured.
AVAILABLE = frozenset({Channel.IN_APP, Channel.EMAIL, Channel.SMS})
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery to be: the channel, the address, when, and whether the digest carries it."""

    channel: Channel
    address: str
    scheduled_at: datetime
    awaits_digest: bool = False
    is_urgent: bool = False


def plan(
    recipient: Recipient,
    channels: Sequence[Channel],
    category: Category,
    priority: Priority,
    moment: datetime,
) -> list[Planned]:
    """The deliveries of one message: template channels that exist, are reachable and are wanted.

    Urgent and security messages are never held and keep at least one channel (R-59).
    """
    reachable = [channel for channel in channels if channel in AVAILABLE and _address(recipient, channel)]
    if category is Category.MARKETING:
        # The one place that decides: no offer goes where its channel was not agreed to (R-59, NTF-42).
        reachable = [channel for channel in reachable if channel in recipient.offers]
    cannot_wait = priority is Priority.URGENT or category is Category.SECURITY
    wanted = [channel for channel in reachable if wants(recipient.preferences, category, channel)]
    if cannot_wait and not wanted:
        wanted = sorted(reachable, key=lambda channel: channel is Channel.IN_APP)[:1]
    if cannot_wait or recipient.user_id is None:
        return [
            Planned(channel, _address(recipient, channel), moment, is_urgent=cannot_wait)
            for channel in wanted
        ]
    return [_timed(recipient, channel, category, priority, moment) for channel in wanted]


def wants(preferences: NotificationPreferences, category: Category, channel: Channel) -> bool:
    """Whether a person wants this topic on this channel.

    The channel's switch comes first, then the override for topic and channel, then the topic's switch.
    Marketing needs consent that was given (NTF-42).
    """
    if not getattr(preferences, f"{channel}_enabled"):
        return False
    consented: bool = getattr(preferences, f"{category}_notifications", True)
    if category is Category.MARKETING and not consented:
        return False
    override = preferences.overrides.get(category, {}).get(channel)
    return override if isinstance(override, bool) else consented


def end_of_quiet(moment: datetime, zone: ZoneInfo, quiet_from: time, quiet_until: time) -> datetime:
    """`moment`, or the end of the quiet hours it falls into; they may span midnight (NTF-44)."""
    local = moment.astimezone(zone)
    clock_time = local.time()
    if quiet_from <= quiet_until:
        is_quiet = quiet_from <= clock_time < quiet_until
    else:
        is_quiet = clock_time >= quiet_from or clock_time < quiet_until
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=0 if clock_time < quiet_until else 1)
    end = datetime.combine(day, quiet_until, zone).astimezone(moment.tzinfo)
    return max(moment, end)


def next_digest(moment: datetime, zone: ZoneInfo, frequency: DigestFrequency, hour: int) -> datetime:
    """The next time a digest leaves: every day at `hour` of the person's clock, or on Mondays."""
    local = moment.astimezone(zone)
    day = local.date() + timedelta(days=0 if local.hour < hour else 1)
    if frequency is DigestFrequency.WEEKLY:
        day += timedelta(days=(_MONDAY - day.weekday()) % 7)
    return datetime.combine(day, time(hour), zone).astimezone(moment.tzinfo)


def _timed(
    recipient: Recipient, channel: Channel, category: Category, priority: Priority, moment: datetime
) -> Planned:
    address, preferences = _address(recipient, channel), recipient.preferences
    if channel is Channel.IN_APP:
        return Planned(channel, address, moment)
    in_digest = (
        channel is Channel.EMAIL
        and preferences.digest_frequency is not DigestFrequency.IMMEDIATE
        and priority is not Priority.HIGH
        and category is not Category.PAYMENT
    )
    when = moment
    if in_digest:
        when = next_digest(moment, recipient.zone, preferences.digest_frequency, value_of(DIGEST_HOUR))
    if preferences.quiet_hours_enabled:
        when = end_of_quiet(when, recipient.zone, preferences.quiet_from, preferences.quiet_until)
    return Planned(channel, address, when, in_digest)


def _address(recipient: Recipient, channel: Channel) -> str:
    """Where the channel reaches the person; empty when it does not."""
    if channel is Channel.IN_APP:
        return str(recipient.user_id) if recipient.user_id else ""
    return recipient.addresses.get(channel, "")
