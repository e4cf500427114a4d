"""At 18 an account grows up by itself; and what a verified paper lets go on."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel.jobs import REGISTRY
from portal.people.asking import expire_requests
from portal.people.fading import end_guardianships
from portal.people.guardians import refuse_guardianship
from portal.people.models import (
    DocumentType,
    GuardianRequest,
    Profile,
    ProfileCompletion,
    RequestStatus,
)
from portal.people.papers import PaperFacts, hand_in
from portal.people.reviewing import approve
from portal.referrals.models import InvitationStatus, Referral
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.identity.doorway import open_account, sent_to
from tests.people.questions import agree, name, proved
from tests.people.test_papers import SCAN
from tests.referrals.word_of_mouth import make_sponsor, send_invitation

GROWN = date(2008, 3, 15)


@pytest.mark.covers("PPL-12", "PPL-13", "PPL-15")
def test_who_turns_18_answers_for_themselves_and_both_are_told(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 14, 23, 59)
    fatou = proved()
    ibou = open_account("Ibou Sow", email="ibou@example.org")
    young = open_account("Aida Sow", email="aida@example.org")
    for minor, born in ((ibou, GROWN), (young, date(2012, 3, 15))):
        name(minor, born=born)
        agree(minor, fatou)
    ibou_id, young_id, fatou_id = ibou.id, young.id, fatou.id
    committed_db.commit()
    assert end_guardianships() == 0

    clock.travel(2026, 3, 15, 0, 0)
    assert REGISTRY["people.grow_up"].function() == {"adults": 1}
    assert end_guardianships() == 0

    committed_db.expire_all()
    profile = committed_db.get_one(Profile, ibou_id)
    assert (profile.guardian_user_id, profile.relationship_type, profile.guardian_confirmed_at) == (
        None,
        None,
        None,
    )
    assert profile.date_of_birth == GROWN
    assert committed_db.get_one(Profile, young_id).guardian_user_id == fatou_id
    assert "guardian" not in committed_db.get_one(ProfileCompletion, ibou_id).done
    assert len(sent_to("ibou@example.org", "came_of_age")) == 1
    (told,) = sent_to("fatou@example.org", "guardianship_ended")
    assert "Ibou Sow" in told.body
    (row,) = committed_db.scalars(select(AuditLog).where(AuditLog.action == "guardianship_ended"))
    assert (row.resource_id, row.old_values) == (ibou_id, {"guardian_user_id": str(fatou_id)})


@pytest.mark.covers("PPL-12")
@pytest.mark.parametrize("has_agreed", [False, True])
@pytest.mark.parametrize(
    ("born", "day", "ended"),
    [
        (date(2008, 2, 29), (2026, 2, 28), 0),
        (date(2008, 2, 29), (2026, 3, 1), 1),
        (date(2008, 2, 28), (2026, 2, 28), 1),
    ],
)
def test_somebody_of_a_leap_day_grows_up_on_the_first_of_march(
    app: Flask,
    committed_db: Session,
    clock: Clock,
    born: date,
    day: tuple[int, int, int],
    ended: int,
    has_agreed: bool,
) -> None:
    clock.travel(2026, 2, 1, 12)
    fatou = proved()
    ibou = open_account("Ibou Sow", email="ibou@example.org")
    name(ibou, born=born)
    if has_agreed:
        agree(ibou, fatou)
        refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    committed_db.commit()
    clock.travel(*day, 12)

    assert end_guardianships() == ended
    # Whoever never agreed, or no longer does, has nothing to be told.
    assert sent_to("fatou@example.org", "guardianship_ended") == []


@pytest.mark.covers("PPL-12", "PPL-13")
@pytest.mark.parametrize("has_asked", [False, True])
def test_who_turns_18_without_a_guardian_grows_up_too(
    app: Flask, committed_db: Session, clock: Clock, has_asked: bool
) -> None:
    clock.travel(2026, 3, 1, 12)
    ibou = open_account("Ibou Sow", email="ibou@example.org", born=GROWN)
    if has_asked:
        name(ibou, born=GROWN)
    ibou_id = ibou.id
    committed_db.commit()

    clock.travel(2026, 3, 15, 12)
    assert end_guardianships() == 1
    assert end_guardianships() == 0

    committed_db.expire_all()
    profile = committed_db.get_one(Profile, ibou_id)
    assert (profile.date_of_birth, profile.stated_birthday) == (GROWN, None)
    assert len(sent_to("ibou@example.org", "came_of_age")) == 1
    assert expire_requests() == 0
    left = committed_db.scalars(select(GuardianRequest.status)).all()
    assert left == ([RequestStatus.EXPIRED] if has_asked else [])
    assert sent_to("ibou@example.org", "guardian_unanswered") == []


@pytest.mark.covers("REF-25", "REF-26", "PPL-19")
@pytest.mark.parametrize("last", ["sponsor", "friend"])
def test_a_minors_referral_counts_once_both_papers_are_verified_and_no_earlier(
    db_session: Session, last: str
) -> None:
    sponsor = make_sponsor("Binta Diop")
    referral = send_invitation(sponsor)
    guardian = proved("Khady Sow", email="khady@example.org")
    friend = open_account("Ibou Sow", email="ibou@example.org", invitation_code=referral.referral_code)
    name(friend, "khady@example.org", born=date(2015, 3, 15))
    agree(friend, guardian)
    admin = make_admin()
    papers = {
        name: hand_in(
            person.id, PaperFacts(DocumentType.PASSPORT, "SEN", f"A-{name}"), SCAN, by=acting(person)
        ).id
        for name, person in (("sponsor", sponsor), ("friend", friend))
    }
    first = next(name for name in papers if name != last)

    def standing() -> tuple[InvitationStatus | None, bool, bool, bool]:
        db_session.flush()
        db_session.expire_all()
        row = db_session.get_one(Referral, referral.id)
        return (
            row.invitation_status,
            row.both_ids_collected,
            row.sponsor_id_verified,
            row.sponsored_id_verified,
        )

    assert standing()[:2] == (InvitationStatus.SENT, False)
    approve(papers[first], by=acting(admin))
    assert standing() == (InvitationStatus.SENT, False, first == "sponsor", first == "friend")

    approve(papers[last], by=acting(admin))

    assert standing() == (InvitationStatus.ACCEPTED, True, True, True)
