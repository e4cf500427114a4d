"""Making a pot: birthdays, opening days, bounds, one live pot for a birthday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.models import DataType, SystemConfig
from portal.config.values import POT_LEFTOVER, POT_TARGET_MAX, POT_TARGET_MIN, forget_cached_values
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.files import files_folder
from portal.kernel.models import StatusHistory
from portal.people.models import Profile, Relationship
from portal.pots.birthdays import next_birthday
from portal.pots.closing import close_pot
from portal.pots.making import Wishes, create_pot, edit_pot
from portal.pots.models import Pot, PotStatus, Visibility
from tests.harness.house import acting, make_pack, make_partner, make_person
from tests.harness.moments import Clock
from tests.pots.gifts import make_open_pot, make_owner, refused

WISHES = Wishes(title="Les 30 ans d'Awa", target_minor=25_000)


@pytest.mark.covers("POT-01", "POT-03")
@pytest.mark.parametrize(
    ("born", "today", "birthday"),
    [
        (date(1996, 11, 21), date(2026, 3, 1), date(2026, 11, 21)),
        (date(1996, 11, 21), date(2026, 11, 20), date(2026, 11, 21)),
        (date(1996, 11, 21), date(2026, 11, 21), date(2027, 11, 21)),
        (date(1996, 11, 21), date(2026, 11, 22), date(2027, 11, 21)),
        (date(1996, 2, 29), date(2026, 3, 1), date(2027, 2, 28)),
        (date(1996, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
        (date(1996, 2, 29), date(2028, 2, 28), date(2028, 2, 29)),
        (date(1996, 2, 29), date(2027, 2, 28), date(2028, 2, 29)),
        (date(1996, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_next_birthday_is_always_still_to_come(born: date, today: date, birthday: date) -> None:
    assert next_birthday(born, today) == birthday


@pytest.mark.covers("POT-01", "POT-03", "POT-05", "POT-06", "POT-16")
def test_a_pot_made_early_waits_for_thirty_days_before_the_birthday(
    db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 10)
    owner = make_owner(date(2026, 11, 21))

    pot = create_pot(owner.id, WISHES, by=acting(owner))

    assert pot.status is PotStatus.SCHEDULED
    assert pot.birthday_date == date(2026, 11, 21)
    assert pot.scheduled_open_at == datetime(2026, 10, 22, tzinfo=UTC)
    assert pot.actual_opened_at is None
    assert len(pot.public_slug) >= 12
    history = db_session.scalars(select(StatusHistory.to_status).where(StatusHistory.entity_id == pot.id))
    assert list(history) == [PotStatus.SCHEDULED]


@pytest.mark.covers("POT-03", "POT-04", "POT-05")
@pytest.mark.parametrize("days_before", [1, 2, 29, 30])
def test_a_pot_made_near_the_birthday_opens_at_once(
    db_session: Session, clock: Clock, days_before: int
) -> None:
    now = clock.travel(2026, 3, 1, 9)
    owner = make_owner(now.date() + timedelta(days=days_before))

    pot = create_pot(owner.id, WISHES, by=acting(owner))

    assert pot.status is PotStatus.OPEN
    assert pot.actual_opened_at == now
    assert pot.scheduled_open_at <= now


@pytest.mark.covers("POT-03", "POT-01")
def test_somebody_born_on_29_february_celebrates_on_the_28th_in_other_years(
    db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 12, 1)
    owner = make_person()
    db_session.get_one(Profile, owner.id).date_of_birth = date(2000, 2, 29)
    db_session.flush()

    pot = create_pot(owner.id, WISHES, by=acting(owner))

    assert pot.birthday_date == date(2027, 2, 28)
    assert pot.scheduled_open_at == datetime(2027, 1, 29, tzinfo=UTC)


@pytest.mark.covers("POT-04")
def test_the_database_refuses_an_opening_on_the_birthday(db_session: Session) -> None:
    pot = make_open_pot()

    with pytest.raises(IntegrityError, match="check_open_before_birthday"):
        db_session.execute(
            text("UPDATE pots SET scheduled_open_at = birthday_date WHERE id = :id"), {"id": pot.id}
        )


@pytest.mark.covers("POT-02")
@pytest.mark.parametrize("target", [0, -5])
def test_the_database_refuses_a_target_that_is_not_positive(db_session: Session, target: int) -> None:
    pot = make_open_pot()

    with pytest.raises(IntegrityError, match="target_positive"):
        db_session.execute(
            text("UPDATE pots SET target_amount_minor = :target WHERE id = :id"),
            {"id": pot.id, "target": target},
        )


@pytest.mark.covers("POT-06", "POT-07")
@pytest.mark.parametrize(("column", "value"), [("status", "paused"), ("visibility", "hidden")])
def test_the_database_knows_the_states_and_visibilities(db_session: Session, column: str, value: str) -> None:
    pot = make_open_pot()

    with pytest.raises(IntegrityError):
        db_session.execute(
            text(f"UPDATE pots SET {column} = :value WHERE id = :id"), {"id": pot.id, "value": value}
        )


@pytest.mark.covers("POT-06", "POT-07", "POT-09", "POT-10", "POT-11", "POT-12")
def test_a_new_pot_has_the_defaults_of_the_source(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    owner = make_owner(date(2026, 11, 21))
    db_session.execute(
        text(
            "INSERT INTO pots (id, owner_user_id, public_slug, title, target_amount_minor, birthday_date,"
            " scheduled_open_at, created_at, updated_at) VALUES (:id, :owner, 'bare-bare-bare', 'x', 5,"
            " '2026-11-21', '2026-10-22', now(), now())"
        ),
        {"id": (pot_id := uuid4()), "owner": owner.id},
    )

    pot = db_session.get_one(Pot, pot_id)

    assert (pot.status, pot.visibility) == (PotStatus.SCHEDULED, Visibility.PRIVATE)
    assert (pot.allow_anonymous_donations, pot.show_donor_names, pot.enable_messages) == (True, True, True)
    assert (pot.share_count, pot.view_count, pot.raised_minor, pot.donor_count) == (0, 0, 0, 0)


@pytest.mark.covers("POT-02", "POT-20")
@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes("", 25_000), "title"),
        (Wishes("   ", 25_000), "title"),
        (Wishes("x" * 256, 25_000), "title"),
        (Wishes("Fête", POT_TARGET_MIN.default - 1), "target"),
        (Wishes("Fête", POT_TARGET_MAX.default + 1), "target"),
        (Wishes("Fête", 0), "target"),
        (Wishes("Fête", -5_000), "target"),
        (Wishes("Fête", 25_000, story="x" * 2001), "description"),
        (Wishes("Fête", 25_000, preferred_pack_id=uuid4()), "pack"),
    ],
)
def test_unusable_wishes_are_refused_at_their_field(db_session: Session, wishes: Wishes, field: str) -> None:
    owner = make_owner()

    with pytest.raises(InvalidInput) as refused:
        create_pot(owner.id, wishes, by=acting(owner))

    assert refused.value.field == field
    assert db_session.scalars(select(Pot)).all() == []


@pytest.mark.covers("POT-02")
def test_operators_move_the_bounds_of_the_target(db_session: Session) -> None:
    owner = make_owner()
    db_session.add(
        SystemConfig(config_key=POT_TARGET_MAX.key, config_value=20_000, data_type=DataType.NUMBER)
    )
    db_session.flush()
    forget_cached_values()

    with pytest.raises(InvalidInput, match="20\u202f000"):
        create_pot(owner.id, WISHES, by=acting(owner))


def test_the_rest_of_a_pot_can_only_go_where_it_really_goes() -> None:
    assert [POT_LEFTOVER.read(choice) for choice in ("wallet", "donors")] == ["wallet", "donors"]
    assert POT_LEFTOVER.default == "wallet"
    with pytest.raises(InvalidInput):
        POT_LEFTOVER.read("bank")


@pytest.mark.covers("POT-01")
def test_without_a_birth_date_there_is_no_pot(db_session: Session) -> None:
    person = make_person()

    with refused(InvalidInput, "Please tell us your day of birth on your profile first."):
        create_pot(person.id, WISHES, by=acting(person))


def test_a_minor_needs_a_guardian_who_has_confirmed(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    guardian, minor = make_owner(name="Fatou Sarr"), make_person("Ibou Sarr")
    profile = db_session.get_one(Profile, minor.id)
    profile.guardian_user_id, profile.relationship_type = guardian.id, Relationship.PARENT
    profile.date_of_birth, profile.guardian_refused_at = date(2012, 3, 20), clock.now()
    db_session.flush()

    with refused(
        Conflict,
        "You are under 18: your guardian has to confirm first, from their own account. See your profile.",
    ):
        create_pot(minor.id, WISHES, by=acting(minor))

    profile.guardian_confirmed_at, profile.guardian_refused_at = clock.now(), None
    db_session.flush()
    assert create_pot(minor.id, WISHES, by=acting(minor)).status is PotStatus.OPEN


def stored() -> set[Path]:
    """Every file that is kept."""
    return {path for path in files_folder().rglob("*") if path.is_file()}


@pytest.mark.covers("POT-20")
def test_there_is_one_live_pot_for_a_birthday(db_session: Session) -> None:
    owner = make_owner()
    first = make_open_pot(owner)
    kept = stored()

    with refused(Conflict, "You already have a pot for this birthday."):
        create_pot(owner.id, WISHES, by=acting(owner))

    assert stored() == kept, "what is refused leaves no cover behind"
    close_pot(first.id, owner_user_id=owner.id, by=acting(owner))
    assert create_pot(owner.id, WISHES, by=acting(owner)).id != first.id


@pytest.mark.covers("POT-08")
def test_a_pack_on_offer_can_be_wished_for(db_session: Session) -> None:
    owner, pack = make_owner(), make_pack(make_partner())

    pot = make_open_pot(owner, preferred_pack_id=pack.id)

    assert (pot.preferred_pack_id, pot.preferred_price_minor) == (pack.id, 15_000)


@pytest.mark.covers("POT-08")
def test_the_price_that_counts_is_the_one_at_which_a_pack_was_wished_for(db_session: Session) -> None:
    owner, house = make_owner(), make_partner()
    pack, other = make_pack(house, 15_000), make_pack(house, 9_000, discounted_price_minor=8_000)
    pot = make_open_pot(owner, preferred_pack_id=pack.id)
    pack.base_price_minor = 20_000
    db_session.flush()

    def wish_for(pack_id: UUID | None) -> int | None:
        wishes = replace(WISHES, preferred_pack_id=pack_id)
        return edit_pot(pot.id, owner.id, wishes, by=acting(owner)).preferred_price_minor

    assert [wish_for(one) for one in (pack.id, other.id, None, pack.id)] == [15_000, 8_000, None, 20_000]


@pytest.mark.covers("POT-08")
@pytest.mark.parametrize("off", ["switched off", "over before the birthday", "sold out"])
def test_a_pack_that_will_not_be_on_offer_is_refused(db_session: Session, clock: Clock, off: str) -> None:
    owner = make_owner()
    facts = {
        "switched off": {"is_active": False},
        "over before the birthday": {"available_until": clock.now() + timedelta(days=5)},
        "sold out": {"total_available_quantity": 2, "quantity_taken": 2},
    }[off]
    pack = make_pack(make_partner(), **facts)

    with pytest.raises(InvalidInput) as refused:
        make_open_pot(owner, preferred_pack_id=pack.id)

    assert refused.value.field == "pack"


@pytest.mark.covers("POT-15", "DON-15")
@pytest.mark.parametrize(
    ("table", "begins"),
    [
        ("pots", "(owner_user_id)"),
        ("pots", "(status"),
        ("pots", "(scheduled_open_at)"),
        ("pots", "(birthday_date)"),
        ("donations", "(pot_id)"),
        ("donations", "(donor_user_id) WHERE (donor_user_id IS NOT NULL)"),
        ("donations", "(status)"),
        ("donations", "(wave_transaction_id) WHERE (wave_transaction_id IS NOT NULL)"),
    ],
)
def test_what_is_looked_for_has_an_index(db_session: Session, table: str, begins: str) -> None:
    indexes = db_session.scalars(
        text("SELECT indexdef FROM pg_indexes WHERE tablename = :table"), {"table": table}
    )

    assert [index for index in indexes if f"USING btree {begins}" in index]
