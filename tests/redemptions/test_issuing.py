"""A pot's money becomes a code, and comes back when the code is not used."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, IllegalTransition, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_wallet
from portal.ledger.models import Account, Entry, Purpose
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.ledger.services import Cause
from portal.notifications.models import Notification
from portal.packs.stock import SoldOut
from portal.pots import closing
from portal.pots.finding import lock_pot
from portal.pots.models import Outcome, PotStatus
from portal.redemptions import issuing
from portal.redemptions.jobs import announce, expire_codes, remind
from portal.redemptions.models import QrCode, QrStatus
from portal.redemptions.scanning import Till, redeem
from tests.harness.house import (
    acting,
    make_admin,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_pot,
    make_venue,
)
from tests.harness.moments import Clock

BIRTHDAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def vouchers(session: Session) -> int:
    """What the house owes to whoever serves the gifts."""
    total = (
        select(func.coalesce(func.sum(Entry.amount_minor), 0))
        .join(Account, Account.id == Entry.account_id)
        .where(Account.purpose == Purpose.VOUCHERS)
    )
    return int(session.execute(total).scalar_one())


def told(session: Session, user_id: object) -> set[str]:
    keys = select(Notification.event_key).where(Notification.user_id == user_id)
    return {key.rsplit(":", 1)[1] for key in session.execute(keys).scalars()}


@pytest.mark.covers("QR-01", "QR-03", "QR-04", "QR-06", "PACK-11")
def test_choosing_a_pack_holds_its_price_and_gives_a_code(db_session: Session, clock: Clock) -> None:
    clock.travel(NOON)
    owner = make_person("Awa Ndiaye")
    pack = make_pack(make_partner(), 20_000, discounted_price_minor=15_000)
    pot = make_pot(owner, holds=22_000, birthday=BIRTHDAY + timedelta(days=9))

    code = issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))
    pack.base_price_minor, pack.discounted_price_minor = 99_000, None
    db_session.flush()

    assert (code.status, code.price_minor, code.beneficiary_name) == (QrStatus.ISSUED, 15_000, "Awa")
    assert code.redeemable_from == datetime(2026, 11, 30, tzinfo=UTC)
    assert code.expires_at == datetime(2027, 2, 28, tzinfo=UTC)
    assert (balance(pot_funds(pot.id)).available, vouchers(db_session)) == (7_000, 15_000)
    assert "code_issued" in told(db_session, owner.id)
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []


@pytest.mark.covers("QR-01")
def test_choosing_twice_gives_one_code(db_session: Session) -> None:
    owner = make_person()
    pack = make_pack(make_partner(), total_available_quantity=2)
    pot = make_pot(owner, holds=40_000)

    first = issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))
    second = issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))

    assert first.id == second.id
    db_session.refresh(pack)
    assert (pack.quantity_taken, vouchers(db_session)) == (1, 15_000)
    with pytest.raises(Conflict):
        issuing.issue_code(pot.id, make_pack(make_partner("B")).id, owner_user_id=owner.id, by=acting(owner))


def test_a_stranger_finds_no_pot_to_choose_for(db_session: Session) -> None:
    pot, stranger = make_pot(make_person()), make_person("Autre")
    pack = make_pack(make_partner())

    with pytest.raises(NotFound):
        issuing.issue_code(pot.id, pack.id, owner_user_id=stranger.id, by=acting(stranger))
    with pytest.raises(NotFound):
        issuing.issue_code(new_id(), pack.id, owner_user_id=stranger.id, by=acting(stranger))


@pytest.mark.parametrize(
    ("pot", "allowed"),
    [
        ({"status": PotStatus.SCHEDULED}, False),
        ({"status": PotStatus.OPEN}, False),
        ({"status": PotStatus.FUNDED}, True),
        ({"status": PotStatus.EXPIRED, "choose_until": NOON + timedelta(days=1)}, True),
        ({"status": PotStatus.EXPIRED}, False),
        ({"status": PotStatus.CLOSED, "choose_until": NOON + timedelta(days=1)}, True),
        ({"status": PotStatus.CLOSED}, False),
    ],
)
def test_a_pot_chooses_only_when_its_time_has_come(
    db_session: Session, clock: Clock, pot: dict[str, Any], allowed: bool
) -> None:
    clock.travel(NOON)
    owner, pack = make_person(), make_pack(make_partner())
    row = make_pot(owner, birthday=BIRTHDAY, **pot)

    if allowed:
        code = issuing.issue_code(row.id, pack.id, owner_user_id=owner.id, by=acting(owner))
        assert code.status is QrStatus.ISSUED
        assert row.choose_until is None
    else:
        with pytest.raises(Conflict):
            issuing.issue_code(row.id, pack.id, owner_user_id=owner.id, by=acting(owner))


def test_what_is_left_of_an_ended_pot_becomes_the_owner_s(db_session: Session, clock: Clock) -> None:
    clock.travel(NOON)
    owner, pack = make_person(), make_pack(make_partner(), 15_000)
    pot = make_pot(
        owner,
        holds=18_500,
        birthday=BIRTHDAY,
        status=PotStatus.EXPIRED,
        choose_until=NOON + timedelta(days=1),
    )

    issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))

    assert (pot.status, pot.outcome) == (PotStatus.CLOSED, Outcome.PACK)
    assert balance(user_wallet(owner.id)).available == 3_500
    assert balance(pot_funds(pot.id)).available == 0


def test_a_pack_dearer_than_the_pot_is_refused_and_stays_on_the_shelf(db_session: Session) -> None:
    owner, pack = make_person(), make_pack(make_partner(), 15_001, total_available_quantity=1)
    pot = make_pot(owner, holds=15_000)

    with pytest.raises(Conflict), db_session.begin_nested():
        issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))

    db_session.refresh(pack)
    assert (pack.quantity_taken, balance(pot_funds(pot.id)).available) == (0, 15_000)


@pytest.mark.covers("PACK-05")
def test_a_person_has_a_pack_as_often_as_it_allows(db_session: Session) -> None:
    owner = make_person()
    pack = make_pack(make_partner(), max_redemptions_per_user=2)
    first = make_code(pack, owner)
    make_code(pack, owner, birthday=portal_clock.today() + timedelta(days=1))

    with pytest.raises(Conflict), db_session.begin_nested():
        make_code(pack, owner, birthday=portal_clock.today() + timedelta(days=2))
    issuing.cancel_code(first.id, "erreur", by=acting(make_admin()))

    assert make_code(pack, owner, birthday=portal_clock.today() + timedelta(days=2)).pack_id == pack.id


def test_a_gift_whose_time_would_be_over_is_refused(db_session: Session, clock: Clock) -> None:
    clock.travel(NOON)
    pack = make_pack(make_partner(), validity_days=3)

    with pytest.raises(Conflict), db_session.begin_nested():
        make_code(pack, birthday=BIRTHDAY - timedelta(days=3))
    assert make_code(pack, birthday=BIRTHDAY - timedelta(days=2)).status is QrStatus.ISSUED


@pytest.mark.covers("PACK-06")
def test_of_two_pots_that_reach_for_the_last_pack_one_gets_it(app: Flask, committed_db: Session) -> None:
    pack = make_pack(make_partner(), total_available_quantity=1)
    owners = [make_person(f"Personne {number}") for number in range(4)]
    wishes = [(make_pot(owner).id, owner.id, acting(owner)) for owner in owners]
    pack_id = pack.id
    db.session.commit()
    results: list[str] = []
    together = threading.Barrier(len(wishes))

    def reach(pot_id: Any, owner_id: Any, by: Any) -> None:
        with app.app_context():
            together.wait()
            try:
                in_transaction(lambda: issuing.issue_code(pot_id, pack_id, owner_user_id=owner_id, by=by), by)
                results.append("code")
            except SoldOut:
                results.append("sold out")

    threads = [threading.Thread(target=reach, args=wish) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["code", "sold out", "sold out", "sold out"]
    assert db.session.execute(select(func.count()).select_from(QrCode)).scalar_one() == 1
    assert disagreements() == []


def test_one_pot_that_reaches_twice_at_once_gets_one_code(app: Flask, committed_db: Session) -> None:
    owner = make_person()
    pot_id, owner_id, by = make_pot(owner, holds=60_000).id, owner.id, acting(owner)
    packs = [make_pack(make_partner(f"Maison {number}")).id for number in range(4)]
    db.session.commit()
    results: list[str] = []
    together = threading.Barrier(len(packs))

    def reach(pack_id: Any) -> None:
        with app.app_context():
            together.wait()
            try:
                in_transaction(lambda: issuing.issue_code(pot_id, pack_id, owner_user_id=owner_id, by=by), by)
                results.append("code")
            except Conflict:
                results.append("has one")

    threads = [threading.Thread(target=reach, args=[pack_id]) for pack_id in packs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["code", "has one", "has one", "has one"]
    assert balance(pot_funds(pot_id)).available == 45_000


@pytest.mark.covers("QR-01", "POT-08")
def test_a_funded_pot_that_ends_becomes_its_preferred_pack(db_session: Session, clock: Clock) -> None:
    clock.travel(NOON)
    owner, pack = make_person(), make_pack(make_partner(), 15_000)
    pot = make_pot(owner, holds=20_000, birthday=BIRTHDAY, preferred_pack_id=pack.id)

    closing.end_pot(lock_pot(pot.id), by=SYSTEM)

    code = issuing.live_code(pot.id)
    assert code is not None
    assert (code.pack_id, pot.status, pot.outcome) == (pack.id, PotStatus.CLOSED, Outcome.PACK)
    assert balance(user_wallet(owner.id)).available == 5_000


def test_when_the_preferred_pack_is_gone_the_owner_chooses(db_session: Session, clock: Clock) -> None:
    clock.travel(NOON)
    owner, pack = make_person(), make_pack(make_partner(), is_active=False)
    pot = make_pot(owner, birthday=BIRTHDAY, preferred_pack_id=pack.id)

    closing.end_pot(lock_pot(pot.id), by=SYSTEM)

    assert issuing.live_code(pot.id) is None
    assert pot.choose_until is not None


def test_a_code_chosen_before_the_birthday_settles_the_pot_when_it_ends(
    db_session: Session, clock: Clock
) -> None:
    clock.travel(NOON)
    owner, pack = make_person(), make_pack(make_partner(), 15_000)
    pot = make_pot(owner, holds=20_000, birthday=BIRTHDAY)
    issuing.issue_code(pot.id, pack.id, owner_user_id=owner.id, by=acting(owner))
    assert (pot.status, balance(user_wallet(owner.id)).available) == (PotStatus.FUNDED, 0)

    closing.end_pot(lock_pot(pot.id), by=SYSTEM)

    assert (pot.outcome, pot.choose_until) == (Outcome.PACK, None)
    assert balance(user_wallet(owner.id)).available == 5_000


@pytest.mark.covers("QR-06")
@pytest.mark.parametrize("is_open", [True, False])
def test_a_canceled_code_returns_its_money_and_its_place(db_session: Session, is_open: bool) -> None:
    owner, admin = make_person(), make_admin()
    pack = make_pack(make_partner(), total_available_quantity=1)
    code = make_code(pack, owner, status=PotStatus.FUNDED)
    if not is_open:
        closing.end_pot(lock_pot(code.pot_id), by=SYSTEM)

    issuing.cancel_code(code.id, "La maison a fermé", by=acting(admin))

    db_session.flush()
    db_session.refresh(pack)
    assert (code.status, code.canceled_reason, pack.quantity_taken) == (
        QrStatus.CANCELED,
        "La maison a fermé",
        0,
    )
    assert balance(pot_funds(code.pot_id)).available == (15_000 if is_open else 0)
    assert balance(user_wallet(owner.id)).available == (0 if is_open else 15_000)
    assert vouchers(db_session) == 0
    trace = db_session.execute(select(AuditLog).where(AuditLog.action == "qr_canceled")).scalar_one()
    assert (trace.actor_user_id, trace.reason) == (admin.id, "La maison a fermé")
    assert told(db_session, owner.id) & {"code_canceled", "code_canceled_to_pot"}
    with pytest.raises(IllegalTransition):
        issuing.cancel_code(code.id, "encore", by=acting(admin))


def test_a_pot_may_choose_again_after_its_code_was_canceled(db_session: Session) -> None:
    owner = make_person()
    code = make_code(make_pack(make_partner()), owner)
    issuing.cancel_code(code.id, "erreur", by=acting(make_admin()))
    other = make_pack(make_partner("Autre"))

    again = issuing.issue_code(code.pot_id, other.id, owner_user_id=owner.id, by=acting(owner))

    assert (again.status, again.pack_id) == (QrStatus.ISSUED, other.id)


@pytest.mark.covers("QR-06", "QR-11")
def test_codes_end_on_time_and_their_money_goes_to_the_wallet(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(NOON)
    owner, late = make_person(), make_person("Fatou Sarr")
    pack = make_pack(make_partner(), validity_days=10)
    ended, fresh = make_code(pack, owner), make_code(pack, late, birthday=BIRTHDAY + timedelta(days=1))
    ids = ended.id, fresh.id, owner.id
    db.session.commit()

    clock.travel(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))
    assert expire_codes() == {"expired": 0, "failed": 0}
    clock.travel(datetime(2026, 12, 1, tzinfo=UTC))
    assert expire_codes() == {"expired": 1, "failed": 0}
    assert expire_codes() == {"expired": 0, "failed": 0}

    assert db.session.get_one(QrCode, ids[0]).status is QrStatus.EXPIRED
    assert db.session.get_one(QrCode, ids[1]).status is QrStatus.ISSUED
    assert balance(user_wallet(ids[2])).available == 15_000
    steps = select(StatusHistory.to_status).where(
        StatusHistory.entity_type == "qr_codes", StatusHistory.entity_id == ids[0]
    )
    assert set(db.session.execute(steps).scalars()) == {"issued", "expired"}
    assert "code_expired" in told(db.session(), ids[2])
    assert disagreements() == []


@pytest.mark.covers("QR-11")
def test_one_code_that_cannot_end_does_not_hold_up_the_others(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(NOON)
    pack = make_pack(make_partner(), validity_days=1)
    broken, good = make_code(pack), make_code(pack, make_person("Fatou Sarr"))
    ids = broken.id, good.id
    # Its return has been booked with another amount: a contradiction that a person must look at.
    wrong = Cause("qr_expired", "qr_codes", broken.id, f"qr:{broken.id}:returned")
    ledger.move(platform(Purpose.VOUCHERS), user_wallet(broken.beneficiary_user_id), 1, wrong, by=SYSTEM)
    db.session.commit()
    clock.advance(days=2)

    assert expire_codes() == {"expired": 1, "failed": 1}

    assert db.session.get_one(QrCode, ids[0]).status is QrStatus.ISSUED
    assert db.session.get_one(QrCode, ids[1]).status is QrStatus.EXPIRED


@pytest.mark.covers("QR-04")
def test_owners_are_reminded_once_before_the_end(app: Flask, committed_db: Session, clock: Clock) -> None:
    clock.travel(NOON)
    owner_id = make_code(make_pack(make_partner(), validity_days=10)).beneficiary_user_id
    db.session.commit()

    assert remind() == {"reminded": 0}
    clock.travel(datetime(2026, 11, 24, tzinfo=UTC))
    assert (remind(), remind()) == ({"reminded": 1}, {"reminded": 0})

    assert "code_expiring" in told(db.session(), owner_id)


@pytest.mark.covers("QR-07", "PRT-11")
def test_owner_and_house_hear_of_a_redemption_once(app: Flask, committed_db: Session) -> None:
    partner = make_partner(contact_email="till@example.org", notification_settings={"redemptions": True})
    venue, staff = make_venue(partner), make_member(partner)
    code = make_code(make_pack(partner))
    owner_id = code.beneficiary_user_id
    redeem(code.id, Till(partner.id, venue.id, acting(staff)), "nonce")
    db.session.commit()

    assert (announce(), announce()) == ({"told": 1}, {"told": 0})

    assert "code_redeemed" in told(db.session(), owner_id)
    mails = select(Notification.recipient_identifier).where(Notification.event_key.like("%gift_served"))
    assert db.session.execute(mails).scalars().all() == ["till@example.org"]


@pytest.mark.covers("QR-01", "QR-05", "QR-06", "QR-07", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("expires_at = redeemable_from", "check_valid_redemption_period"),
        ("status = 'redeemed'", "redeemed_has_time"),
        ("redeemed_at = now()", "redeemed_has_time"),
        ("status = 'lost'", "status"),
        ("price_minor = 0", "price_positive"),
        ("pot_id = NULL", "pot_id"),
        ("pack_id = NULL", "pack_id"),
        ("code = NULL", "code"),
        ("expires_at = NULL", "expires_at"),
        ("redeemable_from = NULL", "redeemable_from"),
    ],
)
def test_the_database_refuses_an_impossible_code(db_session: Session, change: str, constraint: str) -> None:
    make_code(make_pack(make_partner()))

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(f"UPDATE qr_codes SET {change}"))


@pytest.mark.covers("QR-01", "QR-14", "DEV-15")
def test_the_database_keeps_one_live_code_of_a_pot_and_one_code_of_a_name(db_session: Session) -> None:
    first = make_code(make_pack(make_partner()))
    second = make_code(make_pack(make_partner("Autre")), make_person("Fatou Sarr"))

    with pytest.raises(IntegrityError, match="uq_qr_codes_pot_live"), db_session.begin_nested():
        db_session.execute(
            text("UPDATE qr_codes SET pot_id = :pot WHERE id = :id"), {"pot": first.pot_id, "id": second.id}
        )
    with pytest.raises(IntegrityError, match="uq_qr_codes_code"), db_session.begin_nested():
        db_session.execute(
            text("UPDATE qr_codes SET code = :code WHERE id = :id"), {"code": first.code, "id": second.id}
        )
    names = db_session.execute(text("SELECT indexdef FROM pg_indexes WHERE tablename = 'qr_codes'"))
    indexed = " ".join(names.scalars())
    assert all(f"({column})" in indexed for column in ("code", "pot_id", "status", "expires_at"))
