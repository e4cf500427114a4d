"""Where a partner is paid: chosen by owners, told to all of them, kept encrypted, checked by Wave."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, InvalidInput
from portal.kernel.roles import MemberRole
from portal.notifications.models import Notification
from portal.partners.members import open_place
from portal.payments.methods import VERIFY_JOB, destination_phone
from portal.payments.models import PaymentMethod
from portal.payouts.destinations import approved_destination, change_partner_destination
from portal.payouts.queries import destination_changes
from tests.harness.house import acting, make_admin, make_member, make_partner
from tests.payouts.world import HOLDER, NUMBER, OTHER_NUMBER, destination, make_payee, run_follow_ups
from tests.sandbox.running import RunningSandbox

Database = scoped_session[Session]


def rows_of(session: Database) -> int:
    return session.execute(select(func.count()).select_from(PaymentMethod)).scalar_one()


def told(session: Database) -> list[Notification]:
    statement = select(Notification).where(Notification.event_key.like("destination:%"))
    return list(session.execute(statement.order_by(Notification.id)).scalars())


@pytest.mark.covers("PO-13", "PAY-29")
def test_a_number_is_kept_encrypted_and_shown_masked(db_session: Database) -> None:
    partner, _owner = make_payee()
    method = destination(partner.id)

    assert destination_phone(method) == NUMBER
    assert NUMBER.encode() not in method.token_encrypted
    assert NUMBER[4:] not in method.label
    assert method.label.endswith(NUMBER[-2:])
    stored = db_session.execute(select(func.row_to_json(PaymentMethod.__table__.table_valued()))).scalar_one()
    assert NUMBER[4:] not in str(stored)


@pytest.mark.covers("PAY-29")
def test_one_destination_is_in_force(db_session: Database) -> None:
    partner, owner = make_payee()
    first = destination(partner.id)

    second = change_partner_destination(partner.id, "77 999 88 77", HOLDER, by=acting(owner))

    assert destination(partner.id) is second
    assert destination_phone(second) == OTHER_NUMBER
    assert not first.is_default
    first.is_default = True
    with pytest.raises(IntegrityError, match="uq_payment_methods_default"):
        db_session.flush()


@pytest.mark.covers("PAY-22")
def test_another_holder_of_the_same_number_is_another_destination(db_session: Database) -> None:
    partner, owner = make_payee()
    first = destination(partner.id)

    second = change_partner_destination(partner.id, NUMBER, "Awa Diop", by=acting(owner))

    assert first.id != second.id
    assert (first.holder_name, destination_phone(first)) == (HOLDER, NUMBER)
    assert not first.is_active


def test_an_earlier_destination_can_be_taken_into_force_again(db_session: Database) -> None:
    partner, owner = make_payee()
    first = destination(partner.id)
    change_partner_destination(partner.id, OTHER_NUMBER, HOLDER, by=acting(owner))

    back = change_partner_destination(partner.id, NUMBER, HOLDER, by=acting(owner))

    assert back is first
    assert rows_of(db_session) == 2
    assert len(destination_changes(partner.id)) == 3


def test_saying_the_same_again_changes_nothing_and_tells_nobody(db_session: Database) -> None:
    partner, owner = make_payee()
    before = destination(partner.id)
    known = (before.changed_at, before.changed_by, len(told(db_session)))

    change_partner_destination(partner.id, NUMBER, HOLDER, by=acting(make_admin()))

    assert (before.changed_at, before.changed_by, len(told(db_session))) == known
    assert before.changed_by == owner.id


def test_every_owner_is_told_of_a_change_whoever_made_it(db_session: Database) -> None:
    partner = make_partner()
    owners = [make_member(partner, MemberRole.OWNER, f"Owner {number}") for number in range(2)]
    make_member(partner, MemberRole.MANAGER)

    change_partner_destination(partner.id, NUMBER, HOLDER, by=acting(owners[0]))

    rows = told(db_session)
    assert {row.user_id for row in rows} == {owner.id for owner in owners}
    assert all(part in rows[0].message for part in ("Owner 0", HOLDER, NUMBER[-2:]))
    assert NUMBER[4:] not in rows[0].message
    assert rows[0].priority == "urgent"


@pytest.mark.parametrize("number", ["+33612345678", "12", "", "77 12"])
def test_a_number_that_wave_cannot_pay_is_refused(db_session: Database, number: str) -> None:
    partner = make_partner()

    with pytest.raises(InvalidInput) as refused:
        change_partner_destination(partner.id, number, HOLDER, by=SYSTEM)

    assert refused.value.field == "phone"
    assert rows_of(db_session) == 0


def test_the_one_who_chose_the_destination_may_not_send_money_there(db_session: Database) -> None:
    partner, owner = make_payee()
    seen = destination(partner.id)

    with pytest.raises(Forbidden):
        approved_destination(seen.id, partner_id=partner.id, by=acting(owner))
    with pytest.raises(Forbidden):
        approved_destination(seen.id, partner_id=partner.id, by=SYSTEM)
    allowed = approved_destination(seen.id, partner_id=partner.id, by=acting(make_admin()))

    assert allowed is seen


@pytest.mark.parametrize("role", list(MemberRole))
def test_an_admin_sends_no_money_to_the_house_they_work_for(db_session: Database, role: MemberRole) -> None:
    partner = make_payee()[0]
    seen = destination(partner.id)
    both = make_admin()
    place = open_place(partner.id, both.id, role, by=SYSTEM)

    with pytest.raises(Forbidden):
        approved_destination(seen.id, partner_id=partner.id, by=acting(both))

    place.is_active = False
    db_session.flush()
    assert approved_destination(seen.id, partner_id=partner.id, by=acting(both)) is seen


def test_there_is_no_paying_a_partner_who_has_not_said_where(db_session: Database) -> None:
    with pytest.raises(Conflict):
        approved_destination(None, partner_id=make_partner().id, by=acting(make_admin()))


def test_who_changed_it_and_when_stays_readable(db_session: Database) -> None:
    partner, owner = make_payee()
    change_partner_destination(partner.id, OTHER_NUMBER, "Awa Diop", by=acting(owner))
    other, stranger = make_payee(name="Another house", number=OTHER_NUMBER)

    lines = destination_changes(partner.id)

    assert [(line.label[-2:], line.holder, line.who) for line in lines] == [
        (OTHER_NUMBER[-2:], "Awa Diop", HOLDER),
        (NUMBER[-2:], HOLDER, HOLDER),
    ]
    assert len(destination_changes(other.id)) == 1
    assert stranger.id != owner.id


@pytest.mark.parametrize(
    ("known_as", "verdict"), [(HOLDER, "MATCH"), ("Moussa Fall", "NO_MATCH"), (None, "NAME_NOT_KNOWN")]
)
def test_wave_is_asked_whose_number_it_is(
    committed_db: Database, wave: RunningSandbox, known_as: str | None, verdict: str
) -> None:
    if known_as:
        wave.control("PUT", f"/recipients/{NUMBER}", name=known_as)
    with transaction():
        partner_id = make_payee()[0].id

    assert run_follow_ups(VERIFY_JOB) == 1

    method = destination(partner_id)
    assert method.verification == verdict
    assert method.verified_at is not None
