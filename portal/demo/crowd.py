"""`--scale`: the same world with a crowd in it, for work under load; written set by set and proved afterwards.

Each step of the scale brings as many people as a full world has. Each of them has had a pot, filled by the
gift of another, that became a pack and was served in the running period of its house: the next settlements
have something to sum. Keys that follow from what they are (the ledger's) are made here, all rows in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from psycopg import Connection as Psycopg
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from portal.demo.data import FIRST_NAMES, LAST_NAMES
from portal.demo.proof import NotTrue
from portal.demo.stage import Stage
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.ids import CODE_ALPHABET, UNAMBIGUOUS, new_id
from portal.ledger.accounts import partner_payable, platform, pot_funds, provider_clearing
from portal.ledger.models import Purpose
from portal.ledger.queries import counted_balance
from portal.packs.models import Pack
from portal.partners.models import Partner
from portal.partners.periods import period_of
from portal.payments.models import WAVE_PROVIDER_ID
from portal.people.places import TOWNS
from portal.redemptions.codes import CODE_LENGTH

_STATEMENTS = Path(__file__).with_suffix(".sql")
_REFERRAL_CODE_LENGTH = 9


def refuse_without_rights(connection: Connection) -> None:
    """Raise `NotTrue` where no crowd can be written, before half a year is lived through for nothing."""
    _trust_what_is_written(connection)
    connection.execute(text("SET LOCAL session_replication_role = origin"))


def bring_crowd(connection: Connection, stage: Stage, people: int, report: Callable[[str], None]) -> None:
    """Add `people` with everything they did, in the transaction of `connection`."""
    report(f"a crowd of {people}")
    before = _received()
    _trust_what_is_written(connection)
    connection.execute(text("SET LOCAL work_mem = '128MB'"))
    _lay_out(connection, stage, people)
    known = {
        "now": stage.days.now,
        "provider": WAVE_PROVIDER_ID,
        "clearing": provider_clearing(WAVE_PROVIDER_ID).id,
        "vouchers": platform(Purpose.VOUCHERS).id,
        "commission": platform(Purpose.COMMISSION).id,
    }
    for statement in _statements():
        asked = text(statement)
        connection.execute(asked, {name: known[name] for name in known if f":{name}" in statement})
    connection.execute(text("SET LOCAL session_replication_role = origin"))
    connection.execute(text("ANALYZE"))
    stage.wave.top_up(_received() - before)


def _received() -> int:
    """What the books say the wallet holds."""
    with transaction():
        return -counted_balance(provider_clearing(WAVE_PROVIDER_ID)).posted


def _statements() -> list[str]:
    parts = _STATEMENTS.read_text(encoding="utf-8").split("\n\n")
    lines = (
        "\n".join(line for line in part.splitlines() if not line.startswith("--")).strip() for part in parts
    )
    return [statement for statement in lines if statement]


def _trust_what_is_written(connection: Connection) -> None:
    """Look up no foreign key of a million rows that were just written; `proof` counts everything afterwards.

    Raises `NotTrue` for a role of the database that may not do that.
    """
    try:
        with connection.begin_nested():
            connection.execute(text("SET LOCAL session_replication_role = replica"))
    except DBAPIError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise NotTrue(
            "a crowd needs a superuser of the database; DATABASE_OWNER_URL says how to reach it as one"
        ) from None


def _lay_out(connection: Connection, stage: Stage, people: int) -> None:
    """The temporary tables that the statements read."""
    chance = stage.chance("crowd")
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    towns = [(region, town) for region, listed in TOWNS.items() for town in listed]
    _fill(connection, "crowd_names", "first_name text, last_name text", names)
    _fill(connection, "crowd_towns", "region text, city text", towns)
    _fill(
        connection,
        "crowd_offers",
        "pack_id uuid, partner_id uuid, payable_id uuid, price int, split numeric, period_start date,"
        " period_end date, scanner_id uuid, validity int, venues uuid[]",
        _offers(stage),
    )
    codes = _distinct(chance, UNAMBIGUOUS, CODE_LENGTH, people)
    referral_codes = _distinct(chance, CODE_ALPHABET, _REFERRAL_CODE_LENGTH, people)
    _fill(
        connection,
        "crowd",
        "user_id uuid, pot_id uuid, account_id uuid, code text, referral_code text",
        [
            (new_id(), pot_id, pot_funds(pot_id).id, code, referral_code)
            for pot_id, code, referral_code in zip(
                (new_id() for _ in codes), codes, referral_codes, strict=True
            )
        ],
    )


def _fill(connection: Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """A temporary table of `rows`, numbered from 0."""
    connection.execute(text(f"CREATE TEMPORARY TABLE {table} (number int, {columns}) ON COMMIT DROP"))
    driver = connection.connection.driver_connection
    assert isinstance(driver, Psycopg)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, *row))
    connection.execute(text(f"ANALYZE {table}"))


def _offers(stage: Stage) -> list[tuple[Any, ...]]:
    """Packs without a limit, with what a scan at their house would know."""
    found = db.session.execute(
        select(Pack, Partner)
        .join(Partner, Partner.id == Pack.partner_id)
        .where(Pack.total_available_quantity.is_(None), func.cardinality(Pack.venue_ids) == 0)
        .order_by(Pack.id)
    )
    kept = {one.partner_id: one for one in stage.houses.values()}
    return [
        (
            pack.id,
            partner.id,
            partner_payable(partner.id).id,
            pack.price_minor,
            partner.revenue_split_percentage,
            *period_of(partner.payment_terms, clock.local_date(stage.days.now)),
            kept[partner.id].owner.user_id,
            pack.validity_days,
            kept[partner.id].venues,
        )
        for pack, partner in found
    ]


def _distinct(chance: Random, alphabet: str, length: int, number: int) -> list[str]:
    """So many different words; chance repeats one in a billion billion."""
    words: dict[str, None] = {}
    while len(words) < number:
        words["".join(chance.choices(alphabet, k=length))] = None
    return list(words)
