"""Pots whose birthday is the twentieth of March, seen from the first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from portal.identity.models import User
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_wallet
from portal.ledger.models import Purpose
from portal.ledger.queries import balance
from portal.ledger.services import Cause
from portal.pots.crediting import credit, pot_taking_credit
from portal.pots.models import Pot
from tests.harness.house import acting
from tests.pots.gifts import (
    kept,
    make_open_pot,
    make_owner,
    paid_gift,
)

Heard = list[tuple[str, Any]]
BIRTHDAY = date(2026, 3, 20)
NIGHT_BEFORE = datetime(2026, 3, 19, 23, 59, tzinfo=UTC)
BIRTHDAY_NIGHT = datetime(2026, 3, 20, 0, 1, tzinfo=UTC)
CHOICE_OVER = datetime(2026, 3, 27, 0, 0, tzinfo=UTC)
LATE = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)


def birthday_pot(gifts: tuple[int, ...] = (), *, target: int = 10_000, **wishes: Any) -> Pot:
    pot = make_open_pot(make_owner(BIRTHDAY), target=target, **wishes)
    for amount in gifts:
        paid_gift(pot, amount)
    return kept(pot)


def add_points(pot: Pot, francs: int) -> None:
    """A sponsor converts points into the pot."""
    locked = pot_taking_credit(pot.id)
    move = Cause("points_credit", "tests", new_id(), f"tests:{new_id()}")
    ledger.move(platform(Purpose.PROMOTIONS), pot_funds(pot.id), francs, move, by=SYSTEM)
    credit(locked, francs, by=SYSTEM)
    db.session.commit()


def issue(pot: Pot, price: int) -> None:
    """A code for a pack takes money out of the pot."""
    move = Cause("qr_issued", "tests", new_id(), f"tests:{new_id()}")
    ledger.move(pot_funds(pot.id), platform(Purpose.VOUCHERS), price, move, by=SYSTEM)


def wallet_of(pot: Pot) -> int:
    return balance(user_wallet(pot.owner_user_id)).posted


def acting_owner(pot: Pot) -> Actor:
    return acting(db.session.get_one(User, pot.owner_user_id))
