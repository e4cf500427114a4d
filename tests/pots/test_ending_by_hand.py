"""What an owner or an admin ends before the birthday."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict
from portal.payments.models import RefundReason
from portal.pots.closing import close_pot
from portal.pots.models import Outcome, PotStatus
from tests.harness.house import acting, make_admin
from tests.pots.birthdays import (
    acting_owner,
    birthday_pot,
    issue,
)
from tests.pots.gifts import (
    refunds_of,
    refused,
    reload_pot,
)

pytestmark = pytest.mark.usefixtures("in_march")


@pytest.mark.covers("POT-20")
@pytest.mark.parametrize(
    ("gifts", "status", "outcome"),
    [
        ((), PotStatus.CLOSED, Outcome.CANCELED),
        ((9_000,), PotStatus.EXPIRED, None),
        ((10_000,), PotStatus.CLOSED, Outcome.FUNDED),
    ],
)
def test_an_owner_ends_a_pot_early_by_the_rules_of_the_birthday(
    db_session: Session, gifts: tuple[int, ...], status: PotStatus, outcome: Outcome | None
) -> None:
    pot = birthday_pot(gifts)
    owner = acting_owner(pot)

    close_pot(pot.id, owner_user_id=pot.owner_user_id, by=owner)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome) == (status, outcome)
    assert (pot.choose_until == datetime(2026, 3, 8, tzinfo=UTC)) is bool(gifts)
    with pytest.raises(Conflict):
        close_pot(pot.id, owner_user_id=pot.owner_user_id, by=owner)


@pytest.mark.covers("POT-20")
def test_an_owner_gives_everything_back_without_waiting(db_session: Session) -> None:
    pot = birthday_pot((3_000, 4_000))
    close_pot(pot.id, owner_user_id=pot.owner_user_id, by=acting_owner(pot))

    close_pot(pot.id, owner_user_id=pot.owner_user_id, everything_back=True, by=acting_owner(pot))

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome) == (PotStatus.CLOSED, Outcome.REFUNDED)
    assert [refund.amount_minor for refund in refunds_of(pot)] == [3_000, 4_000]
    with pytest.raises(Conflict):
        close_pot(pot.id, owner_user_id=pot.owner_user_id, everything_back=True, by=acting_owner(pot))


def test_what_a_pack_has_taken_does_not_go_back(db_session: Session) -> None:
    pot = birthday_pot((10_000,))
    issue(pot, 8_000)

    with refused(Conflict, "A pack has already been taken from this pot, so not every gift can go back."):
        close_pot(pot.id, everything_back=True, reason="fraud", by=SYSTEM)


@pytest.mark.covers("DON-26")
def test_an_admin_ends_a_pot_with_a_reason_and_gives_all_back(db_session: Session) -> None:
    pot, admin = birthday_pot((3_000, 10_000)), make_admin()

    close_pot(pot.id, everything_back=True, reason="Not a birthday", by=acting(admin))

    assert reload_pot(pot.id).outcome == Outcome.REFUNDED
    assert {refund.reason for refund in refunds_of(pot)} == {RefundReason.CANCELED}
    proof = db_session.scalars(select(AuditLog).where(AuditLog.resource_id == pot.id)).one()
    assert (proof.action, proof.reason, proof.actor_user_id) == ("pot_closed", "Not a birthday", admin.id)
