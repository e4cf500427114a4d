"""Telling of redeemed gifts: each once, and nobody at a till waits for it."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.db import db, transaction
from portal.notifications.models import Notification
from portal.redemptions.jobs import announce
from portal.redemptions.models import QrCode
from portal.redemptions.telling import announce_redeemed
from tests.factories.redeemed import serve
from tests.harness.house import make_partner
from tests.harness.together import at_once

HOW_MANY = 12


@pytest.fixture
def served(committed_db: Session) -> list[UUID]:
    """Gifts that were served a moment ago, by their codes' ids."""
    with transaction():
        partner = make_partner()
        for _ in range(HOW_MANY):
            serve(partner, 5_000)
    return list(db.session.scalars(select(QrCode.id).order_by(QrCode.id)))


def not_told() -> list[UUID]:
    return list(db.session.scalars(select(QrCode.id).where(QrCode.announced_at.is_(None))))


def messages() -> list[str]:
    told = select(Notification.event_key).where(Notification.event_key.like("qr:%:code_redeemed"))
    return sorted(db.session.scalars(told))


def expected(codes: list[UUID]) -> list[str]:
    return sorted(f"qr:{code}:code_redeemed" for code in codes)


def test_a_code_can_be_scanned_again_while_its_owner_is_being_told(served: list[UUID]) -> None:
    with transaction():
        assert sorted(announce_redeemed()) == served
        with db.engine.connect() as till:
            locked = till.scalars(select(QrCode.id).order_by(QrCode.id).with_for_update(nowait=True)).all()

    assert locked == served


def test_a_code_that_is_being_scanned_holds_up_no_other_and_is_told_of_once(served: list[UUID]) -> None:
    with db.engine.connect() as till:
        till.execute(select(QrCode.id).where(QrCode.id == served[3]).with_for_update())
        assert announce() == {"told": HOW_MANY - 1}
        assert not_told() == [served[3]]

    assert announce() == {"told": 1}
    assert announce() == {"told": 0}
    assert not_told() == []
    assert messages() == expected(served)


def test_four_workers_at_once_tell_each_owner_once(app: Flask, served: list[UUID]) -> None:
    at_once(app, [announce for _ in range(4)])

    assert not_told() == []
    assert messages() == expected(served)
