"""What an invited person answers: no, or yes by opening an account; and when a yes has to wait."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity.models import User, UserStatus
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import OutboxEvent, StatusHistory
from portal.notifications.models import Notification
from portal.people.birthdays import set_birthday
from portal.people.guardians import confirm_guardianship, name_guardian
from portal.people.models import DocumentStatus, DocumentType, IdentityDocument, Profile, Relationship
from portal.pots.models import Pot
from portal.referrals.answering import accept_if_ready, decline, tie_newcomer, waiting_people
from portal.referrals.jobs import accept_waiting, give_pot
from portal.referrals.links import find_link, remember_click
from portal.referrals.models import InvitationStatus, PipelineStage, Referral, ReferralClick
from portal.referrals.policies import Standing, standing
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import (
    ADULT,
    came_by_link,
    make_friend,
    make_sponsor,
    race,
    send_invitation,
    sign_up,
    some_invitee,
)

TEEN = date(2012, 5, 14)
PHONE = Actor(ip="41.82.1.2", user_agent="Mozilla/5.0 (Linux; Android 12)")

pytestmark = pytest.mark.usefixtures("spring")


def verify_paper(user: User) -> None:
    db.session.add(
        IdentityDocument(
            id=new_id(),
            user_id=user.id,
            id_type=DocumentType.NATIONAL_ID,
            id_number_encrypted=b"sealed",
            id_hash=str(new_id()),
            status=DocumentStatus.VERIFIED,
        )
    )
    db.session.flush()


def now_stands(referral: Referral) -> Standing:
    db.session.flush()
    db.session.refresh(referral)
    return standing(referral)


@pytest.mark.covers("REF-06", "REF-08", "REF-09", "REF-19", "ID-32")
def test_signing_up_through_an_invitation_accepts_it(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)

    friend = sign_up(referral.referral_code)

    assert now_stands(referral) is Standing.ACCEPTED
    assert referral.invitation_status is InvitationStatus.ACCEPTED
    assert (referral.referred_user_id, friend.referred_by) == (friend.id, sponsor.id)
    assert referral.accepted_at == referral.signed_up_at == clock.now()
    steps = select(StatusHistory.to_status).where(
        StatusHistory.entity_id == referral.id, StatusHistory.column_name == "invitation_status"
    )
    assert sorted(db.session.scalars(steps)) == ["accepted", "sent"]


@pytest.mark.covers("REF-08", "REF-13", "REF-19", "ID-32")
def test_signing_up_through_a_personal_link_makes_the_referral(sponsor: User, clock: Clock) -> None:
    campaign = {"utm_source": "whatsapp", "utm_medium": "status", "utm_campaign": "tabaski", "utm_term": "x"}

    friend = sign_up(sponsor.referral_code.lower(), utm=campaign)

    referral = came_by_link(friend)
    assert (referral.referrer_id, referral.source, referral.invitation_status) == (sponsor.id, "link", None)
    assert (referral.utm_source, referral.utm_medium, referral.utm_campaign) == (
        "whatsapp",
        "status",
        "tabaski",
    )
    assert (referral.sent_at, referral.accepted_at, referral.signed_up_at) == (None, clock.now(), clock.now())
    assert len(referral.referral_code) == 12
    assert referral.referral_code != sponsor.referral_code


@pytest.mark.covers("REF-10", "POT-14")
def test_an_acceptance_is_good_news_for_the_sponsor_and_a_pot_for_the_friend(
    app: Flask, committed_db: Session
) -> None:
    sponsor = make_sponsor()
    friend, referral = make_friend(sponsor)
    db.session.commit()

    assert referral.pipeline_stage is PipelineStage.QUALIFIED
    news = db.session.scalars(select(Notification).where(Notification.user_id == sponsor.id)).one()
    assert news.title.startswith("Fatou")
    work = db.session.scalars(select(OutboxEvent).where(OutboxEvent.job == "referrals.give_pot")).one()
    referral_id, friend_id = referral.id, friend.id
    payload = dict(work.payload)
    for _twice in range(2):
        give_pot(**payload)

    pot = db.session.scalars(select(Pot)).one()
    assert (pot.owner_user_id, pot.created_from_referral_id) == (friend_id, referral_id)


@pytest.mark.covers("REF-07")
def test_after_seven_days_nobody_accepts_although_the_job_has_not_run(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    clock.advance(days=7)

    friend = sign_up(referral.referral_code)

    assert (referral.invitation_status, standing(referral)) == (InvitationStatus.SENT, Standing.EXPIRED)
    assert (referral.referred_user_id, friend.referred_by) == (None, None)


@pytest.mark.covers("REF-07")
def test_at_the_last_second_the_invitation_is_accepted(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    clock.advance(days=7, seconds=-1)

    sign_up(referral.referral_code)

    assert now_stands(referral) is Standing.ACCEPTED


@pytest.mark.parametrize("code", ["", "NOBODY123", "NOBODY123456", "A" * 300, "\x00" * 9, "x' OR 1=1"])
def test_a_code_that_nobody_has_binds_nobody(sponsor: User, code: str) -> None:
    assert sign_up(code).referred_by is None


def test_a_sponsor_who_is_suspended_binds_nobody(sponsor: User) -> None:
    referral = send_invitation(sponsor)
    sponsor.status = UserStatus.SUSPENDED
    db.session.flush()

    for code in (referral.referral_code, sponsor.referral_code):
        assert sign_up(code).referred_by is None
        with pytest.raises(NotFound):
            find_link(code)


@pytest.mark.covers("REF-09")
def test_an_invitation_is_declined_once_and_for_all(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)

    for _twice in range(2):
        assert decline(referral.referral_code, by=PHONE).sponsor_first_name == "Awa"

    assert (referral.invitation_status, referral.declined_at) == (InvitationStatus.DECLINED, clock.now())
    assert sign_up(referral.referral_code).referred_by is None


@pytest.mark.covers("REF-09")
def test_what_is_over_cannot_be_declined(sponsor: User, clock: Clock) -> None:
    _friend, accepted = make_friend(sponsor)
    waiting, expired = send_invitation(sponsor), send_invitation(sponsor)
    sign_up(waiting.referral_code, born=None)
    clock.advance(days=7)

    for over in (accepted, waiting, expired):
        with pytest.raises(Conflict):
            decline(over.referral_code, by=PHONE)
    for unknown in (sponsor.referral_code, "NOBODY123456"):
        with pytest.raises(NotFound):
            decline(unknown, by=PHONE)


@pytest.mark.covers("REF-15", "ID-30")
def test_a_person_is_referred_only_once_and_only_while_registering(sponsor: User) -> None:
    friend, _ = make_friend(sponsor)
    rival = make_sponsor("Ibou Fall")
    late = send_invitation(rival)

    with pytest.raises(Conflict):
        tie_newcomer(friend.id, late.referral_code, {}, by=PHONE)


@pytest.mark.covers("REF-16")
def test_ones_own_code_binds_nobody(sponsor: User) -> None:
    own = send_invitation(sponsor)

    for code in (own.referral_code, sponsor.referral_code):
        assert tie_newcomer(sponsor.id, code, {}, by=acting(sponsor)) is None
    assert own.referred_user_id is None


@pytest.mark.covers("REF-15")
def test_an_invitation_that_is_passed_around_is_for_the_first_who_signs_up(sponsor: User) -> None:
    referral = send_invitation(sponsor)
    first = sign_up(referral.referral_code)

    assert sign_up(referral.referral_code).referred_by is None
    assert came_by_link(first).id == referral.id


def test_two_who_sign_up_at_once_with_one_invitation_are_not_both_bound(
    app: Flask, committed_db: Session
) -> None:
    code = send_invitation(make_sponsor()).referral_code
    db.session.commit()

    done = race(app, [partial(sign_up, code) for _ in range(4)])

    assert [type(each) for each in done] == [User] * 4
    db.session.rollback()
    bound = db.session.scalars(select(User.referred_by).where(User.referred_by.is_not(None))).all()
    assert len(bound) == 1


@pytest.mark.covers("REF-06")
def test_the_first_acceptance_wins_and_closes_the_other_invitations(sponsor: User, clock: Clock) -> None:
    invitee, rival = some_invitee(), make_sponsor("Ibou Fall")
    won, lost = send_invitation(sponsor, invitee), send_invitation(rival, invitee)
    unrelated = send_invitation(rival)

    sign_up(won.referral_code, phone=invitee.phone)

    assert now_stands(won) is Standing.ACCEPTED
    assert (now_stands(lost), now_stands(unrelated)) == (Standing.EXPIRED, Standing.OPEN)
    assert lost.expired_at == clock.now()
    reason = select(StatusHistory.reason).where(
        StatusHistory.entity_id == lost.id, StatusHistory.to_status == "expired"
    )
    assert db.session.scalar(reason) == "accepted elsewhere"


def test_without_a_birthday_the_acceptance_waits(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    friend = sign_up(referral.referral_code, born=None)
    assert now_stands(referral) is Standing.SIGNED_UP

    clock.advance(days=30)
    set_birthday(friend.id, ADULT, by=acting(friend))

    assert now_stands(referral) is Standing.ACCEPTED
    assert referral.accepted_at == clock.now()


@pytest.mark.covers("REF-25", "REF-26")
def test_a_minor_waits_for_a_guardian_and_for_both_identities(app: Flask, committed_db: Session) -> None:
    sponsor, guardian = make_sponsor(), sign_up(None, name="Fatou Sow")
    referral = send_invitation(sponsor)
    teen = sign_up(referral.referral_code, born=TEEN)
    flags = (referral.both_ids_collected, referral.sponsor_id_verified, referral.sponsored_id_verified)
    assert flags == (False, False, False)

    name_guardian(teen.id, TEEN, guardian.phone or "", Relationship.PARENT, by=acting(teen))
    assert now_stands(referral) is Standing.SIGNED_UP
    confirm_guardianship(teen.id, guardian.id, by=acting(guardian))
    assert now_stands(referral) is Standing.SIGNED_UP
    verify_paper(teen)
    db.session.commit()
    assert accept_waiting() == {"waiting": 1, "accepted": 0, "failed": 0}
    half = db.session.scalars(select(Referral)).one()
    assert (half.sponsored_id_verified, half.sponsor_id_verified, half.both_ids_collected) == (
        True,
        False,
        False,
    )
    verify_paper(db.session.scalars(select(User).where(User.id == half.referrer_id)).one())
    db.session.commit()

    assert accept_waiting() == {"waiting": 1, "accepted": 1, "failed": 0}
    assert accept_waiting() == {"waiting": 0, "accepted": 0, "failed": 0}

    whole = db.session.scalars(select(Referral)).one()
    assert standing(whole) is Standing.ACCEPTED
    assert whole.both_ids_collected


@pytest.mark.covers("REF-26")
def test_one_person_who_cannot_be_accepted_keeps_no_other_waiting(
    app: Flask, committed_db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sponsor = make_sponsor()
    friends = [sign_up(send_invitation(sponsor).referral_code, born=None) for _one in range(3)]
    for friend in friends:
        db.session.get_one(Profile, friend.id).date_of_birth = ADULT
    broken, *others = [friend.id for friend in friends]
    db.session.commit()
    asked = []

    def accept(user_id: UUID, *, by: Actor) -> None:
        asked.append(user_id)
        if user_id == broken:
            raise RuntimeError("cannot be accepted")

    monkeypatch.setattr("portal.referrals.jobs.accept_if_ready", accept)
    monkeypatch.setattr("portal.referrals.jobs.waiting_people", partial(waiting_people, limit=2))

    assert accept_waiting() == {"waiting": 3, "accepted": 0, "failed": 1}
    assert asked == [broken, *others]


@pytest.mark.covers("REF-26")
def test_papers_without_a_guardian_are_not_enough(sponsor: User) -> None:
    referral = send_invitation(sponsor)
    teen = sign_up(referral.referral_code, born=TEEN)
    name_guardian(teen.id, TEEN, sign_up(None).phone or "", Relationship.PARENT, by=acting(teen))
    verify_paper(teen)
    verify_paper(sponsor)

    assert accept_if_ready(teen.id, by=SYSTEM) is None
    assert now_stands(referral) is Standing.SIGNED_UP


@pytest.mark.covers("REF-26")
def test_whoever_comes_of_age_needs_neither(app: Flask, committed_db: Session, clock: Clock) -> None:
    sponsor = make_sponsor()
    referral = send_invitation(sponsor)
    teen = sign_up(referral.referral_code, born=None)
    name_guardian(teen.id, date(2008, 6, 1), sign_up(None).phone or "", Relationship.PARENT, by=acting(teen))
    db.session.commit()

    clock.travel(2026, 5, 31, 12)
    assert accept_waiting() == {"waiting": 1, "accepted": 0, "failed": 0}
    clock.travel(2026, 6, 1, 12)
    assert accept_waiting() == {"waiting": 1, "accepted": 1, "failed": 0}


def test_asking_again_accepts_once(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    referral = send_invitation(sponsor)
    friend = sign_up(referral.referral_code, born=None)
    db.session.commit()
    user_id = friend.id
    db.session.execute(update(Profile).where(Profile.user_id == user_id).values(date_of_birth=ADULT))
    db.session.commit()

    done = race(app, [partial(accept_if_ready, user_id, by=SYSTEM) for _ in range(8)])

    assert Counter(type(each) for each in done) == {Referral: 1, type(None): 7}


@pytest.mark.covers("REF-19")
def test_a_click_is_kept_with_its_campaign_and_the_first_one_is_stamped(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    first = clock.now()
    remember_click(find_link(referral.referral_code), {"utm_source": "sms" * 80, "other": "x"}, by=PHONE)
    clock.advance(hours=1)
    remember_click(find_link(referral.referral_code.lower()), {}, by=PHONE)
    remember_click(find_link(sponsor.referral_code), {"utm_medium": "\x00poster"}, by=PHONE)

    clicks = db.session.scalars(select(ReferralClick).order_by(ReferralClick.id)).all()
    assert [(click.owner_user_id, click.referral_id) for click in clicks] == [
        (sponsor.id, referral.id),
        (sponsor.id, referral.id),
        (sponsor.id, None),
    ]
    assert [click.utm for click in clicks] == [
        {"utm_source": ("sms" * 80)[:100]},
        {},
        {"utm_medium": "poster"},
    ]
    assert str(clicks[0].ip_address) == PHONE.ip
    db.session.refresh(referral)
    assert (referral.clicked_at, referral.opened_at) == (first, first)


@pytest.mark.parametrize(
    "agent",
    ["WhatsApp/2.24.1 A", "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)", "Googlebot/2.1"],
)
def test_programs_that_draw_previews_are_not_counted(sponsor: User, agent: str) -> None:
    remember_click(find_link(sponsor.referral_code), {}, by=Actor(ip="1.2.3.4", user_agent=agent))

    assert db.session.scalars(select(ReferralClick)).all() == []


def test_the_sponsors_own_look_is_not_counted(sponsor: User) -> None:
    remember_click(find_link(sponsor.referral_code), {}, by=acting(sponsor))

    assert db.session.scalars(select(ReferralClick)).all() == []


@pytest.mark.covers("REF-17")
def test_the_length_of_a_code_tells_which_kind_it_is(sponsor: User) -> None:
    referral = send_invitation(sponsor)

    assert find_link(f" {referral.referral_code} ").referral == referral
    assert find_link(sponsor.referral_code).referral is None
    assert (len(referral.referral_code), len(sponsor.referral_code)) == (12, 9)


def test_the_reaction_to_an_old_birthday_changes_nothing(sponsor: User, clock: Clock) -> None:
    friend, referral = make_friend(sponsor)
    accepted_at = referral.accepted_at
    clock.travel(clock.now() + timedelta(days=1))

    assert accept_if_ready(friend.id, by=SYSTEM) is None
    assert referral.accepted_at == accepted_at
