"""A house applies, an admin decides, and its terms change with a trace."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, IllegalTransition, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.kernel.roles import MemberRole
from portal.partners import services
from portal.partners.events import partner_status_changed
from portal.partners.models import PARTNER_STEPS, Partner, PartnerMember, PartnerStatus, PaymentTerms
from portal.partners.models import PartnerType as Kind
from portal.partners.policies import Topic, wants, works
from portal.partners.services import Habits, Organisation, Terms
from tests.harness.house import acting, make_admin, make_partner, make_person

HOUSE = Organisation(
    name="Le Djoloff",
    type=Kind.RESTAURANT,
    description="Cuisine sénégalaise",
    contact_name="Ndèye Sow",
    contact_email="ndeye@example.org",
    contact_phone="77 123 45 67",
    business_registration="SN-DKR-2026-B-1",
    tax_id="0012345",
)


def audited(session: Session, action: str) -> AuditLog:
    return session.execute(select(AuditLog).where(AuditLog.action == action)).scalar_one()


@pytest.mark.covers("PRT-01", "PRT-02", "PRT-03", "PRT-05", "PRT-06", "PRT-08", "PRT-10", "PRT-14")
def test_an_application_waits_with_its_owner_and_the_usual_terms(db_session: Session) -> None:
    owner = make_person()

    partner = services.apply_partner(HOUSE, owner.id, by=acting(owner))

    db_session.flush()
    db_session.refresh(partner)
    assert (partner.name, partner.type, partner.description) == (HOUSE.name, HOUSE.type, HOUSE.description)
    assert (partner.contact_name, partner.contact_email) == ("Ndèye Sow", "ndeye@example.org")
    assert partner.contact_phone == "+221771234567"
    assert (partner.business_registration, partner.tax_id) == ("SN-DKR-2026-B-1", "0012345")
    assert (partner.status, partner.verified_at) == (PartnerStatus.PENDING, None)
    assert (partner.payment_terms, partner.minimum_payout_minor) == (PaymentTerms.MONTHLY, 10_000)
    assert partner.revenue_split_percentage == Decimal(80)
    assert partner.auto_approve_redemptions is False
    member = db_session.execute(select(PartnerMember)).scalar_one()
    assert (member.user_id, member.role) == (owner.id, MemberRole.OWNER)
    assert not works(partner)


def test_one_application_of_a_person_waits_at_a_time(db_session: Session) -> None:
    owner = make_person()
    services.apply_partner(HOUSE, owner.id, by=acting(owner))

    with pytest.raises(Conflict):
        services.apply_partner(HOUSE, owner.id, by=acting(owner))


@pytest.mark.covers("PRT-08", "PRT-09", "PRT-14")
def test_verifying_makes_the_house_work_and_says_who_did_it(db_session: Session) -> None:
    owner, admin = make_person(), make_admin()
    partner = services.apply_partner(HOUSE, owner.id, by=acting(owner))

    services.verify(partner.id, by=acting(admin))
    db_session.flush()

    assert works(partner)
    assert partner.verified_by == admin.id
    assert audited(db_session, "partner_verified").actor_user_id == admin.id
    with pytest.raises(Conflict):
        services.verify(partner.id, by=acting(admin))


@pytest.mark.covers("PRT-08", "PRT-14")
def test_suspending_and_ending_leave_their_reason(db_session: Session) -> None:
    admin, partner = acting(make_admin()), make_partner()
    heard: list[str] = []

    def listen(sender: Partner, reason: str | None, **_more: Any) -> None:
        heard.append(f"{sender.status}: {reason}")

    with partner_status_changed.connected_to(listen):
        services.suspend(partner.id, "complaints", by=admin)
        assert not works(partner)
        services.reinstate(partner.id, "solved", by=admin)
        assert works(partner)
        services.terminate(partner.id, "closed down", by=admin)

    assert heard == ["suspended: complaints", "active: solved", "terminated: closed down"]
    assert audited(db_session, "partner_suspended").reason == "complaints"
    steps = db_session.execute(
        select(StatusHistory.to_status).where(StatusHistory.entity_id == partner.id)
    ).scalars()
    assert sorted(steps) == ["active", "suspended", "terminated"]


@pytest.mark.covers("PRT-08")
@pytest.mark.parametrize("before", PartnerStatus)
@pytest.mark.parametrize("after", PartnerStatus)
def test_a_partner_moves_only_along_the_declared_steps(
    db_session: Session, before: PartnerStatus, after: PartnerStatus
) -> None:
    partner = make_partner(status=before, verified_at=clock.now())
    ways = {
        PartnerStatus.ACTIVE: services.reinstate,
        PartnerStatus.SUSPENDED: services.suspend,
        PartnerStatus.TERMINATED: services.terminate,
    }
    if after not in ways:
        assert not PARTNER_STEPS.allows(before, after)
    elif PARTNER_STEPS.allows(before, after):
        ways[after](partner.id, "reason", by=acting(make_admin()))
        assert partner.status is after
    else:
        with pytest.raises(IllegalTransition, match=before):
            ways[after](partner.id, "reason", by=acting(make_admin()))


@pytest.mark.covers("PRT-04", "PRT-05", "PRT-06")
def test_new_terms_are_kept_with_the_old_ones(db_session: Session) -> None:
    admin, partner = acting(make_admin()), make_partner()

    services.change_terms(partner.id, Terms(Decimal("72.50"), PaymentTerms.WEEKLY, 25_000), by=admin)
    services.change_terms(partner.id, Terms(Decimal("72.50"), PaymentTerms.WEEKLY, 25_000), by=admin)

    trace = audited(db_session, "partner_terms_changed")
    assert trace.old_values == {
        "revenue_split_percentage": "80.00",
        "payment_terms": "monthly",
        "minimum_payout_minor": 10_000,
    }
    assert trace.new_values == {
        "revenue_split_percentage": "72.50",
        "payment_terms": "weekly",
        "minimum_payout_minor": 25_000,
    }


@pytest.mark.covers("PRT-04", "PRT-06")
@pytest.mark.parametrize(("split", "minimum"), [("-0.01", 0), ("100.01", 0), ("50", -1)])
def test_impossible_terms_are_refused(db_session: Session, split: str, minimum: int) -> None:
    partner = make_partner()

    with pytest.raises(InvalidInput):
        services.change_terms(
            partner.id,
            Terms(Decimal(split), PaymentTerms.MONTHLY, minimum),
            by=acting(make_admin()),
        )


@pytest.mark.covers("PRT-10", "PRT-11")
def test_a_house_chooses_how_it_redeems_and_what_it_is_told(db_session: Session) -> None:
    partner = make_partner()
    assert (wants(partner, Topic.REDEMPTIONS), wants(partner, Topic.SETTLEMENTS)) == (False, True)

    habits = Habits(auto_approve_redemptions=True, told={"redemptions": True, "settlements": False})
    services.change_habits(partner.id, habits, by=acting(make_person()))

    assert partner.auto_approve_redemptions
    assert (wants(partner, Topic.REDEMPTIONS), wants(partner, Topic.SETTLEMENTS)) == (True, False)


def test_what_does_not_exist_cannot_be_decided(db_session: Session) -> None:
    with pytest.raises(NotFound):
        services.verify(new_id(), by=acting(make_admin()))


def test_a_phone_nobody_can_call_is_refused_at_its_field(db_session: Session) -> None:
    wrong = Organisation(name="X", type=Kind.SPA, contact_phone="12")

    with pytest.raises(DomainError) as refusal:
        services.apply_partner(wrong, make_person().id, by=acting(make_admin()))

    assert refusal.value.field == "contact_phone"


@pytest.mark.covers("PRT-12")
def test_a_house_is_not_called_what_its_messages_must_not_say(db_session: Session) -> None:
    """A verified house renames itself, and invites strangers under that name by text message."""
    partner = make_partner()
    lure = replace(HOUSE, name="WAVE bloqué: wave-sn.example/x")

    for write in (
        lambda: services.change_organisation(partner.id, lure, by=acting(make_admin())),
        lambda: services.apply_partner(lure, make_person().id, by=acting(make_admin())),
    ):
        with pytest.raises(InvalidInput) as refusal:
            write()
        assert refusal.value.field == "name"


@pytest.mark.covers("PRT-04", "PRT-06", "PRT-09", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("revenue_split_percentage = 100.01", "revenue_split_range"),
        ("revenue_split_percentage = -1", "revenue_split_range"),
        ("revenue_split_percentage = NULL", "venue_has_split"),
        ("is_venue = false", "has_capability"),
        ("minimum_payout_minor = -1", "minimum_payout_not_negative"),
        ("name = '  '", "name_present"),
        ("verified_at = NULL", "active_is_verified"),
        ("status = 'sleeping'", "status"),
        ("type = 'bank'", "type"),
        ("payment_terms = 'yearly'", "payment_terms"),
    ],
)
def test_the_database_refuses_an_impossible_partner(
    db_session: Session, change: str, constraint: str
) -> None:
    make_partner()

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(f"UPDATE partners SET {change}"))
