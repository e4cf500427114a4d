"""The whole table, and the addresses it makes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from portal.kernel.access import RULE
from tests.badinput import doors_for_admins, doors_for_everybody, doors_for_partners, doors_for_people
from tests.badinput.doors import Door
from tests.badinput.pictures import photo
from tests.badinput.trying import Trial, Tried
from tests.badinput.world import World

DOORS: tuple[Door, ...] = (
    *doors_for_everybody.FRONT,
    *doors_for_everybody.WAY_IN,
    *doors_for_everybody.HOUSES,
    *doors_for_everybody.SECOND_STEP,
    *doors_for_everybody.PASSKEYS,
    *doors_for_everybody.SECURITY,
    *doors_for_everybody.PROVING,
    *doors_for_everybody.QUESTIONS,
    *doors_for_everybody.GIVING,
    *doors_for_everybody.SIGNED,
    *doors_for_people.SELF,
    *doors_for_people.DATA,
    *doors_for_people.POTS,
    *doors_for_people.SPONSORING,
    *doors_for_partners.TILL,
    *doors_for_partners.HOUSE,
    *doors_for_partners.SHELF,
    *doors_for_partners.MONEY,
    *doors_for_partners.COMPANY,
    *doors_for_admins.PLATFORM,
    *doors_for_admins.PAPERS,
    *doors_for_admins.GUARDIANS,
    *doors_for_admins.MESSAGES,
    *doors_for_admins.HOUSES,
    *doors_for_admins.MONEY,
    *doors_for_admins.WORD_OF_MOUTH,
    *doors_for_admins.COMPANIES,
)

OPEN = "open"

# Flask answers these by itself, out of the others.
_BY_ITSELF = frozenset({"HEAD", "OPTIONS"})
_PART = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def doors_of(app: Flask) -> set[tuple[str, str]]:
    """Every rule and method of the portal."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - _BY_ITSELF
    }


def rule_of_access(app: Flask, door: Door) -> str:
    """Who may come in, as the view itself says it."""
    return str(getattr(app.view_functions[door.endpoint], RULE))


def address(app: Flask, door: Door, world: World, **spoiled: str) -> str:
    """The door's good address; keywords replace a part of it, as they stand."""
    parts = {name: quote(world.fill(value)) for name, value in door.path.items()} | spoiled
    return _PART.sub(lambda part: parts[part[1]], _rule_of(app, door).rule)


def _rule_of(app: Flask, door: Door) -> Rule:
    return next(
        rule
        for rule in app.url_map.iter_rules(door.endpoint)
        if door.method in (rule.methods or set()) and rule.arguments == set(door.path)
    )


def filled(values: Any, world: World) -> Any:
    """A good form with the world's ids in it."""
    if isinstance(values, str):
        return world.fill(values)
    if isinstance(values, list):
        return [filled(value, world) for value in values]
    return {name: filled(value, world) for name, value in values.items()}


def knock(trial: Trial, door: Door, **spoiled: Any) -> Tried:
    """The door's good request, with what the keywords put in its place."""
    world = trial.world
    good: dict[str, Any] = {
        "path": address(trial.app, door, world),
        "by": door.by,
        "form": None if door.form is None else filled(door.form, world),
        "files": {name: (photo(), called) for name, called in door.files.items()},
        "query_string": filled(door.query, world),
        "session": filled(door.session, world),
    }
    asked = good | spoiled
    return trial.ask(door.method, asked.pop("path"), **asked)
