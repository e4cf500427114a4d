"""Who takes part in a walk, each with a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page

from portal.supervisor.stack import Stack
from tests.walk.camera import filming
from tests.walk.hands import Hands, Keyboard, Pointer
from tests.walk.outside import Outside
from tests.walk.people import Admin, Client, Donor, Partner, Person, Sponsor
from tests.walk.watching import Watch

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
# Starts a browser with these further flags.
Launch = Callable[[list[str]], Browser]
Somebody = TypeVar("Somebody", bound=Person)


class Way(Enum):
    """How the people of a walk use the pages."""

    TOUCH = "touch"
    KEYBOARD = "keyboard"
    WITHOUT_SCRIPT = "without script"


class Cast:
    """Five people before one portal: one at a desk, the others with a phone."""

    def __init__(self, launch: Launch, stack: Stack, closing: ExitStack, way: Way) -> None:
        self.outside = Outside(stack)
        self._launch, self._closing = launch, closing
        self._watches: list[Watch] = []
        self._hands: Hands = Keyboard() if way is Way.KEYBOARD else Pointer()
        self._screen: dict[str, Any] = {
            "base_url": stack.url,
            "locale": "en-GB",
            "timezone_id": "Africa/Dakar",
            "java_script_enabled": way is not Way.WITHOUT_SCRIPT,
        }
        self._browser = launch([])
        self.admin = self._seat(Admin, DESK)
        self.partner = self._seat(Partner, PHONE)
        self.sponsor = self._seat(Sponsor, PHONE)
        self.client = self._seat(Client, PHONE)
        self.donor = self._seat(Donor, PHONE)

    def give_camera(self, person: Person, film: Path) -> None:
        """From now on this person's phone has a camera, and the camera sees the film."""
        brought = person.page.context.storage_state()
        browser = self._launch(filming(film))
        self._closing.callback(browser.close)
        person.page = self._page(browser, viewport=PHONE, storage_state=brought, permissions=["camera"])

    def problems(self) -> list[str]:
        """What went wrong in the pages that anybody saw."""
        return [problem for watch in self._watches for problem in watch.problems]

    def _seat(self, kind: type[Somebody], viewport: dict[str, int]) -> Somebody:
        return kind(self._page(self._browser, viewport=viewport), self.outside, self._hands)

    def _page(self, browser: Browser, **options: Any) -> Page:
        context = browser.new_context(**self._screen, **options)
        self._closing.callback(context.close)
        page = context.new_page()
        self._watches.append(Watch(page))
        return page
