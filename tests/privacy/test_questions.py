"""Whoever is asked something by a message answers without an account: no, never again, forget me."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.consent.models import Asked, ContactRefusal
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Base, db
from portal.kernel.models import OutboxEvent
from portal.kernel.personal import NAMINGS, REGISTRY, Person
from portal.kernel.roles import MemberRole
from portal.notifications.asking import KEY_LENGTH, new_key
from portal.notifications.catalog import REGISTRY as MESSAGES
from portal.notifications.models import Notification, NotificationDelivery
from portal.partners.home import PARTNER
from portal.people.models import GuardianRequest, RequestStatus
from portal.pots.models import PotInvitation, ShareMethod
from portal.privacy.copying import data_of
from portal.privacy.forgetting_contacts import forget_contact
from portal.privacy.person import person_of
from portal.privacy.questions import FORGET_JOB, Answer, answer, question_behind
from portal.referrals.inviting import Invitee, invite
from portal.referrals.models import InvitationStatus, Referral, SponsorContact
from portal.teams import inviting
from portal.teams.models import InvitationStatus as TeamStatus
from portal.teams.models import TeamInvitation
from portal.teams.sending import send as send_invitation
from tests.harness.house import acting, make_member, make_partner, make_pot, send, sign_in
from tests.harness.traces import everything, in_tables
from tests.identity.doorway import open_account
from tests.people.questions import let_know, name, proved
from tests.referrals.word_of_mouth import make_sponsor

pytestmark = pytest.mark.covers("PRV-02")
MAIL, PHONE = "khady@example.org", "+221770001122"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be asked: how it comes to an address, and what a no looks like in the row."""

    kind: Asked
    ask: Callable[[str], None]
    state: Callable[[], list[object]]
    waiting: object
    refused: object


def ask_a_guardian(contact: str) -> None:
    count = db.session.scalar(select(func.count()).select_from(User))
    name(open_account(f"Ibou {'abcdefghijkl'[count or 0]}", email=f"ibou{count}@example.org"), contact)
    let_know()


def ask_a_worker(contact: str) -> None:
    count = db.session.scalar(select(func.count()).select_from(User))
    house = make_partner(f"Le Djoloff {count}")
    owner = make_member(house, MemberRole.OWNER)
    row = inviting.invite(PARTNER, house.id, contact, MemberRole.STAFF, by=acting(owner))
    send_invitation(row.id, 1, by=SYSTEM)


def ask_a_friend(contact: str) -> None:
    sponsor = make_sponsor()
    is_mail = "@" in contact
    who = Invitee("Khady", None if is_mail else contact, contact if is_mail else None)
    invite(sponsor.id, who, by=acting(sponsor))


def states(model: type[Base], column: str) -> Callable[[], list[object]]:
    def read() -> list[object]:
        db.session.expire_all()
        return [getattr(row, column) for row in db.session.scalars(select(model).order_by(model.id))]  # type: ignore[attr-defined]

    return read


WAYS = (
    Way(
        Asked.GUARDIAN,
        ask_a_guardian,
        states(GuardianRequest, "status"),
        RequestStatus.WAITING,
        RequestStatus.REFUSED,
    ),
    Way(Asked.TEAM, ask_a_worker, states(TeamInvitation, "status"), TeamStatus.WAITING, TeamStatus.DECLINED),
    Way(
        Asked.FRIEND,
        ask_a_friend,
        states(Referral, "invitation_status"),
        InvitationStatus.SENT,
        InvitationStatus.DECLINED,
    ),
)
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.kind))


def keys(contact: str) -> list[str]:
    """The keys that came with messages to a contact, in their order."""
    rows = db.session.scalars(
        select(NotificationDelivery)
        .where(NotificationDelivery.recipient_identifier == contact, NotificationDelivery.user_id.is_(None))
        .order_by(NotificationDelivery.id)
    )
    kept = [db.session.get_one(Notification, row.notification_id).answer_key for row in rows]
    return [key for key in kept if key]


def forget_by_job() -> None:
    """Do what the worker does after somebody has asked to be forgotten."""
    for payload in db.session.scalars(select(OutboxEvent.payload).where(OutboxEvent.job == FORGET_JOB)).all():
        forget_contact(payload["notification_id"], by=SYSTEM)


@each_way
@pytest.mark.parametrize("contact", [MAIL, PHONE])
def test_a_message_to_no_account_leads_to_a_page_that_changes_nothing(
    client: FlaskClient, db_session: Session, way: Way, contact: str
) -> None:
    way.ask(contact)
    [key] = keys(contact)
    [delivery] = db_session.scalars(
        select(NotificationDelivery).where(NotificationDelivery.recipient_identifier == contact)
    )
    if contact == PHONE:
        links = re.findall(r"https?://\S+", delivery.body)
        assert len(links) == 1
        assert links[0].endswith(key)
        assert len(delivery.body) <= 160
    before = everything()

    page = client.get(f"/q/{key.lower()}")

    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert way.state() == [way.waiting]
    assert everything()["contact_refusals"] == before["contact_refusals"]
    assert contact not in page.text


@each_way
def test_a_no_needs_no_account_and_is_said_once(client: FlaskClient, db_session: Session, way: Way) -> None:
    way.ask(MAIL)
    [key] = keys(MAIL)

    assert send(client, f"/q/{key}", {"answer": "maybe"}).status_code == 422
    assert way.state() == [way.waiting]
    for _time in range(2):
        assert send(client, f"/q/{key}", {"answer": "no"}).location == f"/q/{key}"
    assert way.state() == [way.refused]
    assert "This question is over" in client.get(f"/q/{key}").text
    assert db_session.scalars(select(ContactRefusal)).all() == []
    # A no is to this question alone.
    way.ask(MAIL)
    assert len(keys(MAIL)) == 2


@each_way
@pytest.mark.parametrize(
    ("contact", "again"), [(MAIL, "khady+2@example.org"), (PHONE, PHONE)], ids=["mail", "phone"]
)
def test_who_wants_no_more_is_not_written_to_however_the_address_is_spelled(
    client: FlaskClient, db_session: Session, way: Way, contact: str, again: str
) -> None:
    way.ask(contact)
    [key] = keys(contact)
    for _time in range(2):
        send(client, f"/q/{key}", {"answer": "never"})
    assert way.state() == [way.refused]
    assert contact not in str(everything()["contact_refusals"])
    assert len(db_session.scalars(select(ContactRefusal)).all()) == 1

    way.ask(again)

    assert keys(again) == ([] if again != contact else [key])
    # The row is as any other, so nobody who asks sees a difference.
    assert way.state() == [way.refused, way.waiting]
    if way.kind is Asked.GUARDIAN:
        assert all(row.told_at for row in db_session.scalars(select(GuardianRequest)))
    # What else is asked still comes.
    other = WAYS[(WAYS.index(way) + 1) % len(WAYS)]
    other.ask(contact)
    assert len(keys(contact)) == 2


def test_who_opens_an_account_later_finds_the_question_there_and_gets_no_mail(
    client: FlaskClient, db_session: Session
) -> None:
    ask_a_guardian(MAIL)
    send(client, f"/q/{keys(MAIL)[0]}", {"answer": "never"})
    khady = proved("Khady Sow", email=MAIL)
    before = select(NotificationDelivery.id).where(NotificationDelivery.user_id == khady.id)
    known = db_session.scalars(before).all()

    ask_a_guardian(MAIL)

    channels = db_session.scalars(
        select(NotificationDelivery.channel).where(
            NotificationDelivery.user_id == khady.id, NotificationDelivery.id.not_in(known)
        )
    ).all()
    assert set(channels) == {"in_app"}
    [refused] = data_of(person_of(khady.id))["questions_refused"]
    assert refused["kind"] == "guardian"


def test_the_page_is_the_same_whether_or_not_there_is_an_account(
    client: FlaskClient, db_session: Session
) -> None:
    ask_a_guardian(MAIL)
    [key] = keys(MAIL)
    without = question_behind(key)
    proved("Khady Sow", email=MAIL)
    assert question_behind(key) == without


def test_a_sponsor_does_not_answer_for_the_friend(client: FlaskClient, db_session: Session) -> None:
    ask_a_friend(MAIL)
    [key] = keys(MAIL)
    referral = db_session.scalars(select(Referral)).one()
    known = f"/r/{referral.referral_code}"

    assert "/q/" not in client.get(known).text
    assert "/q/" not in client.get(f"{known}?k={new_key()}").text
    assert f"/q/{key}" in client.get(f"{known}?k={key}").text
    assert key not in str(data_of(person_of(referral.referrer_id)))
    send(client, f"/q/{key}", {"answer": "no"})
    over = client.get(f"{known}?k={key}")
    assert (over.status_code, f"/q/{key}" in over.text) == (410, True)


def test_a_key_that_is_none_leads_nowhere(client: FlaskClient, db_session: Session) -> None:
    for wrong in (new_key(), "é" * KEY_LENGTH, "A", "A" * 40, "%00" * 12):
        assert client.get(f"/q/{wrong}").status_code == 404
        assert send(client, f"/q/{wrong}", {"answer": "no"}).status_code == 404
    assert client.get(f"/q/{'A' * 41}").status_code == 404


@pytest.mark.parametrize("contact", [MAIL, PHONE])
def test_who_wants_to_be_forgotten_stands_nowhere_in_clear_any_more(
    client: FlaskClient, db_session: Session, contact: str
) -> None:
    for way in WAYS:
        way.ask(contact)
    sponsor = db_session.scalars(select(Referral)).one().referrer_id
    email, phone = (contact, None) if "@" in contact else (None, contact)
    db_session.add(
        SponsorContact(sponsor_user_id=sponsor, position=1, name="Khady", email=email, phone=phone)
    )
    pot = make_pot(open_account("Awa Diop", email="awa@example.org"))
    db_session.add(
        PotInvitation(
            pot_id=pot.id,
            inviter_user_id=pot.owner_user_id,
            method=ShareMethod.WHATSAPP,
            recipient_identifier=contact,
            tracking_token="t" * 22,
        )
    )
    db_session.flush()
    assert len(keys(contact)) == 3
    key = keys(contact)[0]

    assert send(client, f"/q/{key}", {"answer": "forget"}).status_code == 303
    forget_by_job()
    forget_by_job()

    db_session.expire_all()
    assert in_tables([contact, contact.lstrip("+")]) == {}
    assert [way.state() for way in WAYS] == [[way.refused] for way in WAYS]
    assert client.get(f"/q/{key}").status_code == 404
    assert len(db_session.scalars(select(ContactRefusal)).all()) == len(Asked)
    for way in WAYS:
        way.ask(contact)
    assert keys(contact) == []


def test_others_and_accounts_are_left_alone(client: FlaskClient, db_session: Session) -> None:
    khady = proved("Khady Sow", email=MAIL)
    ask_a_friend(MAIL)
    ask_a_friend("other@example.org")
    [key] = keys(MAIL)
    answer(key, Answer.FORGET, by=SYSTEM)
    forget_by_job()

    db_session.expire_all()
    assert db_session.get_one(User, khady.id).email == MAIL
    assert len(keys("other@example.org")) == 1
    assert (
        len(db_session.scalars(select(Referral).where(Referral.referred_email == "other@example.org")).all())
        == 1
    )
    sign_in(client, khady)
    assert client.get("/profile").status_code == 200


def test_the_owners_who_were_told_by_address_read_it_no_more(
    client: FlaskClient, db_session: Session
) -> None:
    ask_a_worker(MAIL)
    [key] = keys(MAIL)
    send(client, f"/q/{key}", {"answer": "no"})
    assert "notifications" in in_tables([MAIL])[MAIL]
    send(client, f"/q/{key}", {"answer": "forget"})
    forget_by_job()
    db_session.expire_all()
    assert in_tables([MAIL]) == {}


def test_forgetting_twice_is_forgetting_once(db_session: Session) -> None:
    ask_a_friend(MAIL)
    [message_id] = db_session.scalars(select(Notification.id).where(Notification.answer_key.is_not(None)))
    assert forget_contact(message_id, by=SYSTEM) > 0
    assert forget_contact(message_id, by=SYSTEM) == 0


#: Tables with addresses that nobody but their own reader has given, each with why a stranger's link does not reach them.
NOT_NAMED_BY_OTHERS = {
    "contact_refusals": "the mark itself",
    "data_accesses": "proof of who looked, a mark",
    "donations": "the giver's own, forgotten by the receipt or a code (G-34)",
    "login_attempts": "tried at the door, gone after some days",
    "partner_venues": "the house's own",
    "partners": "the house's own",
    "payment_transactions": "the payer's own, forgotten with the gift",
    "pots": "the owner's own",
    "refunds": "the payer's own, forgotten with the gift",
    "sponsor_companies": "the company's own",
    "verification_tokens": "typed at the door, gone after some days",
}


def test_every_table_that_names_somebody_by_an_address_forgets_it_or_says_why_not(
    db_session: Session,
) -> None:
    reader = Person(emails=("nobody@example.org",), phones=("+221770000000",))
    by_address = {
        table
        for table, holding in REGISTRY.items()
        for share in holding.shares
        if "nobody@example.org" in _values(share.of(reader)) or "+221770000000" in _values(share.of(reader))
    }
    assert {"guardian_requests", "team_invitations", "referrals", "sponsor_contacts"} <= by_address
    assert by_address - set(NAMINGS) <= set(NOT_NAMED_BY_OTHERS)
    assert set(NAMINGS) <= by_address


def test_every_question_says_where_to_answer() -> None:
    asking = {key for key, message in MESSAGES.items() if message.asks is not None}
    assert asking == {"guardian_asked", "guardian_wanted", "team_invitation", "invitation"}


def _values(condition: object) -> str:
    return str(condition.compile(compile_kwargs={"render_postcompile": True}).params)  # type: ignore[attr-defined]
