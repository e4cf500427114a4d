"""Every field of every form, found by listening, tried with what its kind and its bounds forbid."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from wtforms import Field

from tests.badinput.doors import Door
from tests.badinput.fields import cases_of
from tests.badinput.hostile import SHOWN_AGAIN, Case, Verdict
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, filled, knock
from tests.badinput.trying import Trial, Tried

_FORMS = [door for door in DOORS if door.form is not None]
_REFUSED = {404, 409, 422}


@pytest.mark.covers("SEC-10")
@pytest.mark.parametrize("door", _FORMS, ids=str)
def test_a_field_refuses_what_it_cannot_hold(trial: Trial, door: Door) -> None:
    """Refused in words beside the field, and nothing changed; or kept as a text, and shown as one."""
    wrong = []
    for name, field in _fields(knock(trial, door)).items():
        for case in cases_of(field):
            tried = _try(trial, door, name, case)
            must = case.verdict is Verdict.REFUSED and name not in door.carried
            found = complaints(
                tried, {door.refuses.get(name, 422)} if must else _REFUSED | {door.answer}, grows=door.grows
            )
            wrong += [f"{name}={case.name}: {complaint}" for complaint in found]

    assert wrong == []


def _fields(good: Tried) -> dict[str, Field | None]:
    """Every name the view looked for in the body, with its field where a form has one."""
    known: dict[str, Field] = {}
    for form in good.heard.forms:
        known |= form._fields
    return {name: known.get(name) for name in sorted(good.heard.body - {"csrf_token"})}


def _try(trial: Trial, door: Door, name: str, case: Case) -> Tried:
    form: dict[str, Any] = {
        key: value for key, value in filled(door.form, trial.world).items() if key != name
    }
    if case.value is not None:
        form[name] = case.value
    return knock(trial, door, form=form, follow=_look if case.value in SHOWN_AGAIN else None)


def _look(browser: FlaskClient, answer: TestResponse) -> TestResponse | None:
    """The page a person is sent on to, where what was kept is shown."""
    location = answer.headers.get("Location", "")
    return browser.get(location) if answer.status_code == 303 and location.startswith("/") else None
