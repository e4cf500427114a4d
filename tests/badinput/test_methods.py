"""Methods that a door does not know: a page that says so, with those it knows."""

from __future__ import annotations

import pytest

from tests.badinput.doors import Door
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, address
from tests.badinput.trying import Trial

_TRIED = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 200, "get")


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_an_unknown_method_gets_a_page_that_says_so(trial: Trial, door: Door) -> None:
    path = address(trial.app, door, trial.world)
    known = set(trial.app.url_map.bind("localhost").allowed_methods(path))
    for method in _TRIED:
        if method.upper() in known:
            continue
        tried = trial.ask(method, path, by=door.by)
        assert [*complaints(tried, {405})] == [], method
        assert tried.changed == set()
        allowed = {one.strip() for one in tried.answer.headers["Allow"].split(",")}
        assert allowed == known
        if tried.answer.mimetype == "text/html":
            assert "This page cannot be opened this way" in tried.page
