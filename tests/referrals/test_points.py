"""Points: promised once, usable in time, taken back when undone; the ledger says how many."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.values import DONATION_REFUND_DAYS, POINTS_MATURE_DAYS, POINTS_REFERRAL_ACCEPTED
from portal.identity.models import User, UserStatus
from portal.identity.services import NewAccount, register_user
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, user_points
from portal.ledger.errors import InsufficientFunds
from portal.ledger.models import Purpose, Transfer, TransferStatus
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.ledger.services import Cause
from portal.people.models import Profile
from portal.pots.models import Pot
from portal.referrals.answering import accept_if_ready
from portal.referrals.jobs import mature_points
from portal.referrals.models import AwardEvent, AwardStatus, PipelineStage, PointAward, Referral
from portal.referrals.points import award, due_awards, mature, revoke
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.pots.gifts import ask_back, make_open_pot, paid_gift, payment_of, send_back
from tests.referrals.word_of_mouth import (
    ADULT,
    make_friend,
    make_sponsor,
    race,
    send_invitation,
    set_value,
    sign_up,
)

pytestmark = pytest.mark.usefixtures("spring")


def awards(event: AwardEvent | None = None) -> list[PointAward]:
    statement = select(PointAward).order_by(PointAward.id)
    if event is not None:
        statement = statement.where(PointAward.event_type == event)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def open_pot_of(friend: User) -> Pot:
    """The friend's pot, ten days before the birthday."""
    return make_open_pot(friend, target=50_000)


def near_birthday(sponsor: User, clock: Clock) -> tuple[User, Referral]:
    """An accepted friend whose birthday is in ten days."""
    referral = send_invitation(sponsor)
    born = clock.now().date() + timedelta(days=10)
    friend = sign_up(referral.referral_code, born=born.replace(year=1996))
    db.session.refresh(referral)
    return friend, referral


@pytest.mark.covers("REF-54", "REF-55", "REF-56", "REF-57", "REF-58")
def test_an_acceptance_promises_points_that_the_ledger_holds(sponsor: User, clock: Clock) -> None:
    _friend, referral = make_friend(sponsor)

    (promised,) = awards()
    assert (promised.sponsor_user_id, promised.referral_id) == (sponsor.id, referral.id)
    assert (promised.event_type, promised.status, promised.points) == (
        AwardEvent.REFERRAL_ACCEPTED,
        AwardStatus.PENDING,
        100,
    )
    assert (promised.base_multiplier, promised.sponsor_boost_multiplier) == (Decimal("1.00"), Decimal("1.00"))
    assert promised.description == f"referral_accepted: {referral.referral_code}"
    assert (promised.details, promised.created_at) == ({}, clock.now())
    assert promised.matures_at == clock.now() + timedelta(days=14)
    assert promised.matured_at is None
    held = balance(user_points(sponsor.id))
    assert (held.available, held.pending_in) == (0, 100)
    transfer = db.session.get_one(Transfer, promised.transfer_id)
    assert (transfer.status, transfer.unit, transfer.source_id) == (
        TransferStatus.PENDING,
        "PTS",
        promised.id,
    )
    assert referral.referrer_reward_given


@pytest.mark.covers("REF-10", "REF-12", "REF-54")
def test_a_friends_pot_and_its_first_gift_earn_points_of_their_own(sponsor: User, clock: Clock) -> None:
    friend, referral = near_birthday(sponsor, clock)

    pot = open_pot_of(friend)
    assert (referral.pipeline_stage, referral.conversion_type, referral.converted_at) == (
        PipelineStage.CONVERTED,
        "pot_opened",
        clock.now(),
    )
    paid_gift(pot)
    paid_gift(pot)

    assert [(one.event_type, one.points) for one in awards()] == [
        (AwardEvent.REFERRAL_ACCEPTED, 100),
        (AwardEvent.POT_OPENED, 50),
        (AwardEvent.FIRST_DONATION, 100),
    ]
    assert awards()[1].details == {"pot_id": str(pot.id)}
    assert balance(user_points(sponsor.id)).pending_in == 250
    assert referral.pipeline_stage is PipelineStage.COMPLETED
    assert trial_balance() == {"PTS": 0, "XOF": 0}


@pytest.mark.covers("REF-59")
def test_what_sponsor_and_friend_give_themselves_earns_nothing(sponsor: User, clock: Clock) -> None:
    friend, _ = near_birthday(sponsor, clock)
    pot = open_pot_of(friend)

    paid_gift(pot, donor=sponsor)
    paid_gift(pot, donor=friend)
    assert awards(AwardEvent.FIRST_DONATION) == []

    paid_gift(pot, donor=make_sponsor("Coumba"))
    assert len(awards(AwardEvent.FIRST_DONATION)) == 1


@pytest.mark.covers("REF-59")
@pytest.mark.parametrize("whose", ["sponsor", "friend"])
@pytest.mark.parametrize("known_by", ["phone", "e-mail", "e-mail spelled otherwise"])
def test_being_signed_out_makes_nobody_somebody_else(
    sponsor: User, clock: Clock, whose: str, known_by: str
) -> None:
    """A gift of 100 francs would otherwise earn its own giver 100 points."""
    friend, _ = near_birthday(sponsor, clock)
    giver = {"sponsor": sponsor, "friend": friend}[whose]
    giver.email = "awa.ndiaye@gmail.com"
    db.session.flush()
    contact = {
        "phone": {"phone": giver.phone},
        "e-mail": {"email": "Awa.Ndiaye@gmail.com"},
        "e-mail spelled otherwise": {"email": "awandiaye+fete@googlemail.com"},
    }[known_by]
    pot = open_pot_of(friend)

    paid_gift(pot, 100, **contact)
    assert awards(AwardEvent.FIRST_DONATION) == []

    paid_gift(pot, 100, phone="77 000 00 01", email="awa.ndiaye@exemple.sn")
    assert len(awards(AwardEvent.FIRST_DONATION)) == 1


@pytest.mark.covers("REF-59")
@pytest.mark.parametrize("whose", ["sponsor", "friend", "somebody else"])
def test_points_of_a_gift_that_the_two_have_paid_themselves_are_revoked(
    sponsor: User, clock: Clock, whose: str
) -> None:
    """Wave names the payer's number only in its daily list, long before the points are usable."""
    friend, _ = near_birthday(sponsor, clock)
    gift = paid_gift(open_pot_of(friend), 100)
    number = {"sponsor": sponsor.phone, "friend": friend.phone, "somebody else": "+221770000001"}[whose]
    payment = payment_of(gift)
    payment.provider_data = payment.provider_data | {"paid_from": number}
    (promised,) = awards(AwardEvent.FIRST_DONATION)
    clock.advance(days=40)

    assert mature(promised.id) is (whose == "somebody else")

    (row,) = awards(AwardEvent.FIRST_DONATION)
    kept = {"somebody else": (AwardStatus.MATURED, None)}
    assert (row.status, row.revoke_reason) == kept.get(whose, (AwardStatus.REVOKED, "own_gift"))
    assert disagreements() == []


@pytest.mark.covers("REF-59")
def test_a_second_account_of_the_sponsor_or_of_a_friend_earns_nothing(sponsor: User) -> None:
    sponsor.email = "awa@exemple.sn"
    db.session.flush()

    def bring(email: str) -> int:
        before = len(awards())
        account = NewAccount(
            full_name="Fatou Sarr",
            email=email,
            password="quatre baobabs au soleil",
            date_of_birth=ADULT,
            invitation_code=sponsor.referral_code,
        )
        register_user(account, by=Actor())
        return len(awards()) - before

    assert [bring(email) for email in ("awa+1@exemple.sn", "fatou@gmail.com", "f.a.t.o.u+x@googlemail.com")] == [
        0, 1, 0,
    ]  # fmt: skip
    assert bring("awa@exemple.com") == 1


@pytest.mark.covers("REF-59")
@pytest.mark.parametrize("proof", ["email_verified_at", "phone_verified_at"])
def test_points_wait_until_the_friend_has_proved_an_address(sponsor: User, clock: Clock, proof: str) -> None:
    """An account costs nothing while nobody has to read what is sent to it."""
    friend, _ = make_friend(sponsor)
    friend.phone_verified_at = friend.email_verified_at = None
    db.session.flush()
    (promised,) = awards()
    clock.advance(days=20)

    assert (due_awards(), mature(promised.id)) == ([], False)

    setattr(friend, proof, clock.now())
    db.session.flush()
    assert due_awards() == [promised.id]
    assert mature(promised.id) is True


def test_somebody_who_came_alone_earns_nobody_anything(sponsor: User, clock: Clock) -> None:
    alone = sign_up(None, born=clock.now().date().replace(year=1996) + timedelta(days=10))

    paid_gift(open_pot_of(alone))

    assert awards() == []


@pytest.mark.covers("REF-56")
def test_points_mature_after_fourteen_days_and_not_a_second_before(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    sponsor = make_sponsor()
    make_friend(sponsor)
    sponsor_id = sponsor.id
    db.session.commit()

    clock.travel(2026, 3, 15, 11, 59, 59)
    assert mature_points() == {"matured": 0, "failed": 0}
    clock.travel(2026, 3, 15, 12)
    assert mature_points() == {"matured": 1, "failed": 0}
    assert mature_points() == {"matured": 0, "failed": 0}

    (ripe,) = awards()
    assert (ripe.status, ripe.matured_at) == (AwardStatus.MATURED, clock.now())
    held = balance(user_points(sponsor_id))
    assert (held.available, held.pending_in) == (100, 0)
    steps = select(StatusHistory.to_status).where(StatusHistory.entity_id == ripe.id)
    assert sorted(db.session.scalars(steps)) == ["matured", "pending"]


@pytest.mark.covers("REF-56")
def test_points_of_a_first_gift_wait_until_it_cannot_be_refunded(sponsor: User, clock: Clock) -> None:
    friend, _ = near_birthday(sponsor, clock)
    paid_gift(open_pot_of(friend))
    (promised,) = awards(AwardEvent.FIRST_DONATION)
    assert promised.matures_at == clock.now() + timedelta(days=30)

    clock.advance(days=29, hours=23)
    assert promised.id not in due_awards()
    assert mature(promised.id) is False
    clock.advance(hours=1)

    assert mature(promised.id) is True


@pytest.mark.covers("REF-56")
def test_the_operator_decides_how_many_points_and_how_long_they_wait(sponsor: User, clock: Clock) -> None:
    set_value(POINTS_REFERRAL_ACCEPTED, 7)
    set_value(POINTS_MATURE_DAYS, 45)
    set_value(DONATION_REFUND_DAYS, 30)
    friend, _ = near_birthday(sponsor, clock)
    paid_gift(open_pot_of(friend))

    assert awards(AwardEvent.REFERRAL_ACCEPTED)[0].points == 7
    assert {one.matures_at for one in awards()} == {clock.now() + timedelta(days=45)}


@pytest.mark.covers("REF-59")
def test_an_event_of_a_referral_pays_once_even_from_eight_hands(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    set_value(POINTS_REFERRAL_ACCEPTED, 0)
    _friend, referral = make_friend(sponsor)
    referral_id, sponsor_id = referral.id, sponsor.id
    db.session.execute(text("DELETE FROM system_config"))
    db.session.commit()

    def promise() -> bool:
        row = db.session.get_one(Referral, referral_id)
        return award(row, AwardEvent.REFERRAL_ACCEPTED, by=SYSTEM) is not None

    done = race(app, [promise] * 8)

    assert sorted(map(str, done)) == ["False"] * 7 + ["True"]
    assert balance(user_points(sponsor_id)).pending_in == 100
    assert disagreements() == []


@pytest.mark.covers("REF-59")
def test_the_database_knows_one_award_of_a_referral_and_event(sponsor: User) -> None:
    make_friend(sponsor)

    with pytest.raises(IntegrityError, match="uq_point_awards_once"):
        db.session.execute(
            text(
                "INSERT INTO point_awards (id, sponsor_user_id, referral_id, event_type, points, matures_at,"
                " created_at, updated_at) SELECT gen_random_uuid(), sponsor_user_id, referral_id, event_type,"
                " 1, now(), now(), now() FROM point_awards"
            )
        )


@pytest.mark.covers("REF-57")
def test_points_are_base_times_multiplier_rounded_down(sponsor: User) -> None:
    set_value(POINTS_REFERRAL_ACCEPTED, 0)
    _friend, referral = make_friend(sponsor)
    db.session.execute(text("UPDATE system_config SET config_value = '33'"))
    db.session().info.pop("system_config")

    boosted = award(referral, AwardEvent.REFERRAL_ACCEPTED, by=SYSTEM, boost=Decimal("1.55"))

    assert boosted is not None
    assert (boosted.base_points, boosted.sponsor_boost_multiplier, boosted.points) == (
        33,
        Decimal("1.55"),
        51,
    )


@pytest.mark.covers("REF-57", "REF-58")
@pytest.mark.parametrize(
    "change",
    [
        "base_multiplier = 0.99",
        "sponsor_boost_multiplier = 10",
        "points = -1",
        "base_points = -1",
        "event_type = 'gift'",
        "status = 'lost'",
    ],
)
def test_the_database_refuses_a_broken_award(sponsor: User, change: str) -> None:
    make_friend(sponsor)

    with pytest.raises(Exception, match=r"ck_point_awards|numeric field overflow"):
        db.session.execute(text(f"UPDATE point_awards SET {change}"))


@pytest.mark.covers("REF-56", "REF-59", "REF-60")
def test_pending_points_are_revoked_and_the_promise_is_void(sponsor: User, clock: Clock) -> None:
    make_friend(sponsor)
    (promised,) = awards()
    admin = make_admin()

    for _twice in range(2):
        revoke(promised.id, "double account", by=acting(admin))

    assert (promised.status, promised.revoked_at, promised.revoke_reason) == (
        AwardStatus.REVOKED,
        clock.now(),
        "double account",
    )
    held = balance(user_points(sponsor.id))
    assert (held.available, held.pending_in) == (0, 0)
    transfer = db.session.get_one(Transfer, promised.transfer_id, populate_existing=True)
    assert transfer.status is TransferStatus.VOIDED
    line = db.session.scalars(select(AuditLog).where(AuditLog.action == "points_revoked")).one()
    assert (line.actor_user_id, line.resource_id, line.reason) == (admin.id, promised.id, "double account")
    clock.advance(days=30)
    assert mature(promised.id) is False


@pytest.mark.covers("REF-56", "REF-60")
def test_matured_points_are_revoked_by_their_mirror_image(sponsor: User, clock: Clock) -> None:
    make_friend(sponsor)
    (ripe,) = awards()
    clock.advance(days=14)
    mature(ripe.id)
    assert balance(user_points(sponsor.id)).available == 100

    revoke(ripe.id, "fraud", by=acting(make_admin()))

    assert balance(user_points(sponsor.id)).available == 0
    mirror = db.session.scalars(select(Transfer).where(Transfer.reverses_id == ripe.transfer_id)).one()
    assert mirror.status is TransferStatus.POSTED
    assert trial_balance() == {"PTS": 0}


@pytest.mark.covers("REF-58", "REF-64")
def test_points_that_were_spent_cannot_be_taken_back(sponsor: User, clock: Clock) -> None:
    make_friend(sponsor)
    (ripe,) = awards()
    clock.advance(days=14)
    mature(ripe.id)
    spent = Cause("test", "tests", sponsor.id, f"tests:{new_id()}")
    ledger.move(user_points(sponsor.id), platform(Purpose.POINTS_ISSUED, "PTS"), 1, spent, by=SYSTEM)

    with pytest.raises(InsufficientFunds), db.session.begin_nested():
        revoke(ripe.id, "fraud", by=acting(make_admin()))

    assert awards()[0].status is AwardStatus.MATURED
    with pytest.raises(NotFound):
        revoke(new_id(), "nobody's", by=SYSTEM)


@pytest.mark.covers("REF-59")
def test_a_refunded_first_gift_takes_its_points_back(sponsor: User, clock: Clock) -> None:
    friend, _ = near_birthday(sponsor, clock)
    pot = open_pot_of(friend)
    first, second = paid_gift(pot), paid_gift(pot)

    send_back(ask_back(second))
    assert [one.status for one in awards(AwardEvent.FIRST_DONATION)] == [AwardStatus.PENDING]
    send_back(ask_back(first))

    (gone,) = awards(AwardEvent.FIRST_DONATION)
    assert (gone.status, gone.revoke_reason) == (AwardStatus.REVOKED, "donation_refunded")
    assert balance(user_points(sponsor.id)).pending_in == 150


@pytest.mark.covers("REF-59")
@pytest.mark.parametrize("whose", ["sponsor", "friend"])
def test_while_an_account_is_suspended_its_points_stay_pending(
    sponsor: User, clock: Clock, whose: str
) -> None:
    friend, _ = make_friend(sponsor)
    (promised,) = awards()
    doubtful = {"sponsor": sponsor, "friend": friend}[whose]
    doubtful.status = UserStatus.SUSPENDED
    db.session.flush()
    clock.advance(days=20)

    assert (due_awards(), mature(promised.id)) == ([], False)

    doubtful.status = UserStatus.ACTIVE
    db.session.flush()
    assert due_awards() == [promised.id]
    assert mature(promised.id) is True


def test_a_suspended_sponsor_earns_nothing_new(sponsor: User) -> None:
    referral = send_invitation(sponsor)
    friend = sign_up(referral.referral_code, born=None)
    sponsor.status = UserStatus.SUSPENDED
    db.session.get_one(Profile, friend.id).date_of_birth = ADULT
    db.session.flush()

    accept_if_ready(friend.id, by=SYSTEM)

    assert awards() == []


@pytest.mark.covers("REF-56")
def test_one_award_that_cannot_be_posted_does_not_hold_up_the_others(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    sponsor = make_sponsor()
    make_friend(sponsor)
    make_friend(sponsor)
    broken, whole = awards()
    ledger.void(broken.transfer_id or new_id(), by=SYSTEM)
    whole_id = whole.id
    db.session.commit()
    clock.advance(days=14)

    assert mature_points() == {"matured": 1, "failed": 1}
    assert [one.id for one in awards() if one.status is AwardStatus.MATURED] == [whole_id]


@pytest.mark.covers("REF-56")
def test_maturing_at_once_posts_once(app: Flask, committed_db: Session, clock: Clock) -> None:
    sponsor = make_sponsor()
    make_friend(sponsor)
    sponsor_id, award_id = sponsor.id, awards()[0].id
    db.session.commit()
    clock.advance(days=14)

    done = race(app, [partial(mature, award_id)] * 8)

    assert sorted(map(str, done)) == ["False"] * 7 + ["True"]
    assert balance(user_points(sponsor_id)).available == 100
