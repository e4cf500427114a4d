"""An account over its life: opened, protected, changed, linked, seen by staff, taken away as a copy, closed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pyotp
import pytest
from PIL import Image

from tests.walk.cast import Cast, Way
from tests.walk.outside import eventually
from tests.walk.people import PASSWORD, Person

BEGINS = datetime(2027, 3, 1, 9, tzinfo=UTC)
ADULT, YOUNG = date(1996, 7, 14), date(2013, 5, 2)
AWA, LATER, IBOU = "awa@walk.example", "awa.later@walk.example", "ibou@walk.example"
KHADY = "khady@walk.example"
NEXT_PASSWORD = "another-walk-along-the-sea"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WAYS = [Way.TOUCH, Way.WITHOUT_SCRIPT]


@pytest.fixture
def cast(cast_of: Callable[[Way], Cast], request: pytest.FixtureRequest) -> Cast:
    people = cast_of(request.param)
    people.outside.travel_to(BEGINS)
    return people


@pytest.mark.covers("ID-37", "ID-47", "ID-49", "ID-51", "ID-53", "PRV-14")
@pytest.mark.parametrize("cast", WAYS, indirect=True, ids=lambda way: way.value)
def test_a_person_controls_their_own_account(cast: Cast) -> None:
    awa = cast.client
    awa.sign_up_by_mail("Awa Ndiaye", AWA, ADULT)

    codes = a_second_step_is_set_up(awa)
    # What is younger than a take-back reaches would go with the change.
    cast.outside.travel_to(BEGINS + timedelta(days=9))
    it_is_asked_for(awa, codes)
    the_address_changes_and_comes_back(cast, awa)
    a_password_is_forgotten(cast, awa, codes)
    offers_are_allowed_and_a_copy_is_fetched(awa)
    the_account_is_closed_and_opened_again(awa, codes)

    assert cast.problems() == []


@pytest.mark.covers("ID-33", "ID-35", "ADM-24")
@pytest.mark.parametrize("cast", WAYS, indirect=True, ids=lambda way: way.value)
def test_another_provider_opens_the_account_and_staff_see_it_without_changing_it(cast: Cast) -> None:
    awa = cast.client
    awa.sign_up_by_mail("Awa Ndiaye", AWA, ADULT)

    google_is_linked_and_opens(awa)
    staff_see_the_portal_as_she_does(cast)

    assert cast.problems() == []


@pytest.mark.covers("PPL-11", "PPL-15", "PPL-18", "PPL-19", "REF-25", "REF-26")
@pytest.mark.parametrize("cast", WAYS, indirect=True, ids=lambda way: way.value)
def test_a_young_person_counts_once_guarded_and_verified(cast: Cast) -> None:
    awa, ibou = cast.sponsor, cast.client
    awa.sign_up_by_mail("Awa Ndiaye", AWA, ADULT)
    awa.invite("Ibou", IBOU)
    ibou.accept(cast.outside.mail_to(IBOU, r"(/r/[A-Z0-9]{12})"))
    ibou.sign_up_by_mail("Ibou Ndiaye", IBOU, YOUNG)

    a_guardian_is_named_and_agrees(awa, ibou)
    for person, number in ((awa, "A1234567"), (ibou, "B7654321")):
        a_paper_is_handed_in(person, number)
    awa.go("/sponsor/invitations")
    awa.sees("Signed up, not finished")
    the_papers_are_verified(cast)
    awa.go("/sponsor/invitations")
    awa.sees("Accepted")

    assert cast.problems() == []


@pytest.mark.covers("PPL-13", "PPL-15")
@pytest.mark.parametrize("cast", WAYS, indirect=True, ids=lambda way: way.value)
def test_a_guardian_without_an_account_is_written_to_opens_one_and_says_yes(cast: Cast) -> None:
    ibou, khady = cast.client, cast.sponsor
    ibou.sign_up_by_mail("Ibou Ndiaye", IBOU, YOUNG)
    a_guardian_is_named(ibou, KHADY)
    ibou.go("/profile")
    ibou.sees(KHADY)

    khady.go(cast.outside.mail_to(KHADY, r"(/q/[A-Z0-9]{12})"))
    khady.sees("Ibou asks you to be their guardian")
    khady.press("^Say yes from my account$")
    khady.sign_up_by_mail("Khady Ndiaye", KHADY, ADULT)
    khady.sees("Ibou Ndiaye")
    khady.press("^Yes, I am the guardian$")
    khady.sees("Confirmed")

    ibou.go("/profile")
    ibou.sees("Khady Ndiaye answers for you.")
    assert cast.problems() == []


def a_second_step_is_set_up(person: Person) -> list[str]:
    """With an app; its recovery codes."""
    person.go("/security")
    person.press("^Set up the app$")
    person.sees("type this secret")
    secret = person.page.locator("main code").first.inner_text().replace(" ", "")
    person.fill(code=pyotp.TOTP(secret).at(person.outside.now()))
    person.press("^Switch on$")
    person.sees("Print these codes")
    codes = re.findall(
        r"\b[0-9a-z]{4,6}(?:-[0-9a-z]{4,6})+\b", person.page.locator("main").inner_text().lower()
    )
    assert len(codes) >= 8
    person.press("^I have kept them$")
    person.sees("Switched on")
    return codes


def it_is_asked_for(person: Person, codes: list[str]) -> None:
    """A password alone does not open; a recovery code does, once."""
    sign_out(person)
    used = codes.pop()
    sign_in(person, AWA, PASSWORD)
    person.sees("Second step")
    person.go("/profile")
    assert "/sign-in" in person.page.url
    person.go("/sign-in/second-step")
    give_code(person, used)
    sign_out(person)
    sign_in(person, AWA, PASSWORD)
    person.fill(code=used)
    person.press("^Sign in$")
    person.sees("Each code works once")
    give_code(person, codes.pop())


def the_address_changes_and_comes_back(cast: Cast, person: Person) -> None:
    """The new one is proved, the old one takes the change back, and everybody is signed out."""
    person.go("/security/email")
    person.fill(email=LATER)
    person.press("^Send me the link$")
    person.go(cast.outside.mail_to(LATER, r"https?://[^/\s]+(/\S+)"))
    person.press("^Yes, this is my address$")
    person.go("/security")
    person.sees(LATER)
    person.go(cast.outside.mail_to(AWA, r"(/take-back/\S+)"))
    person.press("^Take it back$")
    person.page.wait_for_url(lambda url: "/take-back" not in url)
    person.go("/profile")
    assert "/sign-in" in person.page.url


def a_password_is_forgotten(cast: Cast, person: Person, codes: list[str]) -> None:
    """A link by mail lets one choose another, once."""
    person.go("/password/forgotten")
    person.fill(email=AWA)
    person.press("^Send me the link$")
    link = cast.outside.mail_to(AWA, r"(/password/new/\S+)")
    person.go(link)
    person.fill(password=NEXT_PASSWORD)
    person.press("^Save my new password$")
    answer = person.page.goto(link)
    assert answer is not None
    assert answer.status == 410
    sign_in(person, AWA, NEXT_PASSWORD)
    give_code(person, codes.pop())


def offers_are_allowed_and_a_copy_is_fetched(person: Person) -> None:
    """What was said is listed; the copy, made by a worker, holds the person's data and is theirs alone."""
    person.go("/privacy")
    person.hands.tick(person.page.locator("main [name=email]"))
    person.press("^Save my choices$")
    person.sees("Yes: ")
    person.press("^Ask for my data$")

    def is_ready() -> bool:
        person.go("/privacy")
        return person.page.get_by_role("link", name="Fetch my data").count() > 0

    eventually(is_ready, "the copy")
    link = person.page.get_by_role("link", name="Fetch my data").get_attribute("href")
    assert link is not None
    fetched = person.page.context.request.get(link)
    with ZipFile(BytesIO(fetched.body())) as copy:
        told = json.loads(copy.read(next(name for name in copy.namelist() if name.endswith(".json"))))
        assert any(name.endswith(".html") for name in copy.namelist())
    assert AWA in json.dumps(told)


def the_account_is_closed_and_opened_again(person: Person, codes: list[str]) -> None:
    """There are thirty days to come back."""
    person.go("/privacy/leave")
    person.hands.tick(person.page.locator("main [name=sure]"))
    person.press("^Close my account$")
    person.page.wait_for_url(lambda url: "/privacy/leave" not in url)
    person.go("/profile")
    assert "/sign-in" in person.page.url
    sign_in(person, AWA, NEXT_PASSWORD)
    give_code(person, codes.pop())
    person.go("/profile")
    person.sees("Awa Ndiaye")


def google_is_linked_and_opens(person: Person) -> None:
    """The provider is linked while signed in; then it opens by itself, and is unlinked."""
    person.go("/security")
    person.press("^Link Google$")
    be_at_provider(person)
    person.page.wait_for_url("**/security")
    person.sees("since ")
    sign_out(person)
    person.go("/sign-in")
    person.press("^Continue with Google$")
    be_at_provider(person)
    person.page.wait_for_url(lambda url: "/sign-in" not in url and "authorize" not in url)
    person.go("/security")
    person.press("^Unlink Google$")
    person.sees("Link Google")


def staff_see_the_portal_as_she_does(cast: Cast) -> None:
    """With a reason, visibly, and without changing anything; she reads of it."""
    admin = cast.admin
    admin.begin("admin@walk.example")
    admin.go("/admin/users")
    admin.press("Awa Ndiaye")
    admin.press("^See as this person$")
    admin.fill(reason="She cannot find her settings")
    admin.submit()
    admin.page.wait_for_url(lambda url: "/admin" not in url)
    banner = admin.page.get_by_text("You see the portal as Awa")
    assert banner.is_visible()
    admin.go("/settings")
    admin.submit()
    assert "nothing" in admin.page.locator("body").inner_text().lower()
    admin.go("/profile")
    admin.press("^Stop viewing$")
    admin.page.wait_for_url(lambda url: "/admin/users/" in url)
    cast.client.go("/security/events")
    cast.client.sees("Our team looked at the portal as you see it")


def a_guardian_is_named(minor: Person, address: str) -> None:
    """By an address, whoever reads there."""
    minor.go("/profile/guardian")
    minor.fill(contact=address)
    minor.hands.tick(minor.page.locator("main [name=relationship][value=parent]"))
    minor.press("^Ask this person$")


def a_guardian_is_named_and_agrees(guardian: Person, minor: Person) -> None:
    """By their own account."""
    a_guardian_is_named(minor, AWA)
    guardian.go("/guardian")
    guardian.sees("Ibou")
    guardian.press("^Yes, I am the guardian$")
    guardian.sees("Confirmed")


def a_paper_is_handed_in(person: Person, number: str) -> None:
    """A photo of a passport."""
    person.go("/profile/papers")
    person.hands.tick(person.page.locator("main [name=kind][value=passport]"))
    person.fill(number=number)
    photo = BytesIO()
    Image.new("RGB", (640, 480), "#8a6d3b").save(photo, "JPEG")
    person.page.locator("main [name=scan]").set_input_files(
        {"name": "passport.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    person.press("^Hand it in$")
    person.sees("Waiting|Pending|looks at")


def the_papers_are_verified(cast: Cast) -> None:
    """One by one, by staff."""
    cast.admin.begin("admin@walk.example")
    for name in ("Awa Ndiaye", "Ibou Ndiaye"):
        cast.admin.go("/admin/papers")
        cast.admin.press(name)
        cast.admin.press("^The paper is good$")
        cast.admin.page.wait_for_url("**/admin/papers*")


def sign_in(person: Person, email: str, password: str) -> None:
    """With a password, as far as the next step."""
    person.go("/sign-in")
    person.fill(email=email, password=password)
    person.press("^Sign in$")
    person.page.wait_for_load_state()


def give_code(person: Person, code: str) -> None:
    """The second step."""
    person.fill(code=code)
    person.press("^Sign in$")
    person.page.wait_for_url(lambda url: "/sign-in" not in url)


def sign_out(person: Person) -> None:
    """And forget who was there."""
    person.page.context.clear_cookies()


def be_at_provider(person: Person) -> None:
    """Be Awa on the page of the provider that the sandbox plays."""
    page = person.page
    page.wait_for_selector("#email")
    page.fill("#email", AWA)
    page.fill("#name", "Awa Ndiaye")
    page.click("button[value=go]")
