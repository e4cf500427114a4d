"""What a page does for somebody who has only a keyboard, or only listens: focus kept, changes told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.walk.addresses import GUEST, Visitor
from tests.walk.places import World
from tests.walk.seats import Seat

PHONE, DESK = 360, 1280
_MANY_STEPS = 12

TakeSeat = Callable[[Visitor, int], Seat]


@pytest.fixture
def page_of(world: World, seat: TakeSeat) -> Callable[..., Page]:
    """Opens an address for the one who stands for an audience."""

    def open_page(audience: str, address: str, width: int = PHONE) -> Page:
        place = seat(world.visitor(audience), width)
        place.open(address)
        return place.page

    return open_page


def test_the_first_step_leads_past_the_menus(page_of: Callable[..., Page]) -> None:
    page = page_of("admin", "/admin/users", DESK)

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.locator("main :focus")).to_have_count(1)


def test_a_question_keeps_the_focus_inside_and_gives_it_back(
    page_of: Callable[..., Page], world: World
) -> None:
    page = page_of("client", world.address("pots_client.detail"))
    opener = page.locator("[data-dialog=end-pot]")
    opener.focus()

    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(1)
    for _step in range(_MANY_STEPS):
        # Between the last and the first element the browser's own bar has its turn.
        assert page.evaluate("document.activeElement.matches('dialog[open], dialog[open] *, body')")
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_menu_closes_and_gives_the_focus_back(page_of: Callable[..., Page]) -> None:
    page = page_of("client", "/home")
    me = page.locator(".account__me")
    me.focus()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("details[open] .menu__item:focus")).to_have_count(1)
    page.keyboard.press("Escape")

    expect(page.locator("details[data-menu][open]")).to_have_count(0)
    expect(me).to_be_focused()


def test_the_answer_to_a_scan_has_the_focus_and_the_next_step_follows(page_of: Callable[..., Page]) -> None:
    page = _till(page_of)
    page.locator("#code").fill("7KQ2-M4XD-9RTA")
    page.keyboard.press("Enter")

    expect(page.locator("#answer [role=alert]")).to_be_focused()
    expect(page.locator("#answer")).to_contain_text("inconnu")
    page.keyboard.press("Tab")
    expect(page.locator("#answer a")).to_be_focused()


def test_a_refused_form_is_read_first_and_only_once(page_of: Callable[..., Page]) -> None:
    page = _till(page_of)
    page.locator("#code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()

    page.locator("#code").focus()
    # Another part of the page is replaced, as the number of unread messages is every minute.
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }))")

    expect(page.locator("#code")).to_be_focused()


def test_a_page_that_looks_again_keeps_the_focus_and_tells_what_has_changed(
    page_of: Callable[..., Page], world: World
) -> None:
    address = world.waiting_gift()
    page = page_of(GUEST, address)
    told = page.locator("[role=status]", has_text="Wave").element_handle()
    on_to_wave = page.locator(f"main a[href='{address}/pay']")
    on_to_wave.focus()
    for _look in range(2):
        with page.expect_response(lambda answer: answer.url.endswith(address)):
            pass

    expect(on_to_wave).to_be_focused()

    _pay(page, address)
    expect(page.locator("[role=status]", has_text="Merci")).to_be_visible(timeout=20_000)
    # Only what changes inside an element that was there before is read aloud.
    assert told.evaluate("region => region.isConnected && region.textContent.includes('Merci')")


def _till(page_of: Callable[..., Page]) -> Page:
    page = page_of("partner", "/partner/scan")
    if page.locator("select#venue").count():
        page.locator("select#venue").select_option(index=1)
    return page


def _pay(page: Page, address: str) -> None:
    other = page.context.new_page()
    other.goto(f"{address}/pay")
    other.locator("button[value=pay]").click()
    other.wait_for_url(f"**{address}")
    other.close()
