"""Each period alone: of two rows, the one whose time is over loses what the rule says, and the other keeps all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.audit.models import DataAccess, Opened
from portal.identity import models as doors
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.personal import REGISTRY, Blank
from portal.notifications.catalog import Category, NotificationType, Priority
from portal.notifications.models import Notification, NotificationAnalytics
from portal.payments.models import PaymentProvider, PaymentTransaction
from portal.people import models as people
from portal.pots.models import Donation, Pot, PotAnalytics, PotStatus
from portal.privacy.lasting import LASTS_BECAUSE
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
from portal.privacy.retention import ERRANDS, due_now, keep_in_time
from portal.privacy.rules import RULES, Rule
from portal.redemptions.models import RedemptionLog, ScanResult
from portal.referrals.models import ReferralClick, SponsorContactBatch
from portal.teams.models import InvitationStatus, TeamInvitation
from tests.harness.house import make_partner, make_person, make_pot

#: Long ago, so that what the database keeps by its own clock is over as well.
_BEGAN = datetime(2010, 3, 1, 12, tzinfo=UTC)
_SEEN = {"ip_address": "198.51.100.7", "user_agent": "tests"}


class World:
    """One person, and a pot of theirs; rows are made of them for a moment."""

    def __init__(self) -> None:
        self.user_id = make_person().id
        self.pot = make_pot(make_person(), status=PotStatus.CLOSED, holds=0)
        self.nth = 0

    def gift(self, at: datetime, status: str = "succeeded", **facts: Any) -> Donation:
        """A gift that was begun at the moment."""
        return Donation(
            pot_id=self.pot.id,
            amount_minor=500,
            receipt_token=new_id().hex,
            submission_key=new_id().hex,
            initiated_at=at,
            status=status,
            **facts,
        )

    def lasting_session(self) -> UUID:
        """A session that none of the periods reaches."""
        session = _session(self, clock.now() + timedelta(days=10_000))
        db.session.add(session)
        db.session.flush()
        return session.id

    def next(self) -> int:
        """A number for what is there once a day or once a position."""
        self.nth += 1
        return self.nth


def _session(world: World, at: datetime) -> Any:
    return doors.UserSession(
        user_id=world.user_id,
        token_hash=new_id().hex,
        expires_at=at,
        last_seen_at=at,
        ip_address="198.51.100.7",
    )


def _staff_session(world: World, at: datetime) -> Any:
    return doors.AdminSession(
        user_id=world.user_id,
        user_session_id=world.lasting_session(),
        session_token_hash=new_id().hex,
        admin_level="regular",
        **_SEEN,
        permissions_granted=[],
        expires_at=at,
        last_activity_at=at,
    )


def _code(world: World, at: datetime) -> Any:
    return doors.VerificationToken(
        channel=doors.VerificationChannel.EMAIL,
        purpose=doors.VerificationPurpose.SIGN_UP,
        target="awa@example.org",
        token_hash=new_id().hex,
        attempts=0,
        expires_at=at,
    )


def _contact_change(world: World, at: datetime, *, old_is_proved: bool = False) -> Any:
    return doors.ContactChange(
        user_id=world.user_id,
        kind=doors.ContactKind.EMAIL,
        old_value="old@example.org",
        old_is_proved=old_is_proved,
        new_value="new@example.org",
        take_back_hash=new_id().hex,
        take_back_until=at,
    )


def _first_contact(world: World, at: datetime) -> Any:
    return doors.ContactChange(
        user_id=world.user_id, kind=doors.ContactKind.PHONE, new_value="+221770000001", created_at=at
    )


def _guest_message(world: World, at: datetime) -> Any:
    return Notification(
        recipient_identifier="+221770000001",
        event_key=new_id().hex,
        title="Merci",
        message="Merci Awa",
        type=NotificationType.SYSTEM,
        category=Category.SECURITY,
        priority=Priority.MEDIUM,
        created_at=at,
    )


def _batch(world: World, at: datetime) -> Any:
    return SponsorContactBatch(
        sponsor_user_id=world.user_id,
        batch_date=at.date(),
        batch_number=world.next(),
        start_position=0,
        end_position=1,
        contact_snapshot=[{"name": "Modou Ba", "phone": "+221770000001"}],
        updated_at=at,
    )


def _draft(world: World, at: datetime) -> Any:
    return Pot(
        owner_user_id=make_person().id,
        title="Fête",
        public_slug=new_id().hex[:24],
        target_amount_minor=500,
        status=PotStatus.CLOSED,
        birthday_date=at.date(),
        scheduled_open_at=at - timedelta(days=30),
        closed_at=at,
    )


def _payment(world: World, at: datetime) -> Any:
    provider = db.session.scalars(select(PaymentProvider).limit(1)).first()
    assert provider is not None
    return PaymentTransaction(
        transaction_type="donation",
        status="succeeded",
        amount_minor=500,
        currency="XOF",
        provider_id=provider.id,
        source_type="tests",
        source_id=new_id(),
        idempotency_key=new_id().hex,
        provider_data={"payer_phone": "+221770000001", "kept": "yes"},
        created_at=at,
    )


def _guardian_request(world: World, at: datetime) -> Any:
    return people.GuardianRequest(
        minor_user_id=world.user_id,
        contact="a@example.org",
        mailbox="a@example.org",
        relationship_type=people.Relationship.PARENT,
        status=people.RequestStatus.WITHDRAWN,
        asked_at=at - timedelta(days=1),
        expires_at=at + timedelta(days=29),
        ended_at=at,
    )


def _guardian_change(world: World, at: datetime) -> Any:
    return people.GuardianChange(
        minor_user_id=world.user_id,
        guardian_user_id=make_person().id,
        reason="Une erreur",
        status=people.ChangeStatus.WITHDRAWN,
        asked_at=at - timedelta(days=1),
        ended_at=at,
    )


def _request(world: World, at: datetime) -> Any:
    return PrivacyRequest(
        kind=RequestKind.ERASURE,
        user_id=world.user_id,
        status=RequestStatus.CANCELED,
        updated_at=at,
    )


def _team_invitation(world: World, at: datetime) -> Any:
    return TeamInvitation(
        partner_id=make_partner().id,
        contact=(contact := f"b{world.next()}@example.org"),
        mailbox=contact,
        role="staff",
        invited_by=world.user_id,
        sent_at=at - timedelta(days=1),
        expires_at=at + timedelta(days=6),
        status=InvitationStatus.CANCELED,
        answered_at=at,
    )


#: For each rule a row whose time begins to run at the moment.
MADE: dict[str, Callable[[World, datetime], Any]] = {
    "sessions": _session,
    "active_days": lambda world, at: doors.ActiveDay(user_id=world.user_id, day=at.date()),
    "staff_sessions": _staff_session,
    "devices": lambda world, at: doors.DeviceRegistration(
        user_id=world.user_id, name="Telefon", fingerprint=new_id().hex, last_seen_at=at
    ),
    "attempts": lambda _world, at: doors.LoginAttempt(
        identifier="a@example.org", succeeded=False, reason="wrong_password", occurred_at=at
    ),
    "codes": _code,
    "password_links": lambda world, at: doors.PasswordResetToken(
        user_id=world.user_id, token_hash=new_id().hex, expires_at=at
    ),
    "contacts": _contact_change,
    "proved_contacts": lambda world, at: _contact_change(world, at, old_is_proved=True),
    "guardian_requests": _guardian_request,
    "guardian_changes": _guardian_change,
    "guest_messages": _guest_message,
    "clicks": lambda world, at: ReferralClick(owner_user_id=world.user_id, occurred_at=at, **_SEEN),
    "old_clicks": lambda world, at: ReferralClick(owner_user_id=world.user_id, occurred_at=at),
    "scans": lambda _world, at: RedemptionLog(
        scanned_code="x", validation_result=ScanResult.INVALID, occurred_at=at, **_SEEN
    ),
    "networks": lambda world, at: world.gift(at, **_SEEN),
    "unpaid": lambda world, at: world.gift(at, "failed", donor_name="Awa", donor_region="Dakar"),
    "batches": _batch,
    "team_invitations": _team_invitation,
    "drafts": _draft,
    "pot_statistics": lambda world, at: PotAnalytics(pot_id=world.pot.id, snapshot_date=at.date()),
    "message_statistics": lambda _world, at: NotificationAnalytics(
        date=at.date(), template_key="x", channel="email"
    ),
    "security_events": lambda world, at: doors.SecurityEvent(
        user_id=world.user_id, event_type="x", severity=doors.Severity.INFO, occurred_at=at
    ),
    "requests": _request,
    "looks": lambda world, at: DataAccess(
        staff_user_id=make_person().id,
        subject_user_id=world.user_id,
        opened=Opened.PERSON_PAGE,
        occurred_at=at,
    ),
    "donors": lambda world, at: world.gift(at, donor_name="Awa", donor_region="Dakar"),
    "payers": _payment,
}


def test_every_rule_is_tried() -> None:
    assert set(MADE) == {rule.key for rule in RULES}


def kept(rule: Rule, key: Any) -> dict[str, Any] | None:
    """What the row says now; None when it is gone."""
    db.session.rollback()
    table = rule.model.__table__
    row = db.session.execute(select(table).where(table.c.id == key)).mappings().one_or_none()
    return dict(row) if row is not None else None


@pytest.mark.covers("PRV-07", "PRV-08", "PRV-09", "PRV-11", "PRV-12")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_what_is_due_loses_what_the_rule_says_and_what_is_not_stays(committed_db: Any, rule: Rule) -> None:
    check(rule, MADE[rule.key])


@pytest.mark.covers("PRV-12")
def test_a_first_address_that_followed_none_is_forgotten_too(committed_db: Any) -> None:
    check(next(rule for rule in RULES if rule.key == "contacts"), _first_contact)


def check(rule: Rule, make: Callable[[World, datetime], Any]) -> None:
    """Make one row two days after another; on the day between the ends of their periods, run."""
    with clock.travel(_BEGAN - timedelta(days=1)):
        world = World()
        rows = [make(world, _BEGAN), make(world, _BEGAN + timedelta(days=2))]
        db.session.add_all(rows)
        db.session.commit()
        over, not_over = [row.id for row in rows]
    before = {key: kept(rule, key) for key in (over, not_over)}
    with clock.travel(_BEGAN + timedelta(days=rule.days, hours=25)):
        assert due_now()[rule.key] == 1
        db.session.rollback()

        assert keep_in_time()[rule.key] == 1
        assert keep_in_time()[rule.key] == 0

    assert kept(rule, not_over) == before[not_over]
    after = kept(rule, over)
    if rule.loses is None:
        assert after is None
    else:
        assert after is not None
        changed = {name for name, value in after.items() if value != before[over][name]}
        assert changed
        assert changed - {"updated_at"} <= set(rule.loses)
        plain = {name: value for name, value in rule.loses.items() if isinstance(value, bool | list | None)}
        assert {name: after[name] for name in plain} == plain


@pytest.mark.covers("PRV-08", "PRV-12")
def test_a_donor_is_forgotten_by_time_as_by_asking() -> None:
    asked = next(share.erasure for share in REGISTRY["donations"].shares if share.title == "gifts_given")
    assert isinstance(asked, Blank)
    by_time = {rule.key: rule.loses for rule in RULES if rule.key in ("unpaid", "donors")}
    assert by_time == {"unpaid": asked.values, "donors": asked.values}


def test_every_table_of_people_has_a_period_or_a_reason_for_none() -> None:
    people = {name for name, holding in REGISTRY.items() if holding.shares}
    with_a_period = {rule.model.__table__.name for rule in RULES} | {
        one.table for one in ERRANDS if one.table
    }

    assert people - with_a_period - set(LASTS_BECAUSE) == set(), "add a rule, or say why it lasts"
    assert set(LASTS_BECAUSE) & with_a_period == set(), "these have a period by now"
    assert set(LASTS_BECAUSE) <= people, "these are no tables of people"
    assert all(LASTS_BECAUSE.values())


def test_no_two_periods_have_one_name() -> None:
    keys = [one.key for one in (*RULES, *ERRANDS)]
    assert len(keys) == len(set(keys))
