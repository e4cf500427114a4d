"""The rest of a pot back to its donors, where a deployment wants it so (G-12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.values import DONORS, POT_LEFTOVER
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import Conflict
from portal.ledger.accounts import pot_funds
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.notifications.models import Notification
from portal.payments.models import Refund
from portal.payments.refunding import refund
from portal.payments.refunds import retry_refund
from portal.pots import jobs
from portal.pots.models import Donation, Outcome, Pot, PotStatus
from portal.pots.services import settle_leftover
from portal.redemptions.issuing import issue_code
from tests.harness.house import make_pack, make_partner
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payments.world import World
from tests.payouts.world import Killed, killed_after_asking, killed_before_asking
from tests.pots.birthdays import BIRTHDAY, BIRTHDAY_NIGHT, acting_owner, add_points, wallet_of
from tests.pots.gifts import (
    kept,
    make_open_pot,
    make_owner,
    paid_gift,
    refunds_of,
    refuse_back,
    reload_pot,
    send_back,
)

PHONE = "+221770000100"
PRICE = 8_000

pytestmark = [pytest.mark.usefixtures("in_march"), pytest.mark.covers("DON-27", "PAY-23")]


@pytest.fixture
def to_donors(db_session: Session) -> None:
    """A deployment that gives the rest back."""
    give_back_the_rest()


def give_back_the_rest() -> None:
    with transaction():
        set_value(POT_LEFTOVER.key, DONORS, by=SYSTEM)


def funded_pot(*gifts: int, phones: tuple[str | None, ...] = (), points: int = 0) -> Pot:
    """A pot whose preferred pack costs 8 000, filled by donors whose numbers are known."""
    pack = make_pack(make_partner(), price=PRICE)
    target = sum(gifts) + points
    pot = make_open_pot(make_owner(BIRTHDAY), target=target, preferred_pack_id=pack.id)
    if points:
        add_points(pot, points)
    for number, amount in enumerate(gifts):
        paid_gift(pot, amount, phone=phones[number] if phones else PHONE)
    return kept(pot)


def end(clock: Clock) -> None:
    """The birthday comes, and with it the pack."""
    clock.travel(BIRTHDAY_NIGHT)
    assert jobs.close_due()["ended"] == 1


def shares(pot: Pot) -> list[int]:
    return [one.amount_minor for one in refunds_of(pot)]


def test_each_donor_gets_the_share_of_what_was_given(
    db_session: Session, clock: Clock, to_donors: None
) -> None:
    pot = funded_pot(5_000, 3_000, 2_000)

    end(clock)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome) == (PotStatus.CLOSED, Outcome.PACK)
    assert shares(pot) == [1_000, 600, 400]
    assert (balance(pot_funds(pot.id)).available, wallet_of(pot)) == (0, 0)
    for one in refunds_of(pot):
        send_back(one)
    pot = reload_pot(pot.id)
    assert (pot.raised_minor, pot.donor_count) == (PRICE, 1)
    assert balance(pot_funds(pot.id)).posted == 0
    assert {gift.status for gift in db_session.scalars(select(Donation))} == {"succeeded"}
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []


def test_donors_are_told_what_part_of_their_gift_is_back(
    db_session: Session, clock: Clock, to_donors: None
) -> None:
    pot = make_open_pot(make_owner(BIRTHDAY), target=10_000)
    paid_gift(pot, 10_000, phone=PHONE, email="moussa@example.org")
    pack = make_pack(make_partner(), price=PRICE)
    db_session.execute(update(Pot).values(preferred_pack_id=pack.id))
    pot = kept(pot)
    end(clock)

    send_back(refunds_of(pot)[0])

    told = db_session.scalars(select(Notification).order_by(Notification.id.desc()).limit(1)).one()
    assert told.recipient_identifier == "moussa@example.org"
    assert told.title.startswith("2\u202f000\u00a0F")
    assert "partie" in told.message.lower()


@pytest.mark.parametrize(
    ("gifts", "expected"),
    [
        ((4_000, 4_000, 4_000), [1_334, 1_333, 1_333]),
        ((3_334, 3_333, 3_333), [667, 667, 666]),
        ((8_000, 100), [99, 1]),
        ((8_001, 100), [100, 1]),
        ((100, 100, 9_800), [20, 20, 1_960]),
    ],
)
def test_a_franc_that_cannot_be_divided_goes_to_the_largest_remainder_and_then_to_the_earlier_gift(
    db_session: Session, clock: Clock, to_donors: None, gifts: tuple[int, ...], expected: list[int]
) -> None:
    pot = funded_pot(*gifts)
    clock.advance(hours=1)

    end(clock)

    assert shares(pot) == expected
    assert sum(expected) == sum(gifts) - PRICE


def test_gifts_of_one_instant_come_in_the_order_of_their_ids(
    db_session: Session, clock: Clock, to_donors: None
) -> None:
    pot = funded_pot(5_001, 5_001)
    assert len(set(db_session.scalars(select(Donation.confirmed_at)))) == 1

    end(clock)

    first, second = db_session.scalars(select(Donation.id).order_by(Donation.id))
    assert [(one.donation_id, one.amount_minor) for one in refunds_of(pot)] == [
        (first, 1_001),
        (second, 1_001),
    ]


def test_the_share_of_points_and_of_unknown_numbers_is_the_owners(
    db_session: Session, clock: Clock, to_donors: None
) -> None:
    pot = funded_pot(5_000, 3_000, phones=(PHONE, None), points=2_000)

    end(clock)

    assert shares(pot) == [1_000]
    assert wallet_of(pot) == 600 + 400


def test_a_share_that_wave_refuses_is_the_owners(db_session: Session, clock: Clock, to_donors: None) -> None:
    pot = funded_pot(5_000, 5_000)
    end(clock)
    first, second = refunds_of(pot)

    refuse_back(first)
    send_back(second)

    assert (wallet_of(pot), balance(pot_funds(pot.id)).posted) == (1_000, 0)
    with pytest.raises(Conflict):
        retry_refund(first.id, by=SYSTEM)


def test_doing_it_again_changes_nothing(db_session: Session, clock: Clock, to_donors: None) -> None:
    pot = funded_pot(5_000, 5_000)
    end(clock)

    assert settle_leftover(pot.id, by=SYSTEM) == 0
    jobs.close_due()

    assert (shares(pot), wallet_of(pot)) == ([1_000, 1_000], 0)


def test_the_other_ways_a_pot_ends_are_not_touched(
    db_session: Session, clock: Clock, to_donors: None
) -> None:
    pot = make_open_pot(make_owner(BIRTHDAY), target=10_000)
    paid_gift(pot, 12_000, phone=PHONE)
    pot = kept(pot)
    end(clock)
    clock.advance(days=8)

    jobs.close_due()

    assert (shares(pot), wallet_of(pot)) == ([], 12_000)


def test_six_workers_and_the_owner_at_once_give_each_share_once(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    give_back_the_rest()
    pot = funded_pot(5_000, 3_000, 2_000)
    owner, pack_id = acting_owner(pot), pot.preferred_pack_id
    db.session.commit()
    assert pack_id is not None

    def work() -> Any:
        with portal_clock.travel(BIRTHDAY_NIGHT):
            return jobs.close_due()

    def choose() -> Any:
        with portal_clock.travel(BIRTHDAY_NIGHT):
            return in_transaction(
                lambda: issue_code(pot.id, pack_id, owner_user_id=pot.owner_user_id, by=owner).id
            )

    at_once(app, [*[work] * 6, choose])
    work()

    assert shares(pot) == [1_000, 600, 400]
    assert (wallet_of(pot), balance(pot_funds(pot.id)).available) == (0, 0)
    assert disagreements() == []


@pytest.mark.parametrize("killed", [killed_before_asking, killed_after_asking])
def test_a_worker_that_dies_on_the_way_pays_the_share_once(
    committed_db: Session, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, killed: Any
) -> None:
    give_back_the_rest()
    pot = funded_pot(10_000)
    end(clock)
    share = refunds_of(pot)[0].id
    db.session.commit()

    with killed(monkeypatch), pytest.raises(Killed):
        refund(share)
    assert refund_state(share) == "processing"
    for _twice in range(2):
        refund(share)

    assert refund_state(share) == "completed"
    assert world.sandbox.payouts_for(f"refund-{share.hex}-1") == 1
    assert (balance(pot_funds(pot.id)).posted, wallet_of(pot)) == (0, 0)
    assert trial_balance() == {"XOF": 0}


def refund_state(refund_id: UUID) -> str:
    db.session.expire_all()
    return db.session.get_one(Refund, refund_id).status.value
