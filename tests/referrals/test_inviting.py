"""One invitation: who may be asked, what is kept, what is sent, and how it ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.values import INVITATION_DAYS
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.notifications.models import Channel, Notification, NotificationDelivery
from portal.people.models import Profile, UserPreferences, UserPrivacy
from portal.referrals.inviting import Invitee, invite, invite_again
from portal.referrals.jobs import expire_invitations
from portal.referrals.limits import places_today
from portal.referrals.models import InvitationStatus, PipelineStage, Referral
from portal.referrals.policies import Standing, standing, stands
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import (
    came_by_link,
    make_friend,
    make_sponsor,
    send_invitation,
    set_value,
    sign_up,
    some_invitee,
    some_phone,
)


def deliveries() -> list[NotificationDelivery]:
    return list(db.session.scalars(select(NotificationDelivery)))


@pytest.mark.covers("REF-01", "REF-02", "REF-04", "REF-05", "REF-06", "REF-08", "REF-10", "REF-13", "REF-23")
def test_an_invitation_keeps_who_asked_whom_with_which_words(sponsor: User, clock: Clock) -> None:
    now = clock.travel(2026, 3, 1, 12)

    sent = invite(sponsor.id, Invitee(" Fatou  Sarr ", "77 123 45 67", None, "Viens !"), by=acting(sponsor))

    db.session.expire_all()
    referral = db.session.get_one(Referral, sent.id)
    assert (referral.referrer_id, referral.referred_user_id) == (sponsor.id, None)
    assert (referral.referred_name, referral.referred_phone) == ("Fatou Sarr", "+221771234567")
    assert (referral.message, referral.source) == ("Viens !", "app")
    assert (referral.invitation_status, referral.pipeline_stage) == (
        InvitationStatus.SENT,
        PipelineStage.PENDING,
    )
    assert (referral.sent_at, referral.expires_at) == (now, now + timedelta(days=7))
    assert len(referral.referral_code) == 12
    assert referral.referral_link == f"http://localhost/r/{referral.referral_code}"
    assert (referral.invitation_order, referral.batch_id) == (1, None)
    history = db.session.scalars(select(StatusHistory).where(StatusHistory.entity_id == sent.id)).one()
    assert (history.from_status, history.to_status, history.actor_user_id) == (None, "sent", sponsor.id)


@pytest.mark.covers("REF-01")
@pytest.mark.parametrize(
    ("invitee", "channel", "address"),
    [
        (Invitee("Fatou", None, "FATOU@exemple.sn", "Viens !"), Channel.EMAIL, "fatou@exemple.sn"),
        (Invitee("Fatou", "771234567", None, "Viens !"), Channel.SMS, "+221771234567"),
        (Invitee("Fatou", "771234567", "fatou@exemple.sn"), Channel.EMAIL, "fatou@exemple.sn"),
    ],
    ids=["e-mail", "text message", "both: one message only"],
)
def test_the_person_is_written_to_once_where_the_sponsor_said(
    sponsor: User, invitee: Invitee, channel: Channel, address: str
) -> None:
    referral = invite(sponsor.id, invitee, by=acting(sponsor))

    (delivery,) = deliveries()
    assert (delivery.channel, delivery.recipient_identifier) == (channel, address)
    assert referral.referral_link is not None
    assert referral.referral_link in delivery.body
    assert ("Awa Ndiaye" if channel is Channel.EMAIL else "Awa vous invite") in delivery.body
    notification = db.session.scalars(select(Notification)).one()
    assert notification.expires_at == referral.expires_at
    assert notification.category == "referral"


def test_a_text_message_fits_one_part_and_carries_the_whole_link(sponsor: User) -> None:
    referral = invite(sponsor.id, Invitee("Fatou", "771234567", None, "m" * 500), by=acting(sponsor))

    (delivery,) = deliveries()
    assert referral.referral_link is not None
    # Whoever gets it says by the key that they want no more of them; the sponsor's own link has none.
    key = db.session.get_one(Notification, delivery.notification_id).answer_key
    assert delivery.body.endswith(f"{referral.referral_link}?k={key}")
    assert len(delivery.body) <= 160
    delivery.body.encode("latin-1")


@pytest.mark.parametrize(("locale", "words"), [("fr-SN", "à vous"), ("en", "Hello there"), ("wo", "yow")])
def test_an_invitation_speaks_the_sponsors_language_also_to_the_nameless(
    sponsor: User, locale: str, words: str
) -> None:
    db.session.execute(
        update(UserPreferences).where(UserPreferences.user_id == sponsor.id).values(locale=locale)
    )

    invite(sponsor.id, Invitee(None, None, "fatou@exemple.sn"), by=acting(sponsor))

    assert words in deliveries()[0].body


@pytest.mark.covers("PPL-28")
def test_somebody_who_said_no_to_sponsors_is_not_written_to(sponsor: User) -> None:
    shy = make_sponsor("Coumba Ba")
    db.session.execute(
        update(UserPrivacy).where(UserPrivacy.user_id == shy.id).values(allow_contact_by_sponsors=False)
    )

    for address in (Invitee("C", shy.phone, None), Invitee("C", None, (shy.email or "").upper())):
        assert invite(sponsor.id, address, by=acting(sponsor)).invitation_status is InvitationStatus.SENT

    assert deliveries() == []


def test_a_sponsor_whose_birthday_is_unknown_does_not_invite(db_session: Session) -> None:
    newcomer = make_sponsor("Ibou", born=None)

    with pytest.raises(InvalidInput):
        send_invitation(newcomer)


@pytest.mark.covers("REF-16")
def test_nobody_invites_themselves(sponsor: User) -> None:
    for own in (Invitee("Moi", sponsor.phone, None), Invitee("Moi", None, (sponsor.email or "").upper())):
        with pytest.raises(InvalidInput):
            invite(sponsor.id, own, by=acting(sponsor))
    assert places_today(sponsor.id).sent == 0


@pytest.mark.parametrize(
    ("invitee", "field"),
    [
        (Invitee("Fatou", None, None), "phone"),
        (Invitee("Fatou", "12", None), "phone"),
        (Invitee("Fatou", None, "fatou@"), "email"),
        (Invitee("Fatou", "771234567", None, "m" * 501), "message"),
    ],
)
def test_an_invitation_needs_an_address_that_works(sponsor: User, invitee: Invitee, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        invite(sponsor.id, invitee, by=acting(sponsor))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "again",
    [
        Invitee("Fatou", "+221 77 123 45 67", None),
        Invitee("Autre", None, "Fatou@Exemple.sn"),
        Invitee("Fatou", "761234567", "fatou@exemple.sn"),
    ],
)
def test_somebody_whose_invitation_is_open_is_not_asked_again(sponsor: User, again: Invitee) -> None:
    invite(sponsor.id, Invitee("Fatou", "771234567", "fatou@exemple.sn"), by=acting(sponsor))

    with pytest.raises(Conflict):
        invite(sponsor.id, again, by=acting(sponsor))

    assert places_today(sponsor.id).sent == 1


def test_two_sponsors_may_invite_the_same_person(sponsor: User) -> None:
    invitee = some_invitee()

    codes = {send_invitation(one, invitee).referral_code for one in (sponsor, make_sponsor("Ibou"))}

    assert len(codes) == 2


@pytest.mark.covers("REF-07", "REF-33")
def test_an_expired_invitation_is_sent_again_as_a_new_one(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    first = invite(sponsor.id, Invitee("Fatou", "771234567", None, "Viens !"), by=acting(sponsor))
    with pytest.raises(Conflict):
        invite_again(first.id, sponsor.id, by=acting(sponsor))

    clock.travel(2026, 3, 8, 12)
    second = invite_again(first.id, sponsor.id, by=acting(sponsor))

    assert second.id != first.id
    assert second.referral_code != first.referral_code
    assert (second.referred_phone, second.referred_name, second.message) == (
        "+221771234567",
        "Fatou",
        "Viens !",
    )
    db.session.refresh(first)
    assert (first.invitation_status, first.expired_at) == (InvitationStatus.EXPIRED, clock.now())
    with pytest.raises(Conflict):
        invite_again(first.id, sponsor.id, by=acting(sponsor))
    with pytest.raises(NotFound):
        invite_again(first.id, make_sponsor("Ibou").id, by=acting(sponsor))


@pytest.mark.covers("REF-07", "REF-08")
def test_an_invitation_expires_to_the_second_and_the_job_follows(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    sponsor = make_sponsor()
    overdue = send_invitation(sponsor).id
    clock.advance(seconds=1)
    later = send_invitation(sponsor).id
    db.session.commit()

    clock.travel(2026, 3, 8, 11, 59, 59)
    assert standing(db.session.get_one(Referral, overdue)) is Standing.OPEN
    assert expire_invitations() == {"expired": 0}
    clock.travel(2026, 3, 8, 12)
    assert standing(db.session.get_one(Referral, overdue)) is Standing.EXPIRED
    assert expire_invitations() == {"expired": 1}
    assert expire_invitations() == {"expired": 0}

    first, second = db.session.get_one(Referral, overdue), db.session.get_one(Referral, later)
    assert (first.invitation_status, first.expired_at) == (InvitationStatus.EXPIRED, clock.now())
    assert second.invitation_status is InvitationStatus.SENT
    steps = select(StatusHistory.to_status).where(StatusHistory.entity_id == first.id)
    assert sorted(db.session.scalars(steps)) == ["expired", "sent"]


@pytest.mark.covers("REF-07")
def test_the_operator_decides_how_long_an_invitation_is_open(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    set_value(INVITATION_DAYS, 2)

    assert send_invitation(sponsor).expires_at == clock.now() + timedelta(days=2)


@pytest.mark.covers("REF-07")
def test_somebody_who_signed_up_in_time_does_not_expire(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    referral = send_invitation(make_sponsor())
    sign_up(referral.referral_code, born=None)
    db.session.commit()

    clock.travel(2026, 4, 1, 12)
    assert expire_invitations() == {"expired": 0}

    assert standing(db.session.scalars(select(Referral)).one()) is Standing.SIGNED_UP


@pytest.mark.covers("REF-32")
def test_a_list_and_a_row_agree_on_how_a_referral_stands(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    expected: dict[str, Standing] = {}
    overdue = send_invitation(sponsor)
    clock.travel(2026, 3, 9, 12)
    _friend, accepted = make_friend(sponsor)
    waiting = send_invitation(sponsor)
    sign_up(waiting.referral_code, born=None)
    by_link = sign_up(sponsor.referral_code, born=None)
    declined = send_invitation(sponsor)
    declined.invitation_status = InvitationStatus.DECLINED
    opened = send_invitation(sponsor)
    db.session.flush()
    for row, word in (
        (overdue, Standing.EXPIRED),
        (accepted, Standing.ACCEPTED),
        (waiting, Standing.SIGNED_UP),
        (came_by_link(by_link), Standing.SIGNED_UP),
        (declined, Standing.DECLINED),
        (opened, Standing.OPEN),
    ):
        db.session.refresh(row)
        expected[str(row.id)] = word
        assert standing(row) is word

    for word in Standing:
        found = db.session.scalars(select(Referral.id).where(stands(word)))
        assert {str(id_) for id_ in found} == {id_ for id_, one in expected.items() if one is word}


@pytest.mark.covers("REF-03", "REF-04", "REF-15", "REF-16", "REF-17", "REF-42")
@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"referred_phone": None}, "check_invitation_contact"),
        ({"referral_code": "TAKEN"}, "referral_code"),
        ({"referred_user_id": "friend"}, "referred_user_id"),
        ({"referred_user_id": "sponsor"}, "not_self"),
        ({"expires_at": "before"}, "expires_after_sent"),
        ({"invitation_order": 1}, "invitation_order"),
        ({"invitation_order": 0}, "order_positive"),
        ({"invitation_status": InvitationStatus.SENT}, "uq_referrals_pending_phone"),
    ],
)
def test_the_database_refuses_a_broken_referral(
    sponsor: User, clock: Clock, facts: dict[str, object], constraint: str
) -> None:
    now = clock.travel(2026, 3, 1, 12)
    friend, accepted = make_friend(sponsor)
    accepted.referral_code = "TAKEN"
    pending = send_invitation(sponsor)
    db.session.flush()
    real = {"friend": friend.id, "sponsor": sponsor.id, "before": now - timedelta(seconds=1)}
    values: dict[str, object] = {
        "referral_code": "FREE",
        "referred_phone": pending.referred_phone,
        "invitation_status": InvitationStatus.EXPIRED,
        "daily_limit_id": accepted.daily_limit_id,
        "sent_at": now,
    }
    values |= {name: real.get(str(value), value) for name, value in facts.items()}

    db.session.add(Referral(id=new_id(), referrer_id=sponsor.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        db.session.flush()


def test_a_profile_without_preferences_still_invites(sponsor: User) -> None:
    db.session.execute(db.delete(UserPreferences).where(UserPreferences.user_id == sponsor.id))

    send_invitation(sponsor, Invitee("Fatou", some_phone(), None))

    assert db.session.get_one(Profile, sponsor.id).first_name in deliveries()[0].body
