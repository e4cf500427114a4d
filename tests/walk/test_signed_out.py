"""What is left on a screen once a session has ended: nothing of its person (ASVS 14.3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.supervisor.stack import Stack
from tests.walk.addresses import Visitor
from tests.walk.seats import Seat

_DOOR = re.compile(r"/sign-in")
_A_LOOK = 61_000

TakeSeat = Callable[[Visitor, int], Seat]


@pytest.fixture
def visitor(live_stack: Stack) -> Visitor:
    """Somebody with a session of their own, which no other test goes on with."""
    return Visitor(live_stack.url, "client")


@pytest.fixture
def tab(seat: TakeSeat, visitor: Visitor) -> Page:
    """Their page, whose clock the test moves."""
    page = seat(visitor, 1280).page
    page.clock.install()
    return page


def test_signing_out_empties_every_tab_and_the_way_back(tab: Page) -> None:
    other = tab.context.new_page()
    other.goto("/security#sessions")
    tab.goto("/profile")
    tab.locator("summary.account__me").click()

    tab.locator("form[action='/sign-out'] button").click()

    expect(other).to_have_url(_DOOR)
    expect(tab).to_have_url(re.compile(r"/$"))
    tab.go_back()
    expect(tab).to_have_url(_DOOR)


def test_a_page_that_lies_open_is_emptied_when_its_session_ends_elsewhere(
    tab: Page, visitor: Visitor
) -> None:
    tab.goto("/profile")
    _end_elsewhere(tab)

    tab.clock.fast_forward(_A_LOOK)

    expect(tab).to_have_url(_DOOR)


def test_what_somebody_is_writing_stays(tab: Page) -> None:
    tab.goto("/profile/edit")
    name = tab.locator("main input[name=full_name]")
    name.fill("Awa Ndiaye Fall")
    _end_elsewhere(tab)

    # After the second look whatever came of the first one has happened.
    for _look in range(2):
        with tab.expect_response("**/messages/unread") as looked:
            tab.clock.fast_forward(_A_LOOK)
        assert looked.value.header_value("HX-Trigger") == "signed-out"

    expect(name).to_have_value("Awa Ndiaye Fall")


def _end_elsewhere(page: Page) -> None:
    token = page.locator("input[name=csrf_token]").first.input_value()
    ended = page.context.request.post("/sign-out", form={"csrf_token": token}, max_redirects=0)
    assert ended.status == 303
