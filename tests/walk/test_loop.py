"""The whole loop, as five people live it: invite, pot, Wave, code, scan, settle, pay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.supervisor.stack import Stack
from tests.walk.outside import Outside, eventually
from tests.walk.people import Admin, Client, Donor, Partner, Sponsor

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
PRICE = 9_000
# A Monday; the settlement week ends on the seventh.
BEGINS = datetime(2027, 3, 1, 9, tzinfo=UTC)
BIRTHDAY = date(2027, 3, 6)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class Cast:
    """Five people with a browser each, before one portal."""

    def __init__(self, browser: Browser, stack: Stack, closing: ExitStack, *, script: bool) -> None:
        self.outside = Outside(stack, BEGINS)
        self._browser, self._stack, self._closing, self._script = browser, stack, closing, script
        self.admin = self._seat(Admin, DESKTOP)
        self.partner = self._seat(Partner, PHONE)
        self.sponsor = self._seat(Sponsor, PHONE)
        self.client = self._seat(Client, PHONE)
        self.donor = self._seat(Donor, PHONE)

    def _seat(self, kind: Any, viewport: dict[str, int]) -> Any:
        context = self._browser.new_context(
            base_url=self._stack.url,
            viewport=viewport,
            locale="en-GB",
            timezone_id="Africa/Dakar",
            java_script_enabled=self._script,
        )
        self._closing.callback(context.close)
        return kind(context.new_page(), self.outside)


@pytest.fixture
def cast_of(browser: Browser, start_stack: Callable[..., Stack]) -> Iterator[Callable[[bool], Cast]]:
    with ExitStack() as closing:
        yield lambda script: Cast(browser, start_stack(), closing, script=script)


@pytest.mark.covers("DEV-21", "POT-17", "DON-09", "QR-16", "STL-11")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_whole_loop(cast_of: Callable[[bool], Cast], script: bool) -> None:
    cast = cast_of(script)

    # A house applies, is welcomed, and furnishes its shop.
    cast.admin.begin("admin@walk.example")
    cast.partner.sign_up_by_mail("Fatou Sarr", "fatou@walk.example")
    cast.partner.apply("Ciné Walk")
    cast.admin.welcome_partner("Ciné Walk")
    cast.partner.furnish("Evening for two", PRICE)

    # A sponsor brings a friend, who opens a pot.
    cast.sponsor.sign_up_by_phone("Moussa Fall", "77 300 00 03", "+221773000003", date(1996, 7, 14))
    cast.sponsor.invite("Awa", "awa@walk.example")
    cast.client.accept(cast.outside.mail_to("awa@walk.example", r"(/r/[A-Z0-9]{12})"))
    cast.client.sign_up_by_mail("Awa Ndiaye", "awa@walk.example", BIRTHDAY.replace(year=2002))
    pot = cast.client.wish("Awa turns 25", PRICE, "Evening for two")
    own_page = cast.client.page.url

    # A stranger gives by Wave; the pot is funded; the owner chooses and has the code.
    cast.donor.give(pot, PRICE, "Ousmane")
    cast.client.page.goto(own_page)
    cast.client.sees("Your target is reached")
    code = cast.client.choose_gift("Evening for two")

    # Too early is refused; on the day the gift is served once.
    cast.partner.type_code(code)
    cast.partner.sees("Too early")
    cast.outside.travel_to(datetime(2027, 3, 6, 18, tzinfo=UTC))
    cast.partner.type_code(code)
    cast.partner.sees("Awa")
    cast.partner.confirm()
    cast.partner.type_code(code)
    cast.partner.sees("used before|Redeemed on")

    # The week ends; the settlement is made, approved and paid by a worker, once.
    cast.outside.travel_to(datetime(2027, 3, 8, 9, tzinfo=UTC))
    cast.admin.run_job("settlements.compute")

    def settlement_is_there() -> bool:
        cast.admin.go("/admin/settlements")
        return cast.admin.page.get_by_role("link", name="Ciné Walk").count() > 0

    eventually(settlement_is_there, "the settlement")
    cast.admin.press("Ciné Walk")
    cast.admin.press("^Approve and pay")

    def is_paid() -> bool:
        cast.partner.go("/partner/settlements")
        return "Paid" in cast.partner.page.locator("main").inner_text()

    eventually(is_paid, "the payment")
    moved = cast.outside.sandbox("/moved")
    assert [one["payouts"] for one in moved["payouts"]] == [1]

    # The sponsor's points have matured, and the books are in balance.
    cast.outside.travel_to(datetime(2027, 3, 16, 9, tzinfo=UTC))
    cast.admin.run_job("referrals.mature")

    def points_are_there() -> bool:
        cast.sponsor.go("/sponsor/points")
        return "150" in cast.sponsor.page.locator("main").inner_text()

    eventually(points_are_there, "the points")
    assert "in balance" in cast.outside.command("self-check")
