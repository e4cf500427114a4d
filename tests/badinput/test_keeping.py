"""A refused form stands there as it was sent, but for passwords and codes."""

from __future__ import annotations

from typing import Any

import pytest
from wtforms import Field, FileField, PasswordField

from tests.badinput.doors import Door
from tests.badinput.hostile import TAG
from tests.badinput.pages import fields_of
from tests.badinput.table import DOORS, filled, knock
from tests.badinput.trying import Trial

_FORMS = [door for door in DOORS if door.form]
# A code is typed anew; a preview, a permit and the number of a scan are of one use.
_ONCE = frozenset({"code", "sealed", "permit", "nonce"})


@pytest.mark.parametrize("door", _FORMS, ids=str)
def test_a_refused_form_keeps_what_was_typed(trial: Trial, door: Door) -> None:
    """One field is spoiled after the other; the others stand there as they were sent, as text."""
    good: dict[str, Any] = filled(door.form, trial.world)
    heard = knock(trial, door).heard
    fields: dict[str, Field] = {name: field for form in heard.forms for name, field in form._fields.items()}
    for spoiled in good.keys() & fields.keys():
        tried = knock(trial, door, form=good | {spoiled: f"\x00{TAG}"})
        if tried.status != 422 or tried.heard.body.isdisjoint({spoiled}):
            continue
        shown = fields_of(tried.page)
        for name in good.keys() & fields.keys() - {spoiled} - _ONCE:
            if isinstance(fields[name], PasswordField):
                assert shown[name] == [""], f"{name} after {spoiled}"
            elif name in shown and not isinstance(fields[name], FileField):
                sent = good[name] if isinstance(good[name], list) else [good[name]]
                assert shown[name] == sent, f"{name} after {spoiled}"
