"""The five people of the walk, each doing through pages what they would do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Locator, Page, expect

from tests.walk.hands import Hands
from tests.walk.outside import Outside, eventually

PASSWORD = "a-long-walk-by-the-river"
_POT = r"/pots/[0-9a-f-]{36}"


@dataclass
class Person:
    """Somebody in front of a browser."""

    page: Page
    outside: Outside
    hands: Hands

    def go(self, path: str) -> None:
        """Open a page; it must be one."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def fill(self, **values: str) -> None:
        """Fill fields of the page by their names."""
        for name, value in values.items():
            self.hands.write(self._field(name), value)

    def choose(self, **labels: str) -> None:
        """Choose entries of the page's lists by the lists' names."""
        for name, label in labels.items():
            self.hands.choose(self._field(name), label)

    def press(self, label: str) -> None:
        """Press the button or link with that label."""
        named = re.compile(label)
        button = self.page.get_by_role("button", name=named)
        self.hands.press(button.first if button.count() else self.page.get_by_role("link", name=named).first)

    def submit(self) -> None:
        """Press the button below the page's form."""
        self.hands.press(self.page.locator("main form button[type=submit]").last)

    def sees(self, text: str) -> None:
        """The page says so."""
        expect(self.page.locator("main")).to_contain_text(re.compile(text), timeout=15_000)

    def _field(self, name: str) -> Locator:
        return self.page.locator(f"main [name={name}]").first

    def sign_up_by_mail(self, name: str, email: str, born: date | None = None) -> None:
        """Name an address, follow the link that is sent to it, and open an account with a password."""
        self.go("/sign-up") if "/sign-up" not in self.page.url else None
        self.fill(email=email)
        self.press("^Send me the link$")
        self.page.wait_for_url("**/sign-up/sent")
        self.go(self.outside.mail_to(email, r"(/sign-up/mail/\S+)"))
        self.fill(full_name=name, password=PASSWORD)
        if born is not None:
            self.fill(date_of_birth=f"{born:%d/%m/%Y}")
        self.press("^Open my account$")
        self.page.wait_for_url(lambda url: "/sign-up" not in url)

    def sign_up_by_phone(self, name: str, phone: str, e164: str, born: date) -> None:
        """Open an account with a number and the code that is sent to it."""
        self.ask_for_code(phone)
        self.fill(code=self.outside.sms_to(e164, r"\b(\d{6})\b"))
        self.press("^Continue$")
        self.page.wait_for_url("**/sign-up/phone*")
        self.fill(full_name=name, date_of_birth=f"{born:%d/%m/%Y}")
        self.press("^Open my account$")
        self.page.wait_for_url(lambda url: "/sign-up" not in url)

    def come_back_to(self, path: str, phone: str, e164: str) -> None:
        """Open a page after a long time; whose session has ended meanwhile signs in again."""
        self.go(path)
        if "/sign-in" in self.page.url:
            self.ask_for_code(phone)
            self.fill(code=self.outside.sms_to(e164, r"\b(\d{6})\b"))
            self.press("^Continue$")
            self.page.wait_for_url(lambda url: "/sign-in" not in url)
            self.go(path)

    def ask_for_code(self, phone: str) -> None:
        """Have a code sent to one's number."""
        self.go("/sign-in/code")
        self.fill(phone=phone)
        self.press("^Send me a code$")
        self.page.wait_for_url("**/sign-in/code/enter*")


class Admin(Person):
    """Steers the portal."""

    def begin(self, email: str) -> None:
        """Be made an admin on the command line, choose a password, sign in."""
        printed = self.outside.command("make-admin", email, "--super")
        link = re.search(r"(/password/new/\S+)", printed)
        assert link is not None
        self.go(link.group(1))
        self.fill(password=PASSWORD)
        self.press("^Save my new password$")
        self.go("/sign-in")
        self.fill(email=email, password=PASSWORD)
        self.press("^Sign in$")
        self.page.wait_for_url("**/admin*")
        self.go("/settings")
        self.hands.tick(self.page.locator("main [name=locale][value=en]"))
        self.submit()
        self.sees("saved|Settings")

    def welcome_partner(self, name: str) -> None:
        """Agree on terms with a house that has applied, and activate it."""
        self.go("/admin/partners")
        self.press(name)
        self.press("^Change terms$")
        self.fill(revenue_split_percentage="82.50", minimum_payout_minor="1000")
        self.choose(payment_terms="Every week")
        self.submit()
        self.go("/admin/partners")
        self.press(name)
        self.press("^Verify and activate$")
        self.sees("Active")

    def run_job(self, name: str) -> None:
        """Have a timed job run now; after some days away, staff first prove who they are."""
        self.go("/admin/jobs")
        if "/security/confirm" in self.page.url:
            self.fill(password=PASSWORD)
            self.press("^Yes, it is me$")
            self.page.wait_for_url("**/admin/jobs*")
        self.hands.press(self.page.locator(f"form[action='/admin/jobs/{name}/run'] button").first)
        self.page.wait_for_load_state()


class Partner(Person):
    """Owns a house that serves gifts."""

    def apply(self, name: str) -> None:
        """Ask to become a partner."""
        self.go("/partner/apply")
        self.fill(name=name, contact_name="Fatou Sarr", contact_email="fatou@walk.example")
        self.fill(contact_phone="77 300 00 01")
        self.press("^Send the application$")
        self.page.wait_for_url(lambda url: "/apply" not in url)

    def furnish(self, pack: str, price: int) -> None:
        """A place, a pack, and where to be paid."""
        self.go("/partner/venues/new")
        self.fill(name="Walk Plateau", city="Dakar")
        self.submit()
        self.page.wait_for_url("**/partner/venues")
        self.go("/partner/packs/new")
        self.fill(name=pack, description="Two seats and popcorn.", base_price_minor=str(price))
        self.submit()
        self.page.wait_for_url(lambda url: not url.endswith("/new"))
        self.go("/partner/payout-account")
        self.fill(phone="77 300 00 02", holder_name="Fatou Sarr")
        self.press("^Pay us there from now on$")
        self.sees("In force")

    def type_code(self, code: str) -> None:
        """Check a code that the camera did not read."""
        self.go("/partner/scan")
        self.fill(code=code)
        self.press("^Check the code$")

    def looks_at(self, name: str, pack: str, price: int) -> None:
        """See whose gift it is, which, of what value and until when, before it is served."""
        self.sees("Valid code")
        for fact in (name, pack, f"{price // 1000}.{price % 1000:03}.F.CFA", "From .+ until "):
            self.sees(fact)

    def confirm(self) -> None:
        """Serve the gift."""
        self.press("^Redeem the gift$")
        self.sees("Gift redeemed")


class Sponsor(Person):
    """Brings friends."""

    def invite(self, name: str, email: str) -> None:
        """Invite one friend by mail."""
        self.go("/sponsor/invite")
        self.fill(name=name, email=email, message="Come and celebrate!")
        self.press("^Send the invitation$")
        self.sees(name)


class Client(Person):
    """Celebrates a birthday."""

    def accept(self, link: str) -> None:
        """Follow an invitation to the sign-up."""
        self.go(link)
        self.press("Accept|Join|Open my account|Yes")
        self.page.wait_for_url("**/sign-*")
        if "/sign-up" not in self.page.url:
            self.press("^By e-mail$")
            self.press("Open an account")

    def wish(self, title: str, target: int, pack: str) -> str:
        """Say what the pot that came with the invitation is for, and give its public address."""
        own_page = eventually(self._own_pot, "the pot that came with the invitation")
        self.go(f"{own_page}/edit")
        self.fill(title=title, target=str(target), description="A wish.")
        self.choose(pack=pack)
        self.press("^Save")
        self.page.wait_for_url(f"**{own_page}")
        found = re.search(r"/p/[\w-]{8,}", self.page.content())
        assert found is not None
        return found.group(0)

    def _own_pot(self) -> str | None:
        self.go("/pots")
        found = re.search(_POT, self.page.locator("main").inner_html())
        return found.group(0) if found else None

    def choose_gift(self, pack: str) -> str:
        """Choose a pack of the funded pot and give the code to type."""
        pot = re.search(_POT, self.page.url)
        assert pot is not None
        self.go(f"{pot.group(0)}/pack")
        self.press(pack)
        self.press("^Choose this gift$")
        self.page.wait_for_url("**/code")
        code = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", self.page.locator("main").inner_text())
        assert code is not None
        return code.group(0)


class Donor(Person):
    """Gives without an account."""

    def give(self, pot: str, amount: int, name: str) -> None:
        """Give through Wave and come back to a page that tells the truth."""
        self.go(pot)
        self.press("^Give$")
        self.hands.tick(self.page.get_by_role("radio", name="Another amount"))
        self.fill(amount=str(amount), name=name, email="donor@walk.example")
        self.press("^Pay with Wave$")
        self.page.wait_for_url("**/c/cos-*")
        self.hands.press(self.page.locator("button[value=pay]"))
        self.page.wait_for_url("**/g/*")

        def is_paid() -> bool:
            self.page.reload()
            return "Thank you" in self.page.locator("main").inner_text()

        eventually(is_paid, "the gift as paid")
