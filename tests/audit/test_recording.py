"""A row of the trail says what an action changed: no more of it, no less, and nothing that is nobody's to keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.audit.services import UNSAID, record
from portal.config.registry import HIDDEN
from portal.kernel.actor import SYSTEM
from portal.kernel.ids import new_id
from portal.partners.venues import Place, change_venue
from portal.people.birthdays import correct_birthday
from portal.people.models import Profile
from portal.referrals.models import PipelineStage
from portal.referrals.pipeline import decide
from tests.harness.house import make_partner, make_person, make_venue
from tests.referrals.word_of_mouth import make_sponsor, send_invitation

pytestmark = pytest.mark.covers("ADM-13")


def last_of(session: Session, action: str) -> tuple[Any, Any]:
    session.flush()
    row = session.scalars(
        select(AuditLog).where(AuditLog.action == action).order_by(AuditLog.id.desc()).limit(1)
    ).one()
    return row.old_values, row.new_values


def test_what_is_as_it_was_is_not_kept(db_session: Session) -> None:
    record(
        "thing_changed",
        ("pots", new_id()),
        by=SYSTEM,
        old={"role": "staff", "label": "Wave", "gone": 1, "told": {"scans": True, "payouts": True}},
        new={"role": "owner", "label": "Wave", "come": 2, "told": {"scans": True, "payouts": False}},
    )

    assert last_of(db_session, "thing_changed") == (
        {"role": "staff", "gone": 1, "told": {"payouts": True}},
        {"role": "owner", "come": 2, "told": {"payouts": False}},
    )


def test_another_address_is_a_change_although_neither_is_told(db_session: Session) -> None:
    record(
        "thing_changed",
        ("pots", new_id()),
        by=SYSTEM,
        old={"email": "a@example.org", "phone": "+221771234567"},
        new={"email": "b@example.org", "phone": "+221771234567"},
    )

    assert last_of(db_session, "thing_changed") == ({"email": UNSAID}, {"email": UNSAID})


def test_what_came_hidden_has_changed_although_it_looks_the_same(db_session: Session) -> None:
    record("thing_changed", ("pots", None), by=SYSTEM, old={"key": HIDDEN}, new={"key": HIDDEN})

    assert last_of(db_session, "thing_changed") == ({"key": HIDDEN}, {"key": HIDDEN})


def test_notes_on_a_friend_stay_out_of_what_is_kept_for_years(db_session: Session) -> None:
    referral = send_invitation(make_sponsor())

    decide(referral.id, PipelineStage.CONTACTED, None, "Fatou a changé de travail", by=SYSTEM)
    assert last_of(db_session, "referral_updated") == (
        {"pipeline_stage": "pending", "notes": None},
        {"pipeline_stage": "contacted", "notes": UNSAID},
    )

    decide(referral.id, None, None, "Fatou veut voyager en mai", by=SYSTEM)
    assert last_of(db_session, "referral_updated") == ({"notes": UNSAID}, {"notes": UNSAID})


def test_a_place_that_moves_says_from_where(db_session: Session) -> None:
    venue = make_venue(make_partner(), phone="+221338210001")
    stands = Place(
        venue.name,
        venue.city,
        venue.region,
        venue.street,
        venue.phone,
        venue.latitude,
        venue.longitude,
    )

    change_venue(venue.partner_id, venue.id, replace(stands, city="Rufisque"), by=SYSTEM)
    assert last_of(db_session, "partner_venue_changed") == ({"city": stands.city}, {"city": "Rufisque"})

    change_venue(
        venue.partner_id, venue.id, replace(stands, city="Rufisque", phone="+221338210002"), by=SYSTEM
    )
    assert last_of(db_session, "partner_venue_changed") == ({"phone": UNSAID}, {"phone": UNSAID})


def test_a_day_of_birth_put_right_names_its_field_and_not_the_day(db_session: Session) -> None:
    person = make_person()
    db_session.get_one(Profile, person.id).stated_birthday = date(2015, 5, 14)

    correct_birthday(person.id, date(1990, 5, 14), reason="Une faute de frappe", by=SYSTEM)

    assert last_of(db_session, "birthday_corrected") == (
        {"stated_birthday": UNSAID},
        {"date_of_birth": UNSAID},
    )
