"""A gift that Wave itself refuses to give back, from the end of its pot to the refund that succeeds."""

from __future__ import annotations

from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.ledger.accounts import kept_for_payer, pot_funds
from portal.ledger.queries import Balance, balance, disagreements, trial_balance
from portal.payments.models import Refund
from portal.payments.wallet import compare_wallet
from portal.pots.closing import close_pot
from portal.pots.models import Donation, Pot
from tests.harness.house import make_admin, send, sign_in
from tests.payments.world import World, run_follow_ups
from tests.pots.gifts import give_to, make_open_pot, make_owner, said


def given(world: World, pot_id: UUID, amount: int) -> UUID:
    """A gift that was paid at Wave; its payment."""
    with transaction():
        payment_id = give_to(db.session.get_one(Pot, pot_id), amount).payment_transaction_id
    assert payment_id is not None
    world.open(payment_id)
    world.pay(payment_id)
    world.announce(payment_id)
    return payment_id


def refund_of(payment_id: UUID) -> Refund:
    return db.session.scalars(
        select(Refund)
        .where(Refund.payment_transaction_id == payment_id)
        .execution_options(populate_existing=True)
    ).one()


@pytest.mark.covers("DON-27", "DON-28", "DON-29", "PAY-04")
def test_a_refused_gift_is_kept_while_the_others_go_back_and_goes_back_on_the_next_try(
    client: FlaskClient, committed_db: Session, world: World
) -> None:
    compare_wallet()
    with transaction():
        pot_id = make_open_pot(make_owner()).id
        admin = make_admin()
        sign_in(client, admin)
    refused, returned = given(world, pot_id, 3_000), given(world, pot_id, 4_000)
    # Gifts are asked back in the order in which they arrived, so this meets the first one.
    world.sandbox.arm("checkout.refund", "error", code="checkout-refund-failed", status=409)

    with transaction():
        close_pot(pot_id, everything_back=True, reason="asked", by=SYSTEM)
    run_follow_ups()

    states = dict(db.session.execute(select(Donation.payment_transaction_id, Donation.status)).all())
    assert (states[refused], states[returned]) == ("succeeded", "refunded")
    assert refund_of(refused).status == "failed"
    assert balance(pot_funds(pot_id)) == Balance()
    assert balance(kept_for_payer(refused)) == Balance(posted=3_000)
    assert compare_wallet()["difference"] == 0
    page = f"/admin/payments/{refused}"
    assert said("Kept for the donor") in unescape(client.get(page).text)

    assert send(client, f"/admin/refunds/{refund_of(refused).id}/retry").status_code == 303
    run_follow_ups()

    assert refund_of(refused).status == "completed"
    assert balance(kept_for_payer(refused)) == Balance()
    assert said("Kept for the donor") not in unescape(client.get(page).text)
    assert compare_wallet()["difference"] == 0
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []
