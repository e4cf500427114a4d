"""How long what is kept: one rule a kind of row, each with its period, a dry run and a count (PRV-07 to PRV-13).

Rows go in portions, each in a transaction of its own: killed at any moment, the next run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from portal.config import privacy_values as keep
from portal.config.values import Setting, value_of
from portal.identity import models as doors
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.i18n import lazy
from portal.kernel.models import JobRun
from portal.notifications.models import NotificationAnalytics
from portal.payments.models import PaymentTransaction
from portal.payments.personal import OF_THE_PAYER
from portal.pots.models import Donation, DonationStatus, PotAnalytics
from portal.redemptions.models import RedemptionLog
from portal.referrals.models import ReferralClick

JOB = "privacy.keep_in_time"
_PORTION = 1000
_UNSEEN = {"ip_address": None, "user_agent": None}
_NO_DONOR: Mapping[str, Any] = {
    "donor_name": None,
    "donor_phone": None,
    "donor_email": None,
    "donation_message": None,
    "wave_webhook_data": null(),
    **_UNSEEN,
}


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
    columns = [getattr(Donation, name) for name in _NO_DONOR]
    return or_(*[column.is_not(None) for column in columns])


def _has_network(model: Any) -> ColumnElement[bool]:
    return or_(model.ip_address.is_not(None), model.user_agent.is_not(None))


RULES: tuple[Rule, ...] = (
    Rule(
        "sessions",
        lazy("Ended sign-ins"),
        keep.KEEP_SESSIONS,
        doors.UserSession,
        lambda limit: func.least(doors.UserSession.expires_at, doors.UserSession.revoked_at) < limit,
    ),
    Rule(
        "active_days",
        lazy("Days on which people were there"),
        keep.KEEP_SESSIONS,
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
        lazy("Tries at the door"),
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
        "clicks",
        lazy("Networks of opened links"),
        keep.KEEP_NETWORKS,
        ReferralClick,
        lambda limit: (ReferralClick.occurred_at < limit) & _has_network(ReferralClick),
        _UNSEEN,
    ),
    Rule(
        "scans",
        lazy("Networks of scans"),
        keep.KEEP_NETWORKS,
        RedemptionLog,
        lambda limit: (RedemptionLog.occurred_at < limit) & _has_network(RedemptionLog),
        _UNSEEN,
    ),
    Rule(
        "networks",
        lazy("Networks of gifts"),
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
        lambda limit: (
            (Donation.initiated_at < limit) & (Donation.status == DonationStatus.FAILED) & _knows_donor()
        ),
        _NO_DONOR,
    ),
    Rule(
        "pot_statistics",
        lazy("Statistics of pots"),
        keep.KEEP_STATISTICS,
        PotAnalytics,
        lambda limit: PotAnalytics.snapshot_date < limit.date(),
    ),
    Rule(
        "message_statistics",
        lazy("Statistics of messages"),
        keep.KEEP_STATISTICS,
        NotificationAnalytics,
        lambda limit: NotificationAnalytics.date < limit.date(),
    ),
    Rule(
        "security_events",
        lazy("Security events"),
        keep.KEEP_SECURITY,
        doors.SecurityEvent,
        lambda limit: doors.SecurityEvent.occurred_at < limit,
    ),
    Rule(
        "donors",
        lazy("Donors of paid gifts"),
        keep.KEEP_FINANCIAL,
        Donation,
        lambda limit: (Donation.initiated_at < limit) & _knows_donor(),
        _NO_DONOR,
    ),
    Rule(
        "payers",
        lazy("Numbers that paid"),
        keep.KEEP_FINANCIAL,
        PaymentTransaction,
        lambda limit: (
            (PaymentTransaction.created_at < limit)
            & PaymentTransaction.provider_data.has_any(literal(list(OF_THE_PAYER), ARRAY(Text)))
        ),
        {"provider_data": PaymentTransaction.provider_data.op("-")(literal(list(OF_THE_PAYER), ARRAY(Text)))},
    ),
)


def due_now() -> dict[str, int]:
    """The dry run: how many rows each rule would touch now; nothing is changed."""
    counts = [
        select(func.count()).select_from(rule.model).where(rule.is_due()).scalar_subquery().label(rule.key)
        for rule in RULES
    ]
    return dict(db.session.execute(select(*counts)).one()._mapping)


def last_run() -> JobRun | None:
    """What the job counted last; None before its first run."""
    return db.session.scalars(
        select(JobRun).where(JobRun.job_name == JOB).order_by(JobRun.started_at.desc()).limit(1)
    ).one_or_none()


def keep_in_time() -> dict[str, int]:
    """Do what is due, rule by rule; how many rows each has touched (PRV-12). Commits."""
    return {rule.key: _apply(rule) for rule in RULES}


def _apply(rule: Rule) -> int:
    touched = 0
    while True:
        with transaction() as session:
            ids = session.scalars(
                select(rule.model.id).where(rule.is_due()).order_by(rule.model.id).limit(_PORTION)
            ).all()
            if ids:
                which = rule.model.id.in_(ids)
                statement: Any = (
                    delete(rule.model).where(which)
                    if rule.loses is None
                    else update(rule.model).where(which).values(rule.loses)
                )
                session.execute(statement.execution_options(synchronize_session=False))
        touched += len(ids)
        if len(ids) < _PORTION:
            return touched
