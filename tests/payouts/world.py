"""Payees, money to pay them, and the workers that do it, for tests of what leaves the portal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import select

from portal.gateways.wave import WaveClient
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.kernel.models import OutboxEvent
from portal.kernel.money import Money
from portal.kernel.roles import MemberRole
from portal.kernel.work import perform
from portal.ledger import services as ledger
from portal.ledger.accounts import partner_payable, platform
from portal.ledger.models import Purpose
from portal.ledger.queries import Balance, balance, disagreements, trial_balance
from portal.ledger.services import Cause
from portal.partners.models import Partner
from portal.payments.methods import destination_in_force
from portal.payments.models import PaymentMethod
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import poll_payouts
from portal.payouts.models import Payout
from portal.payouts.services import order_payout, retry_payout
from tests.harness.house import acting, make_admin, make_member, make_partner
from tests.harness.moments import Clock
from tests.sandbox.running import RunningSandbox

NUMBER = "+221771234567"
OTHER_NUMBER = "+221779998877"
HOLDER = "Ndèye Sow"


def make_payee(*, holds: int = 100_000, number: str = NUMBER, **facts: Any) -> tuple[Partner, User]:
    """A house with an owner who has said where to be paid, and `holds` XOF on its account."""
    partner = make_partner(**facts)
    owner = make_member(partner, MemberRole.OWNER, HOLDER)
    change_partner_destination(partner.id, number, HOLDER, by=acting(owner))
    if holds:
        cause = Cause("tests", "tests", partner.id, f"tests:{partner.id}:{new_id()}")
        ledger.move(platform(Purpose.VOUCHERS), partner_payable(partner.id), holds, cause, by=SYSTEM)
    return partner, owner


def destination(partner_id: UUID) -> PaymentMethod:
    """Where the partner is paid now."""
    method = destination_in_force(partner_id=partner_id)
    assert method is not None
    return method


def order(partner_id: UUID, amount: int = 25_000, *, by: Actor = SYSTEM, source: UUID | None = None) -> UUID:
    """Order a payout for a row of its own, committed; the payout's id."""
    with transaction(by):
        method = destination(partner_id)
        return order_payout(Money(amount), method, ("tests", source or new_id()), "Teranga T-1", by=by).id


def payout(payout_id: UUID) -> Payout:
    """The payout as the database has it now."""
    return db.session.get_one(Payout, payout_id, populate_existing=True)


def owed(partner_id: UUID) -> Balance:
    """What the partner's account holds now."""
    return balance(partner_payable(partner_id))


def an_admin() -> Actor:
    """Somebody who steers the portal, committed."""
    with transaction():
        return acting(make_admin())


def run_follow_ups(job_name: str | None = None) -> int:
    """Do what a worker would do now, once for each follow-up that is due; how many."""
    with transaction() as session:
        due = session.execute(
            select(OutboxEvent.job, OutboxEvent.id)
            .where(
                OutboxEvent.done_at.is_(None),
                OutboxEvent.failed_at.is_(None),
                OutboxEvent.available_at <= clock.now(),
            )
            .order_by(OutboxEvent.id)
        ).all()
    chosen = [(name, event_id) for name, event_id in due if job_name in (None, name)]
    for name, event_id in chosen:
        perform(name, event_id=str(event_id))
    return len(chosen)


def books_are_right() -> bool:
    """Whether every unit sums to zero and every cached balance is its entries."""
    return not any(trial_balance().values()) and disagreements() == []


def sent(wave: RunningSandbox, payout_id: UUID) -> int:
    """How often Wave moved money for the payout, whichever attempt."""
    row = payout(payout_id)
    keys = [f"payout:{row.source_type}:{row.source_id}:{attempt}" for attempt in range(1, row.attempt + 1)]
    return sum(wave.payouts_for(key) for key in keys)


def later(clock: Clock, **parts: float) -> dict[str, int]:
    """Some time passes, then the timed job looks."""
    clock.advance(**(parts or {"seconds": 61}))
    return poll_payouts()


def pay_anew(payout_id: UUID, *, by: Actor) -> Payout:
    """Start a new attempt, to where the payee is paid now."""
    partner_id = db.session.get_one(Payout, payout_id).partner_id
    assert partner_id is not None
    return retry_payout(payout_id, destination(partner_id).id, by=by)


def try_again(payout_id: UUID) -> None:
    """An operator starts a new attempt."""
    operator = an_admin()
    with transaction(operator):
        pay_anew(payout_id, by=operator)


class Killed(BaseException):
    """A worker that is gone in the middle of its work; nothing of ours catches it."""


@contextmanager
def _patched(patch: pytest.MonkeyPatch, target: Any, name: str, replacement: Any) -> Any:
    with patch.context() as inside:
        inside.setattr(target, name, replacement)
        yield


def killed_before_asking(patch: pytest.MonkeyPatch) -> AbstractContextManager[None]:
    """Workers die after the claim, before Wave hears of the payout."""

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    return _patched(patch, WaveClient, "create_payout", die)


def killed_after_asking(patch: pytest.MonkeyPatch) -> AbstractContextManager[None]:
    """Workers die once Wave has done what was asked, before the answer is written down."""
    really: Callable[..., Any] = WaveClient.create_payout

    def ask_and_die(self: WaveClient, *args: Any, **named: Any) -> None:
        really(self, *args, **named)
        raise Killed

    return _patched(patch, WaveClient, "create_payout", ask_and_die)


class Wire:
    """What went over the wire to Wave's payout address: the keys and the bodies, in order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.keys: list[str] = []
        self.bodies: list[bytes] = []
        really = requests.Session.request

        def listen(session: requests.Session, method: str, url: str, **named: Any) -> requests.Response:
            if method == "POST" and url.endswith("/v1/payout"):
                self.keys.append(named["headers"]["Idempotency-Key"])
                self.bodies.append(named["data"])
            return really(session, method, url, **named)

        patch.setattr(requests.Session, "request", listen)
