"""The whole loop, as five people live it: invite, pot, Wave, code, scan, settle, pay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.walk.camera import film
from tests.walk.cast import Cast, Way
from tests.walk.outside import eventually

SPONSOR_PHONE = ("77 300 00 03", "+221773000003")
HOUSE, PACK, PRICE = "Ciné Walk", "Evening for two", 9_000
# A Monday; the settlement week ends on the seventh.
BEGINS = datetime(2027, 3, 1, 9, tzinfo=UTC)
BIRTHDAY = date(2027, 3, 6)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.covers("DEV-21", "POT-17", "DON-09", "QR-16", "STL-11")
@pytest.mark.parametrize("way", Way, ids=lambda way: way.value)
def test_the_whole_loop(cast_of: Callable[[Way], Cast], way: Way, tmp_path: Path) -> None:
    cast = cast_of(way)
    cast.outside.travel_to(BEGINS)

    a_house_opens(cast)
    pot, own_page = a_friend_is_invited(cast)
    code = the_pot_is_filled(cast, pot, own_page)
    the_code_comes_too_early(cast, code)
    if way is Way.TOUCH:
        the_gift_is_served_by_camera(cast, own_page, tmp_path / "code.mjpeg")
    else:
        the_gift_is_served(cast, code)
    the_house_is_paid(cast)
    the_sponsor_has_points(cast)

    assert "in balance" in cast.outside.command("self-check")
    assert cast.problems() == []


def a_house_opens(cast: Cast) -> None:
    """It applies, is welcomed, and furnishes its shop."""
    cast.admin.begin("admin@walk.example")
    cast.partner.sign_up_by_mail("Fatou Sarr", "fatou@walk.example")
    cast.partner.apply(HOUSE)
    cast.admin.welcome_partner(HOUSE)
    cast.partner.furnish(PACK, PRICE)


def a_friend_is_invited(cast: Cast) -> tuple[str, str]:
    """And opens a pot; its public address, and its owner's."""
    cast.sponsor.sign_up_by_phone("Moussa Fall", *SPONSOR_PHONE, date(1996, 7, 14))
    cast.sponsor.invite("Awa", "awa@walk.example")
    cast.client.accept(cast.outside.mail_to("awa@walk.example", r"(/r/[A-Z0-9]{12})"))
    cast.client.sign_up_by_mail("Awa Ndiaye", "awa@walk.example", BIRTHDAY.replace(year=2002))
    return cast.client.wish("Awa turns 25", PRICE, PACK), cast.client.page.url


def the_pot_is_filled(cast: Cast, pot: str, own_page: str) -> str:
    """A stranger gives by Wave; the owner chooses the gift and has its code."""
    cast.donor.give(pot, PRICE, "Ousmane")
    cast.client.page.goto(own_page)
    cast.client.sees("Your target is reached")
    return cast.client.choose_gift(PACK)


def the_code_comes_too_early(cast: Cast, code: str) -> None:
    """Which is refused; then the day comes."""
    cast.partner.type_code(code)
    cast.partner.sees("Too early")
    cast.outside.travel_to(datetime(2027, 3, 6, 18, tzinfo=UTC))


def the_gift_is_served(cast: Cast, code: str) -> None:
    """Once."""
    cast.partner.type_code(code)
    cast.partner.looks_at("Awa", PACK, PRICE)
    cast.partner.confirm()
    cast.partner.type_code(code)
    cast.partner.sees("used before|Redeemed on")


def the_gift_is_served_by_camera(cast: Cast, own_page: str, path: Path) -> None:
    """Once: the code on the guest's phone is read as it is; a second look is refused."""
    picture = cast.client.page.context.request.get(f"{own_page}/code.png")
    cast.give_camera(cast.partner, film(picture.body(), path))
    cast.partner.go("/partner/scan")
    cast.partner.looks_at("Awa", PACK, PRICE)
    cast.partner.confirm()
    cast.partner.press("^Next guest$")
    cast.partner.sees("used before|Redeemed on")


def the_house_is_paid(cast: Cast) -> None:
    """The week ends; the settlement is made, approved and paid by a worker, once."""
    cast.outside.travel_to(datetime(2027, 3, 8, 9, tzinfo=UTC))
    cast.admin.run_job("settlements.compute")

    def settlement_is_there() -> bool:
        cast.admin.go("/admin/settlements")
        return cast.admin.page.get_by_role("link", name=HOUSE).count() > 0

    eventually(settlement_is_there, "the settlement")
    cast.admin.press(HOUSE)
    cast.admin.press("^Approve and pay")

    def is_paid() -> bool:
        cast.partner.go("/partner/settlements")
        return "Paid" in cast.partner.page.locator("main").inner_text()

    eventually(is_paid, "the payment")
    moved = cast.outside.sandbox("/moved")
    assert [one["payouts"] for one in moved["payouts"]] == [1]


def the_sponsor_has_points(cast: Cast) -> None:
    """They have matured."""
    cast.outside.travel_to(datetime(2027, 3, 16, 9, tzinfo=UTC))
    cast.admin.run_job("referrals.mature")

    def points_are_there() -> bool:
        cast.sponsor.come_back_to("/sponsor/points", *SPONSOR_PHONE)
        return "150" in cast.sponsor.page.locator("main").inner_text()

    eventually(points_are_there, "the points")
