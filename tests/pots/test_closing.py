"""How a birthday ends a pot, by what is in it (G-10, G-11, G-14)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.models import DataType, SystemConfig
from portal.config.values import POT_CHOICE_DAYS, RISK_HOLD, forget_cached_values
from portal.kernel.errors import Conflict
from portal.ledger.accounts import pot_funds
from portal.ledger.queries import balance
from portal.notifications.models import Notification
from portal.payments.models import RefundReason
from portal.pots import jobs
from portal.pots.events import pot_closed
from portal.pots.models import Outcome, Pot, PotStatus
from portal.pots.services import pot_for_issuing
from tests.harness.moments import Clock
from tests.pots.birthdays import (
    BIRTHDAY_NIGHT,
    CHOICE_OVER,
    LATE,
    NIGHT_BEFORE,
    Heard,
    birthday_pot,
)
from tests.pots.gifts import (
    give_to,
    kept,
    pay,
    refunds_of,
    reload_pot,
)

pytestmark = pytest.mark.usefixtures("in_march")


@pytest.mark.covers("POT-18", "POT-05")
@pytest.mark.parametrize(
    ("gifts", "status", "outcome", "says"),
    [
        ((), PotStatus.CLOSED, Outcome.EMPTY, [("closed", Outcome.EMPTY)]),
        ((9_999,), PotStatus.EXPIRED, None, [("expired", None)]),
        ((10_000,), PotStatus.CLOSED, Outcome.FUNDED, [("closed", Outcome.FUNDED)]),
        ((10_000, 7_000), PotStatus.CLOSED, Outcome.FUNDED, [("closed", Outcome.FUNDED)]),
    ],
)
@pytest.mark.parametrize("moment", [BIRTHDAY_NIGHT, LATE])
def test_a_birthday_ends_a_pot_by_what_is_in_it(
    db_session: Session,
    clock: Clock,
    heard: Heard,
    gifts: tuple[int, ...],
    status: PotStatus,
    outcome: Outcome | None,
    says: Heard,
    moment: datetime,
) -> None:
    pot = birthday_pot(gifts)
    heard.clear()
    clock.travel(NIGHT_BEFORE)
    assert jobs.close_due()["ended"] == 0
    clock.travel(moment)

    assert jobs.close_due()["ended"] == 1
    assert jobs.close_due()["ended"] == 0

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome) == (status, outcome)
    assert heard == says
    assert (pot.closed_at or pot.expired_at) == moment
    assert balance(pot_funds(pot.id)).available == sum(gifts)


@pytest.mark.covers("POT-18")
@pytest.mark.parametrize(
    ("moment", "until"),
    [(BIRTHDAY_NIGHT, CHOICE_OVER), (LATE, datetime(2026, 3, 30, tzinfo=UTC))],
)
@pytest.mark.parametrize("gifts", [(9_000,), (10_000,)])
def test_the_owner_has_seven_full_days_to_choose_also_after_a_standstill(
    db_session: Session, clock: Clock, gifts: tuple[int, ...], moment: datetime, until: datetime
) -> None:
    pot = birthday_pot(gifts)
    clock.travel(moment)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert pot.choose_until == until
    assert pot_for_issuing(pot.id, pot.owner_user_id).id == pot.id
    words = db_session.scalars(
        select(Notification.message).where(
            Notification.user_id == pot.owner_user_id,
            Notification.event_key.in_([f"pot:{pot.id}:expired", f"pot:{pot.id}:closed"]),
        )
    ).one()
    assert "formule" in words


@pytest.mark.covers("POT-18")
def test_the_choice_lasts_as_long_as_operators_say(db_session: Session, clock: Clock) -> None:
    pot = birthday_pot((9_000,))
    db_session.add(SystemConfig(config_key=POT_CHOICE_DAYS.key, config_value=3, data_type=DataType.NUMBER))
    db_session.commit()
    forget_cached_values()
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    assert reload_pot(pot.id).choose_until == datetime(2026, 3, 23, tzinfo=UTC)


@pytest.mark.covers("DON-11")
def test_held_gifts_go_back_when_the_pot_ends(db_session: Session, clock: Clock) -> None:
    pot = birthday_pot((10_000,))
    held = give_to(pot, 3_000)
    held.risk_score = RISK_HOLD.default
    pay(held)
    held = kept(held)
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    assert [(refund.donation_id, refund.reason) for refund in refunds_of(pot)] == [
        (held.id, RefundReason.CANCELED)
    ]


def test_one_pot_that_fails_keeps_no_other_from_its_turn(db_session: Session, clock: Clock) -> None:
    broken, fine = birthday_pot((10_000,)), birthday_pot((10_000,))
    clock.travel(BIRTHDAY_NIGHT)

    def break_one(pot: Pot, **_more: Any) -> None:
        if pot.id == broken.id:
            raise RuntimeError("a bug")

    with pot_closed.connected_to(break_one), pytest.raises(jobs.SomePotsFailed):
        jobs.close_due()

    assert reload_pot(fine.id).status is PotStatus.CLOSED
    assert reload_pot(broken.id).status is PotStatus.FUNDED
    assert jobs.close_due()["ended"] == 1


@pytest.mark.covers("POT-18")
@pytest.mark.parametrize("gifts", [(), (9_000,), (10_000,)])
def test_an_ended_pot_takes_no_gift(db_session: Session, clock: Clock, gifts: tuple[int, ...]) -> None:
    pot = birthday_pot(gifts)
    clock.travel(BIRTHDAY_NIGHT)

    with pytest.raises(Conflict):
        give_to(pot)
    jobs.close_due()
    with pytest.raises(Conflict):
        give_to(reload_pot(pot.id))
