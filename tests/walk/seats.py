"""A place before a screen, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, Response

from tests.walk.axe import barriers
from tests.walk.watching import Watch


class Seat:
    """Somebody in front of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._watch = Watch(page)

    def open(self, address: str) -> Response:
        """Go to an address by day; what the portal answered."""
        self.page.emulate_media(color_scheme="light")
        answer = self.page.goto(address)
        assert answer is not None
        return answer

    def problems(self, language: str = "fr") -> Iterator[str]:
        """What is wrong with the page as it is now, by day and by night."""
        yield from barriers(self.page, language=language)
        yield from self._watch.taken()
