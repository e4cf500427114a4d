"""How long what is kept: one rule a kind of row, with its period and what goes then (PRV-07 to PRV-13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from portal.audit.models import DataAccess
from portal.config import privacy_values as keep
from portal.config.values import SESSION_IDLE_DAYS, Setting, value_of
from portal.identity import models as doors
from portal.kernel import clock
from portal.kernel.i18n import lazy
from portal.notifications.models import Notification, NotificationAnalytics
from portal.payments.models import PaymentTransaction
from portal.payments.personal import OF_THE_PAYER
from portal.people.models import GuardianChange, GuardianRequest
from portal.pots.models import Donation, DonationStatus, Pot, PotAnalytics, PotStatus
from portal.pots.personal import OF_THE_DONOR
from portal.privacy.models import PrivacyRequest, RequestStatus
from portal.redemptions.models import QrCode, RedemptionLog
from portal.referrals.models import PointsConversion, ReferralClick, SponsorContactBatch
from portal.teams.models import InvitationStatus, TeamInvitation

_UNSEEN = {"ip_address": None, "user_agent": None}
_PAYER = literal(list(OF_THE_PAYER), ARRAY(Text))


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of one kind: until when they are kept, and what they lose then (all of it without `loses`)."""

    key: str
    label: str
    setting: Setting[int]
    model: Any
    due: Callable[[datetime], ColumnElement[bool]]
    loses: Mapping[str, Any] | None = None

    @property
    def days(self) -> int:
        """The period in force."""
        return value_of(self.setting)

    def is_due(self) -> ColumnElement[bool]:
        """Which rows have been kept long enough now."""
        return self.due(clock.now() - timedelta(days=self.days))


def _knows_donor() -> ColumnElement[bool]:
    return or_(*[getattr(Donation, name).is_distinct_from(left) for name, left in OF_THE_DONOR.items()])


def _has_ended(limit: datetime) -> ColumnElement[bool]:
    """Sessions that had ended at that moment: by time, by hand, or because nobody used them."""
    session, idle = doors.UserSession, timedelta(days=value_of(SESSION_IDLE_DAYS))
    return func.least(session.expires_at, session.revoked_at, session.last_seen_at + idle) < limit


def _has_network(model: Any) -> ColumnElement[bool]:
    return or_(model.ip_address.is_not(None), model.user_agent.is_not(None))


def _is_older(moment: Any, limit: datetime, kept: str) -> ColumnElement[bool]:
    """Rows before the limit that the database lets go: it keeps them for `kept` by its own clock."""
    return and_(moment < limit, moment < func.now() - text(f"interval '{kept}'"))


def _is_settled(limit: datetime) -> ColumnElement[bool]:
    """Changes of an address or number that nobody could take back any more at that moment."""
    return func.coalesce(doors.ContactChange.take_back_until, doors.ContactChange.created_at) < limit


def _never_opened(limit: datetime) -> ColumnElement[bool]:
    """Pots that ended before they opened, and for a birthday that is over: nothing was ever given to them."""
    return and_(
        Pot.status == PotStatus.CLOSED,
        Pot.actual_opened_at.is_(None),
        Pot.closed_at < limit,
        Pot.birthday_date < clock.local_date(limit),
        Pot.raised_minor == 0,
        Pot.credited_minor == 0,
        *[~exists().where(other.pot_id == Pot.id) for other in (Donation, QrCode, PointsConversion)],
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "sessions",
        lazy("Ended sign-ins"),
        keep.KEEP_SESSIONS,
        doors.UserSession,
        _has_ended,
    ),
    Rule(
        "active_days",
        lazy("Activity dates"),
        keep.KEEP_ACTIVE_DAYS,
        doors.ActiveDay,
        lambda limit: doors.ActiveDay.day < clock.local_date(limit),
    ),
    Rule(
        "staff_sessions",
        lazy("Staff sessions"),
        keep.KEEP_SESSIONS,
        doors.AdminSession,
        lambda limit: doors.AdminSession.expires_at < limit,
    ),
    Rule(
        "devices",
        lazy("Devices that nobody uses any more"),
        keep.KEEP_SESSIONS,
        doors.DeviceRegistration,
        lambda limit: doors.DeviceRegistration.last_seen_at < limit,
    ),
    Rule(
        "attempts",
        lazy("Sign-in attempts"),
        keep.KEEP_ATTEMPTS,
        doors.LoginAttempt,
        lambda limit: doors.LoginAttempt.occurred_at < limit,
    ),
    Rule(
        "codes",
        lazy("Codes and links that were sent"),
        keep.KEEP_ATTEMPTS,
        doors.VerificationToken,
        lambda limit: doors.VerificationToken.expires_at < limit,
    ),
    Rule(
        "password_links",
        lazy("Links to a new password"),
        keep.KEEP_ATTEMPTS,
        doors.PasswordResetToken,
        lambda limit: doors.PasswordResetToken.expires_at < limit,
    ),
    Rule(
        "contacts",
        lazy("Earlier addresses and numbers, never confirmed"),
        keep.KEEP_CONTACTS,
        doors.ContactChange,
        lambda limit: _is_settled(limit) & ~doors.ContactChange.old_is_proved,
    ),
    Rule(
        "proved_contacts",
        lazy("Earlier addresses and numbers, once confirmed"),
        keep.KEEP_FINANCIAL,
        doors.ContactChange,
        # As long as a gift given under one of them, by which the erasure finds it.
        lambda limit: _is_settled(limit) & doors.ContactChange.old_is_proved,
    ),
    Rule(
        "guardian_requests",
        lazy("Questions to guardians that were answered, withdrawn or too old"),
        keep.KEEP_GUARDIAN_REQUESTS,
        GuardianRequest,
        lambda limit: GuardianRequest.ended_at < limit,
    ),
    Rule(
        "guardian_changes",
        lazy("Questions for another guardian that are over"),
        keep.KEEP_GUARDIAN_REQUESTS,
        GuardianChange,
        lambda limit: GuardianChange.ended_at < limit,
    ),
    Rule(
        "guest_messages",
        lazy("Messages to people without an account"),
        keep.KEEP_GUEST_MESSAGES,
        Notification,
        lambda limit: Notification.user_id.is_(None) & (Notification.created_at < limit),
    ),
    Rule(
        "clicks",
        lazy("Network addresses of opened links"),
        keep.KEEP_NETWORKS,
        ReferralClick,
        lambda limit: (ReferralClick.occurred_at < limit) & _has_network(ReferralClick),
        _UNSEEN,
    ),
    Rule(
        "old_clicks",
        lazy("Opened links"),
        keep.KEEP_STATISTICS,
        ReferralClick,
        lambda limit: _is_older(ReferralClick.occurred_at, limit, "2 years"),
    ),
    Rule(
        "scans",
        lazy("Network addresses of scans"),
        keep.KEEP_NETWORKS,
        RedemptionLog,
        lambda limit: (RedemptionLog.occurred_at < limit) & _has_network(RedemptionLog),
        _UNSEEN,
    ),
    Rule(
        "networks",
        lazy("Network addresses of gifts"),
        keep.KEEP_NETWORKS,
        Donation,
        lambda limit: (Donation.initiated_at < limit) & _has_network(Donation),
        _UNSEEN,
    ),
    Rule(
        "unpaid",
        lazy("Donors of gifts that were never paid"),
        keep.KEEP_UNPAID,
        Donation,
        lambda limit: and_(
            Donation.initiated_at < limit, Donation.status == DonationStatus.FAILED, _knows_donor()
        ),
        OF_THE_DONOR,
    ),
    Rule(
        "batches",
        lazy("Names in batches nobody was invited from"),
        keep.KEEP_DRAFTS,
        SponsorContactBatch,
        lambda limit: and_(
            SponsorContactBatch.updated_at < limit,
            SponsorContactBatch.sent_count == 0,
            SponsorContactBatch.contact_snapshot != [],
        ),
        {"contact_snapshot": []},
    ),
    Rule(
        "team_invitations",
        lazy("Invitations into teams that are answered or over"),
        keep.KEEP_TEAM_INVITATIONS,
        TeamInvitation,
        lambda limit: and_(
            TeamInvitation.status != InvitationStatus.WAITING,
            func.coalesce(TeamInvitation.answered_at, TeamInvitation.expires_at) < limit,
        ),
    ),
    Rule("drafts", lazy("Pots that never opened"), keep.KEEP_DRAFTS, Pot, _never_opened),
    Rule(
        "pot_statistics",
        lazy("Statistics of pots"),
        keep.KEEP_STATISTICS,
        PotAnalytics,
        lambda limit: PotAnalytics.snapshot_date < clock.local_date(limit),
    ),
    Rule(
        "message_statistics",
        lazy("Statistics of messages"),
        keep.KEEP_STATISTICS,
        NotificationAnalytics,
        lambda limit: NotificationAnalytics.date < clock.local_date(limit),
    ),
    Rule(
        "security_events",
        lazy("Security events"),
        keep.KEEP_SECURITY,
        doors.SecurityEvent,
        lambda limit: doors.SecurityEvent.occurred_at < limit,
    ),
    Rule(
        "requests",
        lazy("Requests about data that are done"),
        keep.KEEP_REQUESTS,
        PrivacyRequest,
        lambda limit: and_(
            PrivacyRequest.status.in_((RequestStatus.DONE, RequestStatus.FAILED, RequestStatus.CANCELED)),
            PrivacyRequest.updated_at < limit,
            PrivacyRequest.file_id.is_(None),
        ),
    ),
    Rule(
        "looks",
        lazy("Staff access to people's data"),
        keep.KEEP_LOOKS,
        DataAccess,
        lambda limit: _is_older(DataAccess.occurred_at, limit, "5 years"),
    ),
    Rule(
        "donors",
        lazy("Donors of paid gifts"),
        keep.KEEP_FINANCIAL,
        Donation,
        lambda limit: (Donation.initiated_at < limit) & _knows_donor(),
        OF_THE_DONOR,
    ),
    Rule(
        "payers",
        lazy("Numbers that paid"),
        keep.KEEP_FINANCIAL,
        PaymentTransaction,
        lambda limit: and_(
            PaymentTransaction.created_at < limit, PaymentTransaction.provider_data.has_any(_PAYER)
        ),
        {"provider_data": PaymentTransaction.provider_data.op("-")(_PAYER)},
    ),
)
