"""What a page gets wrong for people who do not see, hear or point as its makers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OF_COLOUR = ("color-contrast", "link-in-text-block")
_RUN = "([within, options]) => axe.run(within ?? document, { ...options, resultTypes: ['violations'], preload: false })"
_SHAPE = """() => ({
  headings: document.querySelectorAll("h1").length,
  title: document.title.split("·")[0].trim(),
  language: document.documentElement.lang,
  width: document.documentElement.scrollWidth,
  ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
})"""
_UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
# Rows that differ from an earlier one in nothing but their words tell axe nothing new, and take most of its time.
_LEAVE_ONE_OF_A_KIND = """() => {
  const shape = (row) => [row, ...row.querySelectorAll("*")]
    .map((part) => [part.tagName, ...["class", "role", "type", "hidden"].map((name) => part.getAttribute(name))])
    .join();
  for (const group of document.querySelectorAll("tbody, main ul, main ol")) {
    const seen = new Set();
    for (const row of [...group.children]) seen.has(shape(row)) ? row.remove() : seen.add(shape(row));
  }
}"""


def barriers(page: Page, *, language: str) -> Iterator[str]:
    """One sentence for each thing that axe or we find wrong, by day and by night; dialogs are opened too."""
    yield from _misshapen(page, language)
    page.evaluate(_UNFOLD)
    page.evaluate(_LEAVE_ONE_OF_A_KIND)
    page.evaluate(_SCRIPT)
    yield from _found(page, None)
    for number in range(page.locator("dialog").count()):
        dialog = page.locator("dialog").nth(number)
        dialog.evaluate("dialog => dialog.showModal()")
        yield from _found(page, "dialog[open]")
        dialog.evaluate("dialog => dialog.close()")


def _found(page: Page, within: str | None) -> Iterator[str]:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        # The second theme changes colours and nothing else.
        rules = (
            {"type": "tag", "values": _STANDARDS}
            if theme == "light"
            else {"type": "rule", "values": _OF_COLOUR}
        )
        result: dict[str, Any] = page.evaluate(_RUN, [within, {"runOnly": rules}])
        for violation in result["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            yield f"{theme}: {violation['id']} ({violation['help']}): {nodes}"


def _misshapen(page: Page, language: str) -> Iterator[str]:
    shape = page.evaluate(_SHAPE)
    if shape["headings"] != 1:
        yield f"{shape['headings']} main headings"
    if twice := [name for name, times in Counter(shape["ids"]).items() if times > 1]:
        yield f"more than one element is called {twice}"
    if not shape["title"]:
        yield "no title"
    if shape["language"] != language:
        yield f"says that it speaks {shape['language']!r}, not {language!r}"
    if page.viewport_size and shape["width"] > page.viewport_size["width"]:
        yield f"{shape['width']} px wide in a window of {page.viewport_size['width']} px"
