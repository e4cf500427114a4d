"""An address for every page of the URL map, found as people find them: by following links."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import requests
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule

from portal.demo.accounts import DEMO_ACCOUNTS, PASSWORD
from portal.kernel.access import RULE

GUEST = "guest"
_LINK = re.compile(r'\b(?:href|action|value|hx-get)="([^"]+)"')
_HIDDEN = re.compile(r'<input [^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
# A link that leads to no page, a picture say, is not followed for ever.
_MOST_TRIES = 5
_EMAILS = {audience: email for audience, _name, email, _password in DEMO_ACCOUNTS}


class Visitor:
    """Somebody of the demo world, or a guest, with cookies but without a screen."""

    def __init__(self, url: str, audience: str) -> None:
        self.url, self.audience = url, audience
        self.session = requests.Session()
        if audience in _EMAILS:
            self.send("/sign-in", email=_EMAILS[audience], password=PASSWORD)

    @property
    def cookies(self) -> list[dict[str, str]]:
        """What a browser must bring to be this visitor."""
        return [
            {"name": cookie.name, "value": cookie.value or "", "url": self.url}
            for cookie in self.session.cookies
        ]

    def get(self, address: str) -> requests.Response:
        """The answer at an address of the portal, as it comes."""
        return self.session.get(self.url + address, allow_redirects=False, timeout=30)

    def send(self, address: str, *, to: str | None = None, answers: int = 303, **fields: str) -> str:
        """Fill the form that stands at that address and goes there, or `to`; where it leads when accepted."""
        main = self.get(address).text.partition("<main")[2].partition("</main")[0]
        carried = [dict(_ATTRIBUTE.findall(one)) for one in _HIDDEN.findall(main)]
        filled = {one["name"]: html.unescape(one.get("value", "")) for one in carried} | fields
        answer = self.session.post(self.url + (to or address), filled, allow_redirects=False, timeout=30)
        assert answer.status_code == answers, f"{address} answers {answer.status_code}"
        return answer.headers.get("Location", "")

    def go_on(self, address: str) -> str:
        """Follow where another house has sent one back to; where that leads."""
        answer = self.session.get(address, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, f"{address} answers {answer.status_code}"
        return answer.headers["Location"]


class Atlas:
    """The rules of the portal that answer GET, and who has them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._adapter: MapAdapter = app.url_map.bind("localhost")
        self.rules: dict[str, Rule] = {
            rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }

    def pages_of(self, audience: str) -> set[str]:
        """The endpoints that this audience visits."""
        return {endpoint for endpoint in self.rules if self._audience(endpoint) == audience}

    def simple(self, endpoints: set[str]) -> list[str]:
        """The addresses of those that need no id."""
        return [self._adapter.build(name) for name in endpoints if not self.rules[name].arguments]

    def endpoint_of(self, address: str) -> str | None:
        """Which page an address leads to, None when it leads to none."""
        try:
            return self._adapter.match(urlsplit(address).path, method="GET")[0]
        except (HTTPException, RequestRedirect):
            return None

    def _audience(self, endpoint: str) -> str:
        rule = str(getattr(self._app.view_functions[endpoint], RULE))
        if rule.startswith("open"):
            return GUEST
        if rule == "signed in":
            return "sponsor" if self.rules[endpoint].rule.startswith("/sponsor") else "client"
        audience = rule.split(":")[0]
        if audience == "company":
            # The demo world's sponsor also owns a company.
            return "sponsor"
        return "admin" if audience == "staff" else audience


def discover(
    atlas: Atlas, visitor: Visitor, endpoints: set[str], starts: Sequence[str] = ()
) -> dict[str, str]:
    """An address of each page that opens: the simple ones, and whatever the pages met on the way link to."""
    found: dict[str, str] = {}
    tries: Counter[str] = Counter()
    waiting = deque([*starts, *atlas.simple(endpoints)])
    while waiting:
        address = waiting.popleft()
        endpoint = atlas.endpoint_of(address)
        if endpoint is None or endpoint in found or tries[endpoint] == _MOST_TRIES:
            continue
        tries[endpoint] += 1
        answer = visitor.get(address)
        if is_page(answer):
            found[endpoint] = address
            waiting.extend(link for link in _links(answer) if atlas.endpoint_of(link) in endpoints)
    return found


def is_page(answer: requests.Response) -> bool:
    """Whether somebody who opens this sees a page of the portal: not a part, a file, or another place."""
    return answer.status_code == 200 and "<html" in answer.text[:100]


def _links(answer: requests.Response) -> Iterator[str]:
    host = "{0.scheme}://{0.netloc}".format(urlsplit(answer.url))
    for raw in _LINK.findall(answer.text):
        address = html.unescape(raw).removeprefix(host)
        if address.startswith("/") and not address.startswith("//"):
            yield address.split("#")[0]
