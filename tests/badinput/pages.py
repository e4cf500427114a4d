"""What stands in the fields of a page."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser


class _Reader(HTMLParser):
    """Gathers the value of every field that a browser would send, in order, by name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = defaultdict(list)
        self._select = ""
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self._input(given)
        elif tag == "textarea":
            self._textarea = given.get("name", "")
            self.fields[self._textarea].append("")
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given:
            self.fields[self._select].append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self.fields[self._textarea][-1] += data

    def _input(self, given: dict[str, str]) -> None:
        if given.get("type") not in ("checkbox", "radio") or "checked" in given:
            self.fields[given.get("name", "")].append(given.get("value", ""))


def fields_of(page: str) -> dict[str, list[str]]:
    """The values by field, as the page would send them."""
    reader = _Reader()
    reader.feed(page)
    # A browser leaves out the line break that a text area begins with.
    return {name: [value.removeprefix("\r\n") for value in values] for name, values in reader.fields.items()}
