"""Codes, stock and money when several want the same at once, or somebody dies in between."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.clock import travel
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import DomainError
from portal.ledger.accounts import pot_funds, user_wallet
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.packs.models import Pack
from portal.redemptions import issuing
from portal.redemptions.events import code_issued
from portal.redemptions.jobs import expire_codes
from portal.redemptions.models import QrCode, QrStatus
from tests.harness.house import acting, make_admin, make_code, make_pack, make_partner, make_person, make_pot
from tests.harness.together import at_once
from tests.payouts.world import Killed

PRICE = 15_000


def taken(pack_id: UUID) -> int:
    """How many of the pack are promised, as the database has it."""
    return db.session.execute(select(Pack.quantity_taken).where(Pack.id == pack_id)).scalar_one()


def done(work: Any) -> str:
    """In a transaction of its own; "done", or "refused"."""
    try:
        in_transaction(work)
    except DomainError:
        return "refused"
    return "done"


@pytest.mark.covers("QR-01", "PACK-06")
def test_one_wish_sent_eight_times_at_once_is_one_code_and_one_place(
    app: Flask, committed_db: Session
) -> None:
    owner = make_person()
    pot_id, owner_id, by = make_pot(owner, holds=40_000).id, owner.id, acting(owner)
    pack_id = make_pack(make_partner(), PRICE, total_available_quantity=5).id
    db.session.commit()

    def reach() -> UUID:
        return in_transaction(lambda: issuing.issue_code(pot_id, pack_id, owner_user_id=owner_id, by=by).id)

    codes = at_once(app, [reach] * 8)

    assert len(set(codes)) == 1
    assert (taken(pack_id), balance(pot_funds(pot_id)).available) == (1, 40_000 - PRICE)
    assert db.session.execute(select(func.count()).select_from(QrCode)).scalar_one() == 1
    assert disagreements() == []


@pytest.mark.covers("QR-06", "PACK-06")
def test_a_code_canceled_by_six_admins_at_once_gives_its_place_and_money_back_once(
    app: Flask, committed_db: Session
) -> None:
    pack = make_pack(make_partner(), PRICE, total_available_quantity=5)
    code = make_code(pack)
    pot_id, pack_id, code_id = code.pot_id, pack.id, code.id
    admins = [acting(make_admin()) for _ in range(6)]
    db.session.commit()

    works = [partial(issuing.cancel_code, code_id, "asked by the owner", by=admin) for admin in admins]
    answers = at_once(app, [partial(done, work) for work in works])

    assert sorted(answers) == ["done"] + ["refused"] * 5
    assert (taken(pack_id), balance(pot_funds(pot_id)).available) == (0, PRICE)
    assert disagreements() == []
    assert set(trial_balance().values()) == {0}


@pytest.mark.covers("QR-06", "QR-11")
def test_a_code_that_ends_while_it_is_canceled_pays_its_price_back_once(
    app: Flask, committed_db: Session
) -> None:
    code = make_code(make_pack(make_partner(), PRICE))
    code_id, owner_id, pot_id, over = code.id, code.beneficiary_user_id, code.pot_id, code.expires_at
    admin = acting(make_admin())
    db.session.commit()

    def end() -> str:
        with travel(over):
            return f"ended {expire_codes()['expired']}"

    cancel = partial(done, partial(issuing.cancel_code, code_id, "asked", by=admin))
    answers = at_once(app, [*[end] * 4, *[cancel] * 2])

    status = db.session.execute(select(QrCode.status).where(QrCode.id == code_id)).scalar_one()
    assert status in (QrStatus.EXPIRED, QrStatus.CANCELED)
    assert (answers.count("done") + answers.count("ended 1")) == 1
    assert balance(user_wallet(owner_id)).posted + balance(pot_funds(pot_id)).posted == PRICE
    assert disagreements() == []


@pytest.mark.covers("QR-01", "PACK-06", "PAY-08")
def test_whoever_dies_while_a_code_is_made_leaves_place_and_money_untouched(committed_db: Session) -> None:
    owner = make_person()
    pot_id, owner_id, by = make_pot(owner).id, owner.id, acting(owner)
    pack_id = make_pack(make_partner(), PRICE, total_available_quantity=1).id
    db.session.commit()

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    def reach() -> UUID:
        return in_transaction(lambda: issuing.issue_code(pot_id, pack_id, owner_user_id=owner_id, by=by).id)

    with code_issued.connected_to(die), pytest.raises(Killed):
        reach()
    assert (taken(pack_id), balance(pot_funds(pot_id)).available) == (0, 20_000)
    assert db.session.execute(select(func.count()).select_from(QrCode)).scalar_one() == 0
    db.session.rollback()

    assert reach() == reach()
    assert (taken(pack_id), balance(pot_funds(pot_id)).available) == (1, 20_000 - PRICE)
