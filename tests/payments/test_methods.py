"""Where people and partners are paid: encrypted, one in force, and checked with Wave."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.errors import InvalidInput
from portal.kernel.ids import new_id
from portal.kernel.keys import Undecryptable
from portal.payments.methods import (
    destination_in_force,
    destination_phone,
    save_wave_destination,
)
from portal.payments.models import PaymentMethod
from tests.harness.house import acting, make_person
from tests.payments.world import World, run_follow_ups

AWA = "77 123 45 67"


@pytest.fixture
def owner(db_session: DbSession) -> Actor:
    """Somebody who is paid."""
    return acting(make_person())


def save(owner: Actor, phone: str = AWA, holder: str = "Awa Ndiaye") -> PaymentMethod:
    """Save a number of the owner's own."""
    return save_wave_destination(phone=phone, holder_name=holder, user_id=owner.user_id, by=owner)


@pytest.mark.covers("PAY-29")
def test_the_number_is_stored_encrypted_and_shown_masked(owner: Actor) -> None:
    method = save(owner)

    assert destination_phone(method) == "+221771234567"
    assert method.label == "Wave +22177•••67"
    assert method.is_default
    stored = db.session.execute(text("SELECT payment_methods::text FROM payment_methods")).scalar_one()
    assert "1234567" not in stored
    assert b"1234567" not in method.token_encrypted


@pytest.mark.covers("PAY-29")
def test_a_number_copied_into_another_row_cannot_be_read(owner: Actor) -> None:
    method, other = save(owner), save(owner, "77 999 88 77")
    other.token_encrypted = method.token_encrypted

    with pytest.raises(Undecryptable):
        destination_phone(other)


@pytest.mark.covers("PAY-29")
def test_the_newest_number_is_in_force_and_remembers_who_chose_it(owner: Actor) -> None:
    first = save(owner)
    second = save_wave_destination(
        phone="77 999 88 77", holder_name="Awa Ndiaye", user_id=owner.user_id, by=SYSTEM
    )

    assert destination_in_force(user_id=owner.user_id) is second
    assert (first.is_default, first.changed_by) == (False, owner.user_id)
    assert second.changed_by is None
    assert second.changed_at is not None

    assert save(owner) is first
    assert destination_in_force(user_id=owner.user_id) is first


def test_saving_a_known_number_takes_it_into_force_again(owner: Actor) -> None:
    first = save(owner)
    save(owner, "77 999 88 77")

    again = save(owner, "+221 77 123 45 67")

    assert again.id == first.id
    assert again.is_default


def test_another_holder_is_another_row_so_that_payouts_under_way_keep_their_words(owner: Actor) -> None:
    first = save(owner)

    second = save(owner, holder="Awa N. Ndiaye")

    assert (first.holder_name, first.is_active) == ("Awa Ndiaye", False)
    assert (second.holder_name, second.is_default) == ("Awa N. Ndiaye", True)
    assert save(owner, holder="Awa N. Ndiaye").id == second.id


@pytest.mark.covers("PAY-29")
def test_the_database_allows_one_in_force_for_each_owner(owner: Actor) -> None:
    save(owner)
    save(owner, "77 999 88 77")

    with pytest.raises(IntegrityError, match="uq_payment_methods_default"):
        db.session.execute(text("UPDATE payment_methods SET is_default = true"))


@pytest.mark.parametrize("phone", ["12", "+33612345678", "awa"])
def test_a_number_that_wave_here_cannot_pay_is_refused(owner: Actor, phone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(owner, phone)

    assert refused.value.field == "phone"


def test_a_destination_belongs_to_one_owner(owner: Actor) -> None:
    with pytest.raises(ValueError, match="partner or to a person"):
        save_wave_destination(phone=AWA, holder_name="Awa", by=owner)
    with pytest.raises(ValueError, match="partner or to a person"):
        save_wave_destination(phone=AWA, holder_name="Awa", partner_id=new_id(), user_id=new_id(), by=owner)


@pytest.mark.parametrize(
    ("known", "verdict"), [("Awa Ndiaye", "MATCH"), ("Moussa Sarr", "NO_MATCH"), (None, "NAME_NOT_KNOWN")]
)
def test_wave_is_asked_whose_number_it_is(
    db_session: DbSession, world: World, known: str | None, verdict: str
) -> None:
    world.sandbox.control("PUT", "/recipients/+221771234567", name=known)
    method_id = _saved()

    run_follow_ups()

    method = db.session.get_one(PaymentMethod, method_id)
    assert method.verification == verdict
    assert method.verified_at is not None


def test_a_number_that_wave_refuses_to_check_says_so(db_session: DbSession, world: World) -> None:
    world.sandbox.arm("recipient.verify", "error", status=422, code="recipient-account-blocked")
    method_id = _saved()

    run_follow_ups()

    assert db.session.get_one(PaymentMethod, method_id).verification == "REFUSED"


def test_a_check_without_an_answer_is_left_open(db_session: DbSession, world: World) -> None:
    world.sandbox.arm("recipient.verify", "cut")
    method_id = _saved()

    run_follow_ups()

    assert db.session.get_one(PaymentMethod, method_id).verification is None


def test_a_new_holder_is_checked_anew(db_session: DbSession, world: World) -> None:
    world.sandbox.control("PUT", "/recipients/+221771234567", name="Awa Ndiaye")
    with transaction():
        owner = acting(make_person())
        save(owner)
    run_follow_ups()

    with transaction():
        method_id = save(owner, holder="Moussa Sarr").id
    run_follow_ups()

    assert db.session.get_one(PaymentMethod, method_id).verification == "NO_MATCH"


def _saved() -> UUID:
    with transaction():
        return save(acting(make_person())).id
