"""Several who end a pot at once, and one who dies over it, end it once."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.kernel import clock as portal_clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict
from portal.ledger.accounts import pot_funds
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.pots import jobs
from portal.pots.closing import close_pot
from portal.pots.events import pot_closed
from portal.pots.models import Outcome, Pot, PotStatus
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import Killed
from tests.pots.birthdays import BIRTHDAY_NIGHT, acting_owner, birthday_pot, wallet_of
from tests.pots.gifts import kept, refunds_of, reload_pot

pytestmark = [pytest.mark.usefixtures("in_march"), pytest.mark.covers("POT-18", "POT-20")]


def ending(pot_id: UUID, by: Actor, **how: Any) -> str:
    """End the pot in a transaction of its own; "ended", or "refused"."""
    try:
        in_transaction(lambda: close_pot(pot_id, by=by, **how), by)
    except Conflict:
        return "refused"
    return "ended"


def books_are_right() -> bool:
    """Whether every unit sums to zero and every cached balance is its entries."""
    return set(trial_balance().values()) == {0} and disagreements() == []


def test_two_admins_and_the_owner_who_give_everything_back_at_once_give_it_back_once(
    app: Flask, committed_db: Session
) -> None:
    pot = birthday_pot((3_000, 4_000))
    hands = [acting(make_admin()) for _ in range(4)]
    owner = acting_owner(pot)
    db.session.commit()

    works = [partial(ending, pot.id, hand, everything_back=True, reason="asked") for hand in hands]
    works.append(partial(ending, pot.id, owner, owner_user_id=pot.owner_user_id, everything_back=True))
    answers = at_once(app, works)

    assert sorted(answers) == ["ended"] + ["refused"] * 4
    assert [one.amount_minor for one in refunds_of(pot)] == [3_000, 4_000]
    assert reload_pot(pot.id).outcome == Outcome.REFUNDED
    assert balance(pot_funds(pot.id)).available == 0
    assert books_are_right()


def test_a_funded_pot_ended_by_hand_and_by_the_clock_at_once_ends_once(
    app: Flask, committed_db: Session
) -> None:
    pot = birthday_pot((10_000,))
    hands = [acting(make_admin()) for _ in range(3)]
    db.session.commit()
    closed: list[Outcome] = []

    def by_the_clock() -> str:
        with portal_clock.travel(BIRTHDAY_NIGHT):
            jobs.close_due()
        return "looked"

    def hear(_pot: Pot, *, outcome: Outcome, **_more: Any) -> None:
        closed.append(outcome)

    with pot_closed.connected_to(hear):
        at_once(
            app, [*[partial(ending, pot.id, hand, reason="asked") for hand in hands], *[by_the_clock] * 3]
        )

    assert closed == [Outcome.FUNDED]
    pot = reload_pot(pot.id)
    assert (pot.status, refunds_of(pot), wallet_of(pot)) == (PotStatus.CLOSED, [], 0)
    assert balance(pot_funds(pot.id)).available == 10_000
    assert books_are_right()


def test_whoever_dies_while_a_pot_ends_leaves_it_as_it_was(
    committed_db: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pot = birthday_pot((3_000, 4_000))
    admin = acting(make_admin())
    db.session.commit()

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("portal.pots.closing.rest_to_wallet", die)
        with pytest.raises(Killed):
            ending(pot.id, admin, everything_back=True, reason="asked")
    pot = reload_pot(pot.id)
    assert (pot.status, refunds_of(pot)) == (PotStatus.OPEN, [])
    assert balance(pot_funds(pot.id)).available == 7_000
    pot = kept(pot)

    assert ending(pot.id, admin, everything_back=True, reason="asked") == "ended"
    assert [one.amount_minor for one in refunds_of(pot)] == [3_000, 4_000]
    assert books_are_right()
