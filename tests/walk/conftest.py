"""The demo world and the people of the walks, each before a screen of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.supervisor.stack import Stack
from tests.walk.addresses import Visitor
from tests.walk.cast import Cast, Way
from tests.walk.places import World
from tests.walk.seats import Seat


@pytest.fixture(scope="session")
def world(session_app: Flask, live_stack: Stack) -> World:
    """The demo world of the running portal, with the pages that everybody has in it."""
    return World(session_app, live_stack)


@pytest.fixture
def seat(browser: Browser, live_stack: Stack) -> Iterator[Callable[[Visitor, int], Seat]]:
    """Gives a visitor a screen of one width, and the same one when they come again."""
    with ExitStack() as closing:

        @cache
        def take(visitor: Visitor, width: int) -> Seat:
            context = browser.new_context(
                base_url=live_stack.url,
                viewport={"width": width, "height": 800},
                locale="fr-FR",
                timezone_id="Africa/Dakar",
            )
            closing.callback(context.close)
            context.add_cookies(visitor.cookies)
            return Seat(context.new_page())

        yield take


@pytest.fixture
def cast_of(
    launch_browser: Callable[..., Browser],
    browser_type_launch_args: dict[str, Any],
    start_stack: Callable[..., Stack],
) -> Iterator[Callable[[Way], Cast]]:
    """Five people who use the pages in one way, before a portal of their own."""
    with ExitStack() as closing:

        def launch(flags: list[str]) -> Browser:
            browser = launch_browser(args=[*browser_type_launch_args["args"], *flags])
            closing.callback(browser.close)
            return browser

        yield lambda way: Cast(launch, start_stack(), closing, way)
