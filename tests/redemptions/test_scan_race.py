"""Many devices at the same instant: a code is used up once, and everybody gets an answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.db import db, in_transaction
from portal.ledger.accounts import partner_payable
from portal.ledger.models import Transfer
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.partners.models import Partner
from portal.redemptions.models import PartnerPeriod, QrCode, RedemptionLog, ScanResult
from portal.redemptions.scanning import Answer, Till, redeem, scan
from portal.redemptions.signing import sign
from tests.harness.house import (
    acting,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
)

DEVICES = 16


def a_house() -> tuple[Till, list[Till]]:
    """One till, and the same place seen by many members of the team."""
    partner = make_partner(auto_approve_redemptions=True)
    venue = make_venue(partner)
    team = [make_member(partner, name=f"Équipe {number}") for number in range(DEVICES)]
    tills = [Till(partner.id, venue.id, acting(member)) for member in team]
    return tills[0], tills


def transfers(kind: str) -> int:
    return db.session.execute(select(func.count()).where(Transfer.kind == kind)).scalar_one()


@pytest.mark.covers("QR-08", "QR-12")
def test_of_two_hundred_scans_of_one_code_one_redeems_it(app: Flask, committed_db: Session) -> None:
    till, tills = a_house()
    code = make_code(make_pack(_partner_of(till), 15_000))
    token = sign(code.id, app.config["SETTINGS"].qr_signing_key)
    code_id = code.id
    db.session.commit()

    def attempt(number: int) -> Answer:
        with app.app_context():
            return in_transaction(lambda: scan(token, tills[number % DEVICES], f"n{number}").answer)

    with ThreadPoolExecutor(DEVICES) as devices:
        answers = Counter(devices.map(attempt, range(200)))

    assert answers == {Answer.REDEEMED: 1, Answer.ALREADY_REDEEMED: 199}
    logged = Counter(db.session.execute(select(RedemptionLog.validation_result)).scalars())
    assert logged == {ScanResult.SUCCESS: 1, ScanResult.ALREADY_USED: 199}
    assert transfers("qr_redeemed") == 1
    assert balance(partner_payable(till.partner_id)).available == 12_000
    assert db.session.get_one(QrCode, code_id).redemption_nonce
    assert (trial_balance(), disagreements()) == ({"XOF": 0}, [])


@pytest.mark.covers("QR-08")
def test_one_tap_sent_many_times_at_once_is_one_redemption(app: Flask, committed_db: Session) -> None:
    till, _tills = a_house()
    code_id = make_code(make_pack(_partner_of(till), 15_000)).id
    db.session.commit()

    def attempt(_number: int) -> Answer:
        with app.app_context():
            return in_transaction(lambda: redeem(code_id, till, "one tap").answer)

    with ThreadPoolExecutor(8) as devices:
        answers = Counter(devices.map(attempt, range(40)))

    assert answers == {Answer.REDEEMED: 40}
    assert db.session.execute(select(func.count()).select_from(RedemptionLog)).scalar_one() == 1
    assert transfers("qr_redeemed") == 1


@pytest.mark.covers("QR-08", "STL-03")
def test_many_codes_at_once_add_up_to_the_franc(app: Flask, committed_db: Session) -> None:
    till, tills = a_house()
    pack = make_pack(_partner_of(till), 333)
    codes: list[UUID] = [make_code(pack, make_person(f"Invité {number}")).id for number in range(60)]
    db.session.commit()

    def attempt(number: int) -> Answer:
        with app.app_context():
            mine = tills[number % DEVICES]
            return in_transaction(lambda: redeem(codes[number], mine, f"n{number}").answer)

    with ThreadPoolExecutor(DEVICES) as devices:
        answers = Counter(devices.map(attempt, range(len(codes))))

    assert answers == {Answer.REDEEMED: 60}
    shares = db.session.execute(select(func.sum(QrCode.partner_share_minor))).scalar_one()
    period = db.session.execute(select(PartnerPeriod)).scalar_one()
    assert (int(shares), period.partner_share_minor, period.revenue_minor) == (15_984, 15_984, 19_980)
    assert balance(partner_payable(till.partner_id)).available == 15_984
    assert disagreements() == []


def _partner_of(till: Till) -> Partner:
    return db.session.get_one(Partner, till.partner_id)
