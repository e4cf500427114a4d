"""How pots open and end by themselves: the matrix of G-10 to G-14, and what an owner or admin does by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.models import DataType, SystemConfig
from portal.config.values import POT_CHOICE_DAYS, RISK_HOLD, forget_cached_values
from portal.identity.models import User
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import new_id
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_wallet
from portal.ledger.models import Purpose
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.ledger.services import Cause
from portal.notifications.models import Notification
from portal.packs.models import Pack
from portal.payments.models import RefundReason
from portal.pots import jobs
from portal.pots.closing import close_pot
from portal.pots.crediting import credit, pot_taking_credit
from portal.pots.events import pot_closed, pot_expired, pot_opened
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Donation, Outcome, Pot, PotStatus
from portal.pots.services import available_minor, pot_for_issuing, settle_leftover
from portal.redemptions.models import QrCode
from tests.harness.house import acting, make_admin, make_pack, make_partner
from tests.harness.moments import Clock
from tests.pots.gifts import (
    ask_back,
    give_to,
    kept,
    make_open_pot,
    make_owner,
    paid_gift,
    pay,
    refunds_of,
    refuse_back,
    refused,
    reload_pot,
    send_back,
)

BIRTHDAY = date(2026, 3, 20)
NIGHT_BEFORE = datetime(2026, 3, 19, 23, 59, tzinfo=UTC)
BIRTHDAY_NIGHT = datetime(2026, 3, 20, 0, 1, tzinfo=UTC)
CHOICE_OVER = datetime(2026, 3, 27, 0, 0, tzinfo=UTC)
LATE = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)

Heard = list[tuple[str, Any]]


@pytest.fixture(autouse=True)
def in_march(clock: Clock) -> None:
    """Every story begins nineteen days before the birthday."""
    clock.travel(2026, 3, 1, 12)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The life-cycle signals, in order."""
    said: Heard = []

    def opened(_pot: Pot, **_more: Any) -> None:
        said.append(("opened", None))

    def expired(_pot: Pot, **_more: Any) -> None:
        said.append(("expired", None))

    def closed(_pot: Pot, *, outcome: Outcome, **_more: Any) -> None:
        said.append(("closed", outcome))

    with pot_opened.connected_to(opened), pot_expired.connected_to(expired), pot_closed.connected_to(closed):
        yield said


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


@pytest.mark.covers("POT-03", "POT-05", "POT-16")
def test_pots_open_on_their_day_and_only_once(db_session: Session, clock: Clock, heard: Heard) -> None:
    owner = make_owner(date(2026, 6, 20))
    pot = kept(create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner)))
    clock.travel(2026, 5, 20, 23, 59)
    assert jobs.open_due() == {"opened": 0}
    now = clock.travel(2026, 5, 21, 0, 0)

    assert jobs.open_due() == {"opened": 1}
    assert jobs.open_due() == {"opened": 0}

    pot = reload_pot(pot.id)
    assert (pot.status, pot.actual_opened_at) == (PotStatus.OPEN, now)
    assert heard == [("opened", None)]
    told = db_session.scalars(
        select(Notification.user_id).where(Notification.event_key == f"pot:{pot.id}:opened")
    )
    assert list(told) == [pot.owner_user_id]


@pytest.mark.covers("POT-16", "POT-18")
def test_a_portal_that_was_down_for_days_opens_late_but_never_on_a_birthday(
    db_session: Session, clock: Clock, heard: Heard
) -> None:
    late, too_late = make_owner(date(2026, 6, 20)), make_owner(date(2026, 5, 24))
    clock.travel(2026, 3, 1)
    pots = [
        kept(create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner))) for owner in (late, too_late)
    ]
    clock.travel(2026, 5, 24, 8)

    assert jobs.open_due() == {"opened": 1}
    assert jobs.close_due() == {"ended": 1, "settled": 0}

    assert [reload_pot(pot.id).status for pot in pots] == [PotStatus.OPEN, PotStatus.CLOSED]
    assert heard == [("opened", None), ("closed", Outcome.EMPTY)]


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


@pytest.mark.covers("DON-26", "DON-27")
@pytest.mark.parametrize("moment", [CHOICE_OVER, datetime(2026, 4, 2, tzinfo=UTC)])
def test_without_a_choice_every_gift_of_an_expired_pot_goes_back(
    db_session: Session, clock: Clock, heard: Heard, moment: datetime
) -> None:
    pot = birthday_pot((3_000, 4_000, 500))
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(moment)

    assert jobs.close_due() == {"ended": 0, "settled": 1}
    assert jobs.close_due() == {"ended": 0, "settled": 0}

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.REFUNDED, None)
    refunds = refunds_of(pot)
    assert [refund.amount_minor for refund in refunds] == [3_000, 4_000, 500]
    assert {refund.reason for refund in refunds} == {RefundReason.FAILED_POT}
    assert balance(pot_funds(pot.id)).available == wallet_of(pot) == 0
    for refund in refunds:
        send_back(refund)
    assert (balance(pot_funds(pot.id)).posted, reload_pot(pot.id).raised_minor) == (0, 0)
    assert disagreements() == []
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("REF-63")
def test_converted_points_of_a_failed_pot_go_to_the_owner(db_session: Session, clock: Clock) -> None:
    pot = birthday_pot((3_000,))
    add_points(pot, 830)
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()

    assert [refund.amount_minor for refund in refunds_of(pot)] == [3_000]
    assert (wallet_of(pot), balance(pot_funds(pot.id)).available) == (830, 0)


@pytest.mark.covers("REF-63")
def test_converted_points_help_to_reach_the_target_and_are_not_raised(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((9_000,))

    add_points(pot, 1_000)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.raised_minor, pot.credited_minor) == (PotStatus.FUNDED, 9_000, 1_000)
    clock.travel(BIRTHDAY_NIGHT)
    with pytest.raises(Conflict):
        pot_taking_credit(pot.id)


@pytest.mark.covers("POT-18")
def test_without_a_choice_the_money_of_a_funded_pot_is_the_owners(
    db_session: Session, clock: Clock, heard: Heard
) -> None:
    pot = birthday_pot((10_000, 2_000))
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()
    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.WALLET, None)
    assert (wallet_of(pot), available_minor(pot)) == (12_000, 0)
    assert refunds_of(pot) == []
    assert [event for event in heard if event[0] == "closed"] == [("closed", Outcome.FUNDED)]
    with pytest.raises(Conflict):
        pot_for_issuing(pot.id, pot.owner_user_id)


@pytest.mark.covers("POT-18")
@pytest.mark.parametrize("gifts", [(9_000,), (12_000,)])
def test_a_pack_chosen_in_time_settles_the_pot_and_the_rest_is_the_owners(
    db_session: Session, clock: Clock, gifts: tuple[int, ...]
) -> None:
    pot = birthday_pot(gifts)
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()

    issue(pot_for_issuing(pot.id, pot.owner_user_id), 8_000)
    moved = settle_leftover(pot.id, by=SYSTEM)

    pot = reload_pot(pot.id)
    assert (pot.status, pot.outcome, pot.choose_until) == (PotStatus.CLOSED, Outcome.PACK, None)
    assert moved == wallet_of(pot) == gifts[0] - 8_000
    assert settle_leftover(pot.id, by=SYSTEM) == 0
    pot = kept(pot)
    clock.travel(CHOICE_OVER)
    assert jobs.close_due()["settled"] == 0
    assert refunds_of(pot) == []


@pytest.mark.covers("POT-08", "POT-17")
def test_a_preferred_pack_is_taken_when_the_pot_closes(db_session: Session, clock: Clock) -> None:
    pack = make_pack(make_partner(), price=8_000)
    pot = birthday_pot((10_000,), preferred_pack_id=pack.id)
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, pot.choose_until, wallet_of(pot)) == (Outcome.PACK, None, 2_000)
    code = db_session.scalars(select(QrCode)).one()
    assert (code.pot_id, code.pack_id, code.price_minor) == (pot.id, pot.preferred_pack_id, 8_000)
    keys = db_session.scalars(select(Notification.event_key).where(Notification.user_id == pot.owner_user_id))
    assert f"pot:{pot.id}:closed" not in list(keys)


@pytest.mark.covers("POT-08", "POT-17")
def test_a_preferred_pack_that_is_gone_leaves_the_choice_to_the_owner(
    db_session: Session, clock: Clock
) -> None:
    pack = make_pack(make_partner(), price=8_000)
    pot = birthday_pot((10_000,), preferred_pack_id=pack.id)
    db_session.execute(update(Pack).values(is_active=False))
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, pot.choose_until, wallet_of(pot)) == (Outcome.FUNDED, CHOICE_OVER, 0)
    keys = db_session.scalars(select(Notification.event_key).where(Notification.user_id == pot.owner_user_id))
    assert f"pot:{pot.id}:closed" in list(keys)


def test_a_funded_pot_can_take_its_pack_before_the_birthday(db_session: Session) -> None:
    pot = birthday_pot((10_000,))

    assert pot_for_issuing(pot.id, pot.owner_user_id, lock=False).id == pot.id
    issue(pot, 8_000)

    assert settle_leftover(pot.id, by=SYSTEM) == 0
    assert reload_pot(pot.id).status is PotStatus.FUNDED


@pytest.mark.parametrize("gifts", [(), (9_999,)])
def test_an_open_pot_has_no_pack_yet(db_session: Session, gifts: tuple[int, ...]) -> None:
    pot = birthday_pot(gifts)

    with refused(Conflict, "A pack can be chosen once the pot has reached its target, or when it has ended."):
        pot_for_issuing(pot.id, pot.owner_user_id)
    with pytest.raises(NotFound):
        pot_for_issuing(pot.id, make_owner(name="Ali").id)
    with pytest.raises(NotFound):
        pot_for_issuing(pot.id, make_owner(name="Ali").id, lock=False)


def test_a_pot_that_paid_its_pack_and_then_fell_below_the_target_keeps_its_gifts(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((9_500, 500))
    issue(pot, 9_000)
    small = select(Donation).where(Donation.pot_id == pot.id, Donation.amount_minor == 500)
    send_back(ask_back(db_session.scalars(small).one()))
    db_session.commit()
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)

    jobs.close_due()

    pot = reload_pot(pot.id)
    assert (pot.outcome, wallet_of(pot)) == (Outcome.PACK, 500)
    assert len(refunds_of(pot)) == 1


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


def test_money_of_a_refused_refund_stays_in_the_pot_for_another_try(
    db_session: Session, clock: Clock
) -> None:
    pot = birthday_pot((3_000,))
    clock.travel(BIRTHDAY_NIGHT)
    jobs.close_due()
    clock.travel(CHOICE_OVER)
    jobs.close_due()

    refuse_back(refunds_of(pot)[0])

    assert (balance(pot_funds(pot.id)).available, wallet_of(pot)) == (3_000, 0)


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


@pytest.mark.covers("POT-18")
def test_a_scheduled_pot_takes_no_gift(db_session: Session) -> None:
    owner = make_owner(date(2026, 9, 20))
    pot = create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner))

    with pytest.raises(Conflict):
        give_to(pot)


def acting_owner(pot: Pot) -> Actor:
    return acting(db.session.get_one(User, pot.owner_user_id))
