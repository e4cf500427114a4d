"""Every page, for everybody who may see it, on a phone and on a desk, by day and by night: no barrier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, abort
from playwright.sync_api import Route

from portal.kernel.access import open_to_all
from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.stack import Stack
from portal.web.languages import LANGUAGES
from tests.walk.addresses import GUEST, Visitor
from tests.walk.doorways import Place
from tests.walk.places import AUDIENCES, NOT_PAGES, World
from tests.walk.seats import Seat

PHONE, DESK = 360, 1280
ERROR_PAGES = sorted(int(file.stem) for file in (PROJECT_ROOT / "templates" / "errors").glob("[0-9]*.html"))
# What a page answers when the thing it shows has come to its end, or is not for guests yet.
_ALSO = {"pots_public.show": 404, "referrals_public.landing": 410}
# Shows line by line what it has not understood, before anything is kept.
_ANSWERS_NONSENSE = {"referrals_sponsor.import_contacts": 200}
# Its forms are samples that lead nowhere.
_SAMPLES = "web.style"
# Writes nonsense into every field of a form; how many there are.
_WRITE_NONSENSE = """form => {
  const unwritten = ["hidden", "submit", "checkbox", "file"];
  const fields = [...form.elements].filter(({ name, type }) => name && !unwritten.includes(type));
  for (const field of fields) {
    if (field.tagName === "SELECT") field.append(new Option("?", "nonsense", true, true));
    else if (field.type === "radio") Object.assign(field, { value: "nonsense", checked: true });
    else if (field.tagName === "TEXTAREA") field.value = "nonsense ".repeat(3000);
    else Object.assign(field, { type: "text", value: "nonsense ".repeat(300) });
  }
  return fields.length;
}"""
# Past what the browser itself would refuse, and past HTMX: the whole page answers.
_SEND = "form => HTMLFormElement.prototype.submit.call(form)"

TakeSeat = Callable[[Visitor, int], Seat]


def test_every_page_of_the_portal_is_visited(world: World) -> None:
    visited = {place.endpoint for places in world.places.values() for place in places}

    assert world.atlas.rules.keys() - visited == NOT_PAGES.keys()


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_page_has_a_barrier(world: World, seat: TakeSeat, audience: str, width: int) -> None:
    problems = [
        f"{place.address}: {problem}"
        for place in world.places[audience]
        for problem in _visit(seat(place.visitor, width), place)
    ]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_refused_form_has_a_barrier(world: World, seat: TakeSeat, audience: str) -> None:
    once = {place.endpoint: place for place in world.places[audience]}
    problems = [
        f"{place.address}: {problem}"
        for place in once.values()
        if place.endpoint != _SAMPLES
        for problem in _refusals(seat(place.visitor, PHONE), place)
    ]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_refusal_has_a_barrier(world: World, seat: TakeSeat, width: int) -> None:
    pot, settlement = world.address("pots_client.detail"), world.address("settlements_admin.show")
    refusals = [
        (GUEST, "/nowhere", 404),
        (GUEST, "/sign-out", 405),
        (GUEST, "/p/no-such-pot", 404),
        (GUEST, "/r/NOSUCHFRIEND", 404),
        (GUEST, "/password/new/no-such-link", 410),
        ("client", "/admin", 404),
        ("client", "/partner/scan", 404),
        ("sponsor", pot, 404),
        ("partner", settlement, 404),
        ("admin", pot, 404),
    ]
    problems = []
    for audience, address, status in refusals:
        place = seat(world.visitor(audience), width)
        assert place.open(address).status == status, address
        problems += [f"{audience} at {address}: {problem}" for problem in place.problems()]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_error_page_has_a_barrier(
    session_app: Flask, live_stack: Stack, seat: TakeSeat, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Also those that only a broken portal shows: the app answers, in place of the one that runs."""
    place = seat(Visitor(live_stack.url, GUEST), width)
    place.page.route("**/healthz", lambda route: _answer(session_app, route))
    problems = []
    for status in ERROR_PAGES:
        _have_it_refuse(session_app, monkeypatch, status)
        assert place.open("/healthz").status == status
        assert place.page.locator("main .error-page h1").count() == 1
        problems += [f"{status}: {problem}" for problem in place.problems()]

    assert not problems, "\n".join(problems)


def _have_it_refuse(app: Flask, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setitem(app.view_functions, "web.healthz", open_to_all("tests")(lambda: abort(status)))


def _answer(app: Flask, route: Route) -> None:
    answer = app.test_client().get("/healthz", headers={"Accept-Language": "fr", "Accept": "text/html"})
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.get_data())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_which_language_it_speaks(world: World, seat: TakeSeat, language: str) -> None:
    place = seat(world.visitor(GUEST), PHONE)
    place.open("/sign-in")

    with place.page.expect_navigation():
        place.page.locator(f"button[name=locale][value={language}]").click()

    problems = list(place.problems(language))
    assert not problems, "\n".join(problems)


def _visit(seat: Seat, place: Place) -> Iterator[str]:
    status = seat.open(place.address).status
    if status not in (200, _ALSO.get(place.endpoint)):
        yield f"answers {status}"
    yield from seat.problems()


def _refusals(seat: Seat, place: Place) -> Iterator[str]:
    seat.open(place.address)
    forms = seat.page.locator("main form[method=post]:not(dialog form)")
    for number in range(forms.count()):
        form = forms.nth(number)
        if form.evaluate(_WRITE_NONSENSE):
            with seat.page.expect_navigation() as sent:
                form.evaluate(_SEND)
            if sent.value.status != _ANSWERS_NONSENSE.get(place.endpoint, 422):
                yield f"answers nonsense in form {number + 1} with {sent.value.status}"
            yield from seat.problems()
            seat.open(place.address)
