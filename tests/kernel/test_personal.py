"""Every table and column of the model set is declared: for what it is, how it leaves and how it is erased."""

from __future__ import annotations

import pytest
from sqlalchemy import Table
from sqlalchemy.types import BigInteger, Boolean, DateTime, Enum, Integer, Numeric, Uuid

import portal.models
import portal.personal
from portal.kernel.data_page import written
from portal.kernel.personal import MENTIONS, REGISTRY, Blank, Holding, Stay
from portal.kernel.settings import PROJECT_ROOT

TABLES = {table.name: table for table in portal.models.metadata.sorted_tables}
#: Columns of every table that name only who wrote a row; they lead to the stub that stays (R-17).
_HANDS = frozenset({"created_by", "updated_by"})
#: What cannot hold a word: numbers, times, ids, one of a few known values.
_WORDLESS = (Boolean, BigInteger, Integer, Numeric, DateTime, Uuid, Enum)
#: What makes a row a row.
_ROW = frozenset({"id", "user_id", "created_at", "updated_at"})
#: Tables in which people say something of themselves, or choose, each with what their copy leaves out.
_OWN_WORDS: dict[str, set[str]] = {
    "identity_documents": {"id_hash", "file_id", "verified_by"},
    "notification_preferences": set(),
    "payment_methods": {"partner_id", "verified_at", "verification", "changed_by", "changed_at"},
    "profile_completion_status": set(),
    "profiles": {"avatar_file_id"},
    "user_addresses": set(),
    "user_connections": {"trust_strength"},
    "user_locations": set(),
    "user_metadata": set(),
    "user_preferences": {"calendar_token_hash"},
    "user_privacy": set(),
    "user_service_profiles": {"partner_id"},
}


def speaking(table: Table) -> set[str]:
    """The columns into which something of a person can be written."""
    return {column.name for column in table.columns if not isinstance(column.type, _WORDLESS)}


def undeclared(table: Table, holding: Holding | None) -> list[str]:
    """What is wrong with the declaration of one table."""
    if holding is None:
        return [f"{table.name}: not declared in any personal.py"]
    people = {
        column.name
        for column in table.columns
        if any(key.target_fullname == "users.id" for key in column.foreign_keys)
    }
    if holding.nothing_because:
        return [f"{table.name}.{name}: names a person in a table of nobody" for name in people - _HANDS]
    said = set(holding.purposes) | holding.plain
    known = {column.name for column in table.columns}
    wrong = [f"{table.name}.{name}: neither a purpose nor plain" for name in sorted(speaking(table) - said)]
    wrong += [f"{table.name}.{name}: declared, but not there" for name in sorted(said - known)]
    if people - _HANDS and not holding.shares:
        wrong.append(f"{table.name}: names people, but is nobody's share")
    for share in holding.shares:
        changed = set(share.erasure.values) if isinstance(share.erasure, Blank) else set()
        for name in ({*share.tells, *share.traces} | changed) - known:
            wrong.append(f"{table.name}.{name}: in share {share.title}, but not there")
    return wrong


@pytest.mark.covers("PRV-05")
@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_says_what_it_holds_of_people(name: str) -> None:
    assert undeclared(TABLES[name], REGISTRY.get(name)) == []


@pytest.mark.covers("PRV-01")
@pytest.mark.parametrize("name", sorted(_OWN_WORDS))
def test_whatever_somebody_has_said_and_chosen_is_in_their_copy(name: str) -> None:
    told = {column for share in REGISTRY[name].shares for column in share.tells}

    assert {column.name for column in TABLES[name].columns} - told - _HANDS - _ROW == _OWN_WORDS[name]


def test_nothing_is_declared_that_is_no_table() -> None:
    assert set(REGISTRY) <= set(TABLES)


def test_an_undeclared_column_is_found() -> None:
    users = TABLES["users"]
    whole = REGISTRY["users"]
    purposes = {name: why for name, why in whole.purposes.items() if name != "email"}
    poorer = Holding(users, purposes, whole.plain, whole.shares)
    assert undeclared(users, poorer) == ["users.email: neither a purpose nor plain"]
    assert undeclared(users, None) == ["users: not declared in any personal.py"]
    nobody = Holding(TABLES["user_addresses"], nothing_because="said in error")
    assert undeclared(TABLES["user_addresses"], nobody) == [
        "user_addresses.user_id: names a person in a table of nobody"
    ]


def test_titles_are_unique_and_reasons_are_given() -> None:
    shares = [share for holding in REGISTRY.values() for share in holding.shares]
    titles = [share.title for share in shares]
    assert len(titles) == len(set(titles))
    assert all(share.erasure.because for share in shares if isinstance(share.erasure, Stay))
    assert all(why for holding in REGISTRY.values() for why in holding.purposes.values())


def test_texts_that_may_name_anybody_are_columns_of_their_table() -> None:
    for found in MENTIONS.values():
        assert set(found.columns) <= {column.name for column in found.table.columns}


@pytest.mark.covers("PRV-05")
def test_the_page_of_purposes_says_what_the_code_says() -> None:
    page = (PROJECT_ROOT / "docs" / "personal-data.md").read_text()
    assert page == written(), "bring docs/personal-data.md up to date: flask --app wsgi portal data-page"
