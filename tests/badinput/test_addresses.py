"""Every part of every address: ids of nobody and of others, and what is no id at all, as every audience."""

from __future__ import annotations

import pytest

from tests.badinput.doors import Door
from tests.badinput.hostile import IN_PATH, UNKNOWN_ID
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, OPEN, address, knock, rule_of_access
from tests.badinput.trying import NOBODY, Trial

AUDIENCES = (NOBODY, "stranger", "sponsor", "staff", "other_owner", "admin")
_WITH_PARTS = [door for door in DOORS if door.path]
_SIGN_IN = 303


@pytest.mark.covers("ID-11")
@pytest.mark.parametrize("door", _WITH_PARTS, ids=str)
def test_an_address_that_names_nothing_is_answered_in_plain_words(trial: Trial, door: Door) -> None:
    """Whoever may come in tries all; the other audiences take turns, and all of them try an id of nobody."""
    wrong = []
    rule = rule_of_access(trial.app, door)
    for part in door.path:
        for number, value in enumerate(IN_PATH):
            others = AUDIENCES if value == UNKNOWN_ID else (AUDIENCES[number % len(AUDIENCES)],)
            for who in {door.by, *others}:
                path = address(trial.app, door, trial.world, **{part: value})
                tried = knock(trial, door, path=path, by=who)
                allowed = {404, door.unknown} | ({turned_away(door)} if who == NOBODY else set())
                allowed |= {403} if who == "admin" and rule == _FOR_SUPER_ADMINS else set()
                found = complaints(tried, allowed)
                wrong += [f"{part}={value[:40]} as {who}: {complaint}" for complaint in found]
                if who == NOBODY and tried.status == _SIGN_IN and door.by != NOBODY:
                    assert tried.answer.location.startswith("/sign-in")

    assert wrong == []


@pytest.mark.covers("ID-11", "ADM-25")
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_what_belongs_to_somebody_else_is_not_there_for_others(trial: Trial, door: Door) -> None:
    """The good request of the row, sent by everybody who has no right to it."""
    rule = rule_of_access(trial.app, door)
    for who in AUDIENCES:
        if _may(rule, door, who):
            continue
        tried = knock(trial, door, by=who)
        is_colleague = who == "admin" and rule.startswith(_STAFF)
        expected = {turned_away(door)} if who == NOBODY else {403} if is_colleague else {404, door.unknown}
        assert [*complaints(tried, expected)] == [], who
        assert tried.changed == set(), who
        if who == NOBODY and not door.is_for_programs:
            assert tried.answer.location.startswith("/sign-in")


# Parts of addresses that name a kind of thing, and nothing that belongs to anybody.
_NOBODYS = frozenset({"name"})
_STAFF = "staff: "
_FOR_SUPER_ADMINS = "staff: steer_staff"


def turned_away(door: Door) -> int:
    """What a guest is answered at a door that is closed."""
    return 401 if door.is_for_programs else _SIGN_IN


def _may(rule: str, door: Door, who: str) -> bool:
    """Whether this audience may do what the row does; a door without ids shows everybody their own."""
    if rule.startswith(OPEN) or who == door.by:
        return True
    if who == NOBODY:
        return False
    if rule == "signed in":
        return not door.path.keys() - _NOBODYS
    if rule.startswith(_STAFF):
        return who == "admin" and rule != _FOR_SUPER_ADMINS
    roles = rule.removeprefix("partner: ").split(", ")
    if who == "other_owner":
        return not door.path and "owner" in roles
    return who == "staff" and "staff" in roles
