"""Whoever is in a list that staff take out as a file reads so on their page, however many there are (PRV-06)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import DataAccess, Opened
from portal.audit.services import record
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.ledger import services as ledger
from portal.ledger.accounts import pot_funds, user_wallet
from portal.ledger.services import Cause
from portal.notifications.services import notify
from portal.payments.models import (
    WAVE_PROVIDER_ID,
    PaymentMethod,
    PaymentTransaction,
    PaymentWebhookEvent,
    Refund,
)
from portal.payouts.models import Payout
from portal.people.models import Profile
from portal.pots.models import PotStatus
from portal.redemptions.models import QrCode
from portal.redemptions.scanning import Till, redeem
from portal.referrals.models import AwardEvent, PointAward, Referral
from tests.harness.house import (
    acting,
    make_admin,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_pot,
    sign_in,
)
from tests.harness.statements import CountStatements
from tests.privacy.test_forgetting_a_donor import PHONE, give

# Of whom each list tells; the files of the last two and of messages tell of more.
OF_PEOPLE = {
    "/admin/donations": {"Modou Ba"},
    "/admin/pots": {"Fatou Sow", "Binta Sy"},
    "/admin/referrals": {"Khady Mbaye", "Awa Diop"},
    "/admin/referrals/points": {"Khady Mbaye"},
    "/admin/notifications": {"Awa Diop"},
    "/admin/payments": {"Cheikh Niang"},
    "/admin/refunds": {"Cheikh Niang"},
    "/admin/payouts": {"Aïda Ndiaye"},
    "/admin/redemptions": {"Moussa Sarr", "Binta Sy"},
    "/admin/audit": {"Moussa Sarr", "Awa Diop"},
}
EMAIL = "lamine@example.org"
SAYS = "A list you are in, as a file"


def payment_of(payer: User, **facts: Any) -> PaymentTransaction:
    """A payment that arrived from an account."""
    row = PaymentTransaction(
        id=new_id(),
        transaction_type="donation",
        status="succeeded",
        amount_minor=500,
        currency="XOF",
        payer_user_id=payer.id,
        provider_id=WAVE_PROVIDER_ID,
        source_type="tests",
        source_id=new_id(),
        idempotency_key=new_id().hex,
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def refunded(payer: User) -> None:
    """A payment of theirs goes back."""
    paid = payment_of(payer)
    db.session.add(
        Refund(payment_transaction_id=paid.id, amount_minor=500, currency="XOF", reason="user_request")
    )
    db.session.flush()


def paid_out(payee: User) -> None:
    """Money is on its way to a person."""
    method = PaymentMethod(
        id=new_id(), user_id=payee.id, use="receive", method="wave", token_encrypted=b"", label="Wave"
    )
    db.session.add(method)
    db.session.flush()
    db.session.add(
        Payout(
            user_id=payee.id,
            amount_minor=500,
            currency="XOF",
            method="wave",
            payment_method_id=method.id,
            idempotency_key=new_id().hex,
            source_type="tests",
            source_id=new_id(),
            payment_reason="Teranga",
        )
    )
    db.session.flush()


def invited(friend: User) -> None:
    """A sponsor brought them, and was given points."""
    sponsor = make_person("Khady Mbaye")
    referral = Referral(
        referrer_id=sponsor.id,
        referred_user_id=friend.id,
        referred_email="awa@example.org",
        referral_code=new_id().hex[:10],
        expires_at=clock.now() + timedelta(days=7),
    )
    db.session.add(referral)
    db.session.flush()
    db.session.add(
        PointAward(
            sponsor_user_id=sponsor.id,
            referral_id=referral.id,
            event_type=AwardEvent.REFERRAL_ACCEPTED,
            points=100,
            matures_at=clock.now(),
        )
    )


def written_to(person: User) -> None:
    """A message went out to them."""
    notify(
        "operations_alert",
        event_key=f"tests:list:{person.id}",
        data={"subject": "Bonjour", "detail": "Voyez ceci."},
        user_id=person.id,
        by=SYSTEM,
    )


def everybody() -> None:
    """People of whom each list of staff tells, and one of whom none does."""
    make_person("Abdou Faye")
    give(PotStatus.OPEN, donor_user_id=make_person("Modou Ba").id)
    refunded(make_person("Cheikh Niang"))
    paid_out(make_person("Aïda Ndiaye"))
    friend = make_person("Awa Diop")
    invited(friend)
    written_to(friend)
    partner = make_partner()
    cashier = acting(make_member(partner, name="Moussa Sarr"))
    code = make_code(make_pack(partner), make_person("Binta Sy"))
    redeem(code.id, Till(partner.id, None, cashier), new_id().hex)
    record("user_reopened", ("users", friend.id), by=cashier)
    db.session.flush()


def noted(session: Session, opened: Opened = Opened.FILE) -> list[str]:
    """The names of those for whom a look is noted, as often as it is."""
    looked_at = (
        select(Profile.full_name)
        .join(DataAccess, DataAccess.subject_user_id == Profile.user_id)
        .where(DataAccess.opened == opened)
    )
    return [*session.scalars(looked_at)]


@pytest.mark.covers("PRV-06")
@pytest.mark.parametrize("file", OF_PEOPLE)
def test_whoever_is_in_a_file_that_staff_takes_out_reads_so(
    client: FlaskClient, db_session: Session, file: str
) -> None:
    everybody()
    sign_in(client, make_admin())
    assert client.get(file).status_code == 200
    assert db_session.scalars(select(DataAccess)).all() == [], "a page of a list is no look"

    assert client.get(f"{file}?format=csv").mimetype == "text/csv"

    names = noted(db_session)
    assert set(names) >= OF_PEOPLE[file]
    assert len(set(names)) == len(names), "once a file"
    assert "Abdou Faye" not in names
    for name in OF_PEOPLE[file]:
        sign_in(client, named(db_session, name))
        assert SAYS in client.get("/privacy").text


def named(session: Session, name: str) -> User:
    """The account of that name."""
    whose = select(User).join(Profile, Profile.user_id == User.id).where(Profile.full_name == name)
    return session.scalars(whose).one()


@pytest.mark.covers("PRV-06")
def test_the_movements_of_a_wallet_are_noted_for_its_holder(client: FlaskClient, db_session: Session) -> None:
    person = make_person("Modou Ba")
    pot = make_pot(person, holds=7_000)
    moved = ledger.move(
        pot_funds(pot.id), user_wallet(person.id), 500, Cause("leftover", "pots", pot.id, "k"), by=SYSTEM
    )
    sign_in(client, make_admin())
    address = f"/admin/ledger/accounts/{user_wallet(person.id).id}"
    client.get(address)
    assert (noted(db_session), noted(db_session, Opened.PAYMENT)) == ([], ["Modou Ba"])
    client.get(f"/admin/ledger/transfers/{moved.transfer_id}")
    assert (noted(db_session), noted(db_session, Opened.PAYMENT)) == ([], ["Modou Ba"] * 2)

    client.get(f"{address}?format=csv")

    assert noted(db_session) == ["Modou Ba"]


@pytest.mark.covers("PRV-06")
@pytest.mark.parametrize(
    ("file", "more"),
    [("/admin/payments", payment_of), ("/admin/refunds", refunded), ("/admin/payouts", paid_out)],
    ids=["payments", "refunds", "payouts"],
)
def test_noting_everybody_in_a_file_is_one_statement_however_many_they_are(
    client: FlaskClient,
    db_session: Session,
    count_statements: CountStatements,
    file: str,
    more: Callable[[User], object],
) -> None:
    sign_in(client, make_admin())

    def asked() -> list[str]:
        with count_statements() as statements:
            assert client.get(f"{file}?format=csv").status_code == 200
        return statements

    more(make_person("Cheikh Niang"))
    asked()
    few = asked()
    for number in range(12):
        more(make_person(f"Ousmane {number}"))
    many = asked()

    assert len(many) == len(few)
    assert [one.startswith("INSERT INTO data_accesses") for one in many].count(True) == 1
    assert len(noted(db_session)) == 1 + 1 + 13


@pytest.mark.covers("PRV-06")
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/admin/donations?format=csv", SAYS),
        ("/admin/notifications?format=csv", SAYS),
        ("/admin/donations?q=771112233", "Found by your address, number or name"),
        ("/admin/notifications?q=%2B221771112233", "Found by your address, number or name"),
        ("/admin/donations/{gift}", "A gift of yours"),
        ("/admin/webhooks/{message}", "A payment of yours"),
        ("/admin/referrals/{referral}", "An invitation from you or to you"),
    ],
)
def test_who_had_no_account_when_staff_looked_reads_of_it_once_they_have(
    client: FlaskClient, db_session: Session, address: str, says: str
) -> None:
    things = of_a_guest()
    sign_in(client, make_admin())
    assert client.get(address.format(**things)).status_code == 200
    assert PHONE not in " ".join(str(row.contact_mark) for row in db_session.scalars(select(DataAccess)))

    guest = make_person("Tonton Lamine", phone=PHONE, phone_verified_at=clock.now())
    claims = make_person("Ibou Sarr", email=EMAIL)

    for person, reads in ((guest, 1), (claims, 0), (make_person("Abdou Faye"), 0)):
        sign_in(client, person)
        assert client.get("/privacy").text.count(says) == reads, person


def of_a_guest() -> dict[str, UUID]:
    """A gift, a payment that Wave told of and an invitation, all of one number without an account."""
    gift = give(PotStatus.OPEN, donor_email=EMAIL)
    told = PaymentWebhookEvent(
        id=new_id(),
        provider_id=WAVE_PROVIDER_ID,
        provider_event_id=new_id().hex,
        idempotency_key=new_id().hex,
        event_type="merchant.payment_received",
        raw_payload={"data": {"id": "T_1", "sender_mobile": PHONE}},
    )
    referral = Referral(
        id=new_id(),
        referrer_id=make_person("Khady Mbaye").id,
        referred_phone=PHONE,
        referral_code=new_id().hex[:10],
        expires_at=clock.now() + timedelta(days=7),
    )
    db.session.add_all([told, referral])
    notify(
        "sign_in_code",
        event_key=f"tests:{gift.id}:code",
        data={"code": "123456", "minutes": 5},
        phone=PHONE,
        locale="fr-SN",
        by=SYSTEM,
    )
    db.session.flush()
    return {"gift": gift.id, "message": told.id, "referral": referral.id}


@pytest.mark.covers("PRV-06")
@pytest.mark.parametrize(
    ("page", "opened", "name"),
    [
        ("/admin/payments/{payment}", Opened.PAYMENT, "Cheikh Niang"),
        ("/admin/payments/{payment}/refund", Opened.PAYMENT, "Cheikh Niang"),
        ("/admin/payouts/{payout}", Opened.PAYMENT, "Aïda Ndiaye"),
        ("/admin/redemptions/codes/{code}", Opened.GIFT, "Binta Sy"),
        ("/admin/referrals/sponsors/{sponsor}", Opened.PERSON_PAGE, "Khady Mbaye"),
        ("/admin/referrals/points/{award}/revocation", Opened.PERSON_PAGE, "Khady Mbaye"),
    ],
)
def test_opening_what_is_one_person_s_is_noted_for_them(
    client: FlaskClient, db_session: Session, page: str, opened: Opened, name: str
) -> None:
    everybody()
    award = db_session.scalars(select(PointAward)).one()
    things = {
        "payment": db_session.scalars(select(Refund)).one().payment_transaction_id,
        "payout": db_session.scalars(select(Payout)).one().id,
        "sponsor": award.sponsor_user_id,
        "award": award.id,
        "code": db_session.scalars(select(QrCode)).one().id,
    }
    sign_in(client, make_admin())

    assert client.get(page.format(**things)).status_code == 200

    assert noted(db_session, opened) == [name]
