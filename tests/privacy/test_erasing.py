"""Leaving: what stands in the way, the time to think, and what is left of a person afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    ContactChange,
    ContactKind,
    SecurityEvent,
    User,
    UserSession,
    UserStatus,
)
from portal.identity.sessions import open_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Base, db
from portal.kernel.errors import Conflict
from portal.kernel.ids import new_id
from portal.kernel.personal import ERASED
from portal.kernel.resealing import _is_sealed
from portal.ledger import services as ledger
from portal.ledger.accounts import provider_clearing, user_wallet
from portal.ledger.services import Cause
from portal.notifications.models import Notification, NotificationDelivery
from portal.notifications.services import notify
from portal.payments.methods import save_wave_destination
from portal.payments.models import PaymentMethod
from portal.pots.models import Donation, PotStatus
from portal.privacy.erasing import erase
from portal.privacy.forgetting import SomeErasuresFailed, erase_due
from portal.privacy.leaving import ask_to_leave, leaving_of, open_matters
from portal.privacy.models import PrivacyRequest, RequestStatus
from portal.privacy.person import person_of
from portal.referrals.models import (
    Referral,
    ReferralClick,
    SponsorContact,
    SponsorContactBatch,
)
from tests.harness.database import become_owner
from tests.harness.house import acting, make_person, make_pot, send, sign_in

PHONE, EMAIL, NAME = "+221771112233", "rokhaya.faye@example.org", "Rokhaya Faye"


@pytest.fixture
def leaver(db_session: Session) -> User:
    """Somebody with both addresses proved, and a way to sign in."""
    user = make_person(
        NAME, phone=PHONE, email=EMAIL, phone_verified_at=clock.now(), email_verified_at=clock.now()
    )
    db_session.add(AuthIdentity(user_id=user.id, provider=AuthProvider.PHONE, provider_uid=PHONE))
    db_session.flush()
    return user


@pytest.fixture
def friend(db_session: Session) -> User:
    """Somebody who knows the leaver well."""
    return make_person("Fatou Sow")


def words_left() -> dict[str, list[str]]:
    """In which tables name, phone and address still stand."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        where = " OR ".join(f'"{column.name}"::text ILIKE :word' for column in table.columns)
        for word in (PHONE, EMAIL, NAME):
            query = text(f'SELECT EXISTS (SELECT 1 FROM "{table.name}" WHERE {where})')
            if db.session.scalar(query, {"word": f"%{word}%"}):
                found.setdefault(word, []).append(table.name)
    return found


def said_of_invitations() -> list[tuple[Any, ...]]:
    """Every invitation with all it says, but for the time of its last change."""
    columns = [column for column in Referral.__table__.columns if column.name != "updated_at"]
    return [tuple(row) for row in db.session.execute(select(*columns))]


def knows(friend: User, leaver: User) -> None:
    """The friend's address book, a batch cut from it, an invitation, a gift and a message speak of the leaver."""
    add = db.session.add
    entry = {"name": NAME, "phone": PHONE, "email": None, "position": 0, "id": "a"}
    other = {"name": "Modou Ba", "phone": "+221770000001", "email": None, "position": 1, "id": "b"}
    add(SponsorContact(sponsor_user_id=friend.id, position=0, name=NAME, phone=PHONE))
    add(
        SponsorContactBatch(
            sponsor_user_id=friend.id,
            batch_date=clock.today(),
            start_position=0,
            end_position=2,
            contact_snapshot=[entry, other],
        )
    )
    add(
        Referral(
            referrer_id=friend.id,
            referred_user_id=leaver.id,
            referred_name=NAME,
            referred_phone=PHONE,
            referral_code=f"R{new_id().hex[:10]}",
            expires_at=clock.now() + timedelta(days=7),
            message=f"Viens, {NAME} !",
        )
    )
    pot = make_pot(friend, status=PotStatus.CLOSED, holds=0)
    gift = Donation(
        id=new_id(),
        pot_id=pot.id,
        donor_user_id=leaver.id,
        donor_name=NAME,
        donor_phone=PHONE,
        donor_email=EMAIL,
        amount_minor=5_000,
        donation_message="Joyeux anniversaire",
        wave_webhook_data={"paid_from": PHONE},
        receipt_token=new_id().hex,
        submission_key=new_id().hex,
        ip_address="198.51.100.7",
        status="refunded",
    )
    add(gift)
    db.session.flush()
    notify(
        "operations_alert",
        event_key="tests:gift",
        data={"subject": f"{NAME} vous offre 5 000 F", "detail": f"Écrivez à {EMAIL}."},
        user_id=friend.id,
        related=("donations", gift.id),
        by=SYSTEM,
    )
    notify(
        "operations_alert",
        event_key="tests:welcome",
        data={"subject": "Bienvenue", "detail": NAME},
        user_id=leaver.id,
        by=SYSTEM,
    )


@pytest.mark.covers("PRV-02")
@pytest.mark.parametrize(("was_proved", "is_forgotten"), [(True, True), (False, False)])
def test_addresses_that_were_proved_earlier_go_too_and_others_stay(
    leaver: User, friend: User, was_proved: bool, is_forgotten: bool
) -> None:
    earlier = "earlier.address@example.org"
    db.session.add(Referral(referrer_id=friend.id, referred_email=earlier, referral_code="EARLIERCODE1"))
    db.session.add(
        ContactChange(
            user_id=leaver.id,
            kind=ContactKind.EMAIL,
            old_value=earlier,
            new_value=EMAIL,
            take_back_hash="0" * 64,
            take_back_until=clock.now(),
            old_is_proved=was_proved,
        )
    )
    leaver_id = leaver.id
    leaver.status = UserStatus.ERASED
    db.session.flush()

    erase(person_of(leaver_id))

    left = db.session.scalars(select(Referral.referred_email)).one()
    assert (left == earlier) is not is_forgotten
    assert db.session.scalars(select(ContactChange)).all() == []


@pytest.mark.covers("PRV-02")
def test_an_earlier_address_that_is_another_account_now_stays(leaver: User, friend: User) -> None:
    friend.email = "earlier.address@example.org"
    db.session.add(
        ContactChange(
            user_id=leaver.id,
            kind=ContactKind.EMAIL,
            old_value=friend.email,
            new_value=EMAIL,
            take_back_hash="0" * 64,
            take_back_until=clock.now(),
            old_is_proved=True,
        )
    )
    db.session.flush()

    assert friend.email not in person_of(leaver.id).emails


@pytest.mark.covers("PRV-02", "REF-18")
def test_everything_that_is_said_of_a_person_goes_and_rows_of_value_stay(leaver: User, friend: User) -> None:
    knows(friend, leaver)
    assert set(words_left()) == {PHONE, EMAIL, NAME}
    leaver_id = leaver.id
    leaver.status = UserStatus.ERASED
    db.session.flush()

    erase(person_of(leaver_id))

    assert words_left() == {}
    gift = db.session.scalars(select(Donation)).one()
    assert (gift.amount_minor, gift.donor_user_id, gift.donor_name, gift.ip_address) == (
        5_000,
        leaver_id,
        None,
        None,
    )
    assert db.session.scalar(text("SELECT wave_webhook_data IS NULL FROM donations"))
    invitation = db.session.scalars(select(Referral)).one()
    assert (invitation.referrer_id, invitation.referred_user_id) == (friend.id, leaver_id)
    batch = db.session.scalars(select(SponsorContactBatch)).one()
    assert [entry["name"] for entry in batch.contact_snapshot] == [ERASED, "Modou Ba"]
    assert [entry["id"] for entry in batch.contact_snapshot] == ["a", "b"]
    told = db.session.scalars(select(Notification)).one()
    assert told.user_id == friend.id
    assert f"{ERASED} vous offre" in told.title


@pytest.mark.covers("PRV-02")
def test_erasing_again_changes_nothing(leaver: User, friend: User) -> None:
    knows(friend, leaver)
    leaver.status = UserStatus.ERASED
    db.session.flush()
    erase(person_of(leaver.id))
    before = said_of_invitations()

    erase(person_of(leaver.id))

    assert said_of_invitations() == before
    assert words_left() == {}


@pytest.mark.covers("PRV-02")
def test_a_name_that_another_bears_goes_only_from_what_is_about_the_leaver(
    leaver: User, friend: User
) -> None:
    make_person(NAME)
    knows(friend, leaver)
    notify(
        "operations_alert",
        event_key="tests:namesake",
        data={"subject": f"{NAME} vous salue", "detail": "C'est une autre."},
        user_id=friend.id,
        by=SYSTEM,
    )
    leaver.status = UserStatus.ERASED
    db.session.flush()

    erase(person_of(leaver.id))

    titles = sorted(db.session.scalars(select(Notification.title)))
    assert [title.partition("\u00a0: ")[2] for title in titles] == [
        f"{NAME} vous salue",
        f"{ERASED} vous offre 5 000 F",
    ]


@pytest.mark.covers("PRV-07", "PRV-14")
def test_leaving_closes_the_account_at_once_and_erases_it_when_the_time_to_think_is_over(
    committed_db: Any, leaver_committed: User
) -> None:
    leaver_id = leaver_committed.id
    asked_at = clock.now()

    with clock.travel(asked_at + timedelta(days=29, hours=23)):
        assert erase_due() == {"erased": 0, "waiting": 0}
    with clock.travel(asked_at + timedelta(days=30, minutes=1)):
        assert erase_due() == {"erased": 1, "waiting": 0}
        assert erase_due() == {"erased": 0, "waiting": 0}

    stub = db.session.get_one(User, leaver_id)
    assert (stub.status, stub.email, stub.phone) == (UserStatus.ERASED, None, None)
    request = db.session.scalars(select(PrivacyRequest)).one()
    assert request.status is RequestStatus.DONE
    assert db.session.scalars(select(AuditLog.action).where(AuditLog.resource_id == leaver_id)).all() == [
        "personal_data_erased"
    ]


@pytest.fixture
def leaver_committed(committed_db: Any) -> User:
    user = make_person(NAME, phone=PHONE, email=EMAIL, phone_verified_at=clock.now())
    open_session(user, by=SYSTEM)
    ask_to_leave(user.id, by=acting(user))
    db.session.commit()
    assert user.status is UserStatus.PENDING_DELETION
    live = select(func.count()).where(UserSession.user_id == user.id, UserSession.revoked.is_(False))
    assert db.session.scalar(live) == 0
    return user


@pytest.mark.covers("PRV-14")
def test_signing_in_again_takes_it_back(leaver: User) -> None:
    ask_to_leave(leaver.id, by=acting(leaver))

    open_session(leaver, by=acting(leaver))

    assert (leaver.status, leaver.deleted_at) == (UserStatus.ACTIVE, None)
    assert leaving_of(leaver.id) is None
    assert db.session.scalars(select(PrivacyRequest.status)).one() is RequestStatus.CANCELED
    kinds = set(db.session.scalars(select(SecurityEvent.event_type)))
    assert kinds == {"leaving_asked", "leaving_taken_back"}


@pytest.mark.covers("PRV-03")
def test_asking_twice_is_one_request(leaver: User) -> None:
    first = ask_to_leave(leaver.id, by=acting(leaver))

    assert ask_to_leave(leaver.id, by=acting(leaver)).id == first.id
    told = set(db.session.scalars(select(NotificationDelivery.recipient_identifier)))
    assert told == {PHONE, EMAIL}


def test_open_money_keeps_the_account_open(leaver: User) -> None:
    make_pot(leaver, holds=20_000)
    cause = Cause("tests", "tests", leaver.id, f"tests:{leaver.id}:wallet")
    ledger.move(provider_clearing(new_id()), user_wallet(leaver.id), 700, cause, by=SYSTEM)

    sentences = open_matters(leaver.id)

    assert len(sentences) == 2
    assert any("pots is still running" in sentence for sentence in sentences)
    assert any("700" in sentence for sentence in sentences)
    with pytest.raises(Conflict):
        ask_to_leave(leaver.id, by=acting(leaver))
    assert leaver.status is UserStatus.ACTIVE


def test_the_page_says_what_keeps_one_whatever_its_form_holds(
    client: FlaskClient, leaver: User, db_session: Session
) -> None:
    make_pot(leaver, holds=20_000)
    sign_in(client, leaver)

    answer = send(client, "/privacy/leave")

    assert answer.status_code == 409
    assert "pots is still running" in answer.text


@pytest.mark.covers("PRV-02")
def test_the_network_of_a_click_may_be_forgotten_and_nothing_else(leaver: User, db_session: Session) -> None:
    click = ReferralClick(owner_user_id=leaver.id, ip_address="198.51.100.7", user_agent="tests")
    db_session.add(click)
    db_session.flush()
    db_session.execute(text("UPDATE referral_clicks SET ip_address = NULL, user_agent = NULL"))
    for change in ("utm = '{\"a\": 1}'", "ip_address = '198.51.100.8'"):
        with pytest.raises(Exception, match="append-only"), db_session.begin_nested():
            become_owner(db_session)
            db_session.execute(text(f"UPDATE referral_clicks SET {change}"))


@pytest.mark.covers("PRV-02")
def test_an_erasure_that_breaks_off_has_changed_nothing_and_is_done_by_the_next_run(
    committed_db: Any, leaver_committed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver_id = leaver_committed.id
    with clock.travel(clock.now() + timedelta(days=30, minutes=1)):
        with monkeypatch.context() as broken:
            broken.setattr("portal.privacy.erasing.wipe", lambda _traces: 1 / 0)
            with pytest.raises(SomeErasuresFailed):
                erase_due()
        waiting = db.session.get_one(User, leaver_id)
        assert (waiting.status, waiting.phone) == (UserStatus.PENDING_DELETION, PHONE)
        db.session.rollback()
        assert erase_due() == {"erased": 1, "waiting": 0}


@pytest.mark.covers("PRV-02")
def test_where_somebody_was_paid_is_erased_and_keys_can_still_change(leaver: User) -> None:
    save_wave_destination(phone="77 111 22 33", holder_name=NAME, user_id=leaver.id, by=acting(leaver))
    leaver.status = UserStatus.ERASED
    db.session.flush()

    erase(person_of(leaver.id))

    row = db.session.execute(select(PaymentMethod.__table__)).mappings().one()
    assert (row["holder_name"], row["label"], row["is_active"]) == (None, ERASED, False)
    column = PaymentMethod.__table__.c.token_encrypted
    assert not _is_sealed(column, dict(row))
