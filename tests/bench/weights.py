"""What a phone loads at its first visit of a page: the bytes on the wire, compressed where the browser asks."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.bench.ground import WORLD, Ground
from tests.bench.pages import Browser, Visitors
from tests.bench.report import Report
from tests.bench.size import Size

MOST_KB = 60.0
_URL = re.compile(rb"url\((['\"]?)([^)'\"]+)\1\)")
_KINDS = ("HTML", "CSS", "JS", "icons", "pictures")


class _Page(HTMLParser):
    """Gathers what a browser fetches with a page, by kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wanted: dict[str, set[str]] = {kind: set() for kind in _KINDS}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "link" and told.get("rel") in ("stylesheet", "icon", "manifest"):
            self.wanted["CSS" if told["rel"] == "stylesheet" else "icons"].add(told["href"])
        elif tag == "script" and "src" in told:
            self.wanted["JS"].add(told["src"])
        elif tag == "img" and "src" in told:
            self.wanted["pictures"].add(told["src"])
        if "data-worker" in told:
            self.wanted["JS"].add(told["data-worker"])


def page_weights(ground: Ground, report: Report, _size: Size) -> None:
    """The weight of each main page by kind; pictures that people have put there are told beside."""
    report.title("What the first visit of a page weighs, in KB on the wire")
    visitors = Visitors(ground.app(WORLD))
    rows = []
    heaviest = 0.0
    with ground.serving(WORLD) as server:
        browser = Browser(server.port)
        for page, (path, _audience) in visitors.pages.items():
            weights = _weigh(browser, path, visitors.headers(page))
            total = sum(weights[kind] for kind in _KINDS[:-1])
            heaviest = max(heaviest, total)
            rows.append((page, *(weights[kind] for kind in _KINDS[:-1]), total, weights["pictures"]))
        browser.close()
    report.table(("page", *_KINDS[:-1], "first load", "pictures beside"), rows)
    report.at_most("first load of a main page, its pictures beside", heaviest, MOST_KB, " KB")


def _weigh(browser: Browser, path: str, headers: dict[str, str]) -> dict[str, float]:
    """KB by kind."""
    _took, body, size = browser.get(path, headers)
    page = _Page(body.decode())
    weights = dict.fromkeys(_KINDS, 0.0) | {"HTML": size / 1000}
    for kind, addresses in page.wanted.items():
        for address in sorted(addresses):
            if urlsplit(address).scheme == "data":
                continue
            _took, content, size = browser.get(urljoin(path, address), headers)
            weights[kind] += size / 1000
            for _quote, inner in _URL.findall(content) if kind == "CSS" else ():
                found = inner.decode()
                if urlsplit(found).scheme != "data":
                    weights["CSS"] += browser.get(urljoin(address, found), headers)[2] / 1000
    return weights
