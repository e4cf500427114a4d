"""How somebody works a page: with a pointer, or with nothing but a keyboard."""

from __future__ import annotations

from typing import Any, Protocol

from playwright.sync_api import Locator, Page

# What the eye finds of the element that has the focus; `target` is where the person wants to go.
_FOCUS = """target => {
  const focused = document.activeElement;
  const rings = [focused, ...(focused.labels ?? []), focused.parentElement, focused.closest("label")];
  const hasRing = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  };
  const seen = focused.labels?.[0] && focused.getClientRects()[0]?.width < 2 ? focused.labels[0] : focused;
  const { left, right, top, bottom } = seen.getBoundingClientRect();
  const inset = (low, high) => [low + 2, (low + high) / 2, high - 2];
  const shows = inset(left, right).some((x) => inset(top, bottom).some((y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (seen.contains(hit) || hit.contains(seen));
  }));
  return {
    name: focused.outerHTML.slice(0, 120),
    isNowhere: focused === document.body,
    isTarget: focused === target,
    hasRing: rings.filter(Boolean).some(hasRing),
    isInView: shows,
    isInMain: Boolean(focused.closest("main")),
    top: top + scrollY,
    bottom: bottom + scrollY,
  };
}"""
_KEY = "element => element.tagName === 'A' ? 'Enter' : 'Space'"
# A link, or a form that the whole page answers; a question and a part of the page open on the spot.
_LEADS_ELSEWHERE = """element => {
  const { form } = element;
  return form ? form.method !== "dialog" && !form.hasAttribute("hx-post") : element.matches("a:not([data-dialog])");
}"""
_FAR = 200
# Wide pages set things side by side, where the next one may stand higher.
_ONE_COLUMN = 640


class Hands(Protocol):
    """The four things one does to a page."""

    def press(self, target: Locator) -> None:
        """Follow a link or press a button."""

    def write(self, target: Locator, text: str) -> None:
        """Have a field hold this text and no other."""

    def choose(self, target: Locator, label: str) -> None:
        """Choose the entry of a list whose words hold `label`."""

    def tick(self, target: Locator) -> None:
        """Choose this one of several, or say yes."""


class Pointer:
    """A finger or a mouse."""

    def press(self, target: Locator) -> None:
        """Touch it."""
        target.click()

    def write(self, target: Locator, text: str) -> None:
        """Touch it and write."""
        target.fill(text)

    def choose(self, target: Locator, label: str) -> None:
        """Pick the entry."""
        target.select_option(target.locator("option", has_text=label).first.get_attribute("value"))

    def tick(self, target: Locator) -> None:
        """Touch its words."""
        target.check(force=True)


class Keyboard:
    """Tab, Enter, Space, arrows and letters. Every step sees where it is, and nothing jumps back up the page."""

    def press(self, target: Locator) -> None:
        """Go there; a link takes Enter, a button Space."""
        self._go_to(target)
        page, key = target.page, target.evaluate(_KEY)
        if target.evaluate(_LEADS_ELSEWHERE):
            with page.expect_navigation():
                page.keyboard.press(key)
        else:
            page.keyboard.press(key)

    def write(self, target: Locator, text: str) -> None:
        """Go there, take what stands in it, and type."""
        self._go_to(target)
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def choose(self, target: Locator, label: str) -> None:
        """Go there and type the first letters of the entry."""
        self._go_to(target)
        wanted = target.locator("option", has_text=label).first.inner_text().strip()
        target.page.keyboard.type(wanted)
        assert target.evaluate("list => list.selectedOptions[0].text.trim()") == wanted

    def tick(self, target: Locator) -> None:
        """Go to the group and along it with the arrows; a box alone takes Space."""
        keys = target.page.keyboard
        if target.get_attribute("type") == "checkbox":
            self._go_to(target)
            keys.press("Space")
        else:
            self._go_to(_entrance(target))
            for _step in range(_FAR):
                if target.is_checked():
                    break
                keys.press("ArrowDown")
        assert target.is_checked()

    def _go_to(self, target: Locator) -> None:
        page, before = target.page, None
        wanted = target.element_handle()
        for _step in range(_FAR):
            focus = page.evaluate(_FOCUS, wanted)
            if not focus["isNowhere"]:
                _must_be_seen(page, focus, before)
            if focus["isTarget"]:
                return
            before = focus
            page.keyboard.press("Tab")
        raise AssertionError(f"{page.url}: the keyboard does not reach {target}")


def _entrance(target: Locator) -> Locator:
    """Where Tab comes into a group of choices: at the chosen one, else at the first."""
    group = target.page.locator(f"input[type=radio][name='{target.get_attribute('name')}']")
    chosen = group.and_(target.page.locator(":checked"))
    return chosen if chosen.count() else group.first


def _must_be_seen(page: Page, focus: dict[str, Any], before: dict[str, Any] | None) -> None:
    assert focus["hasRing"], f"{page.url}: nothing shows that the focus is on {focus['name']}"
    assert focus["isInView"], f"{page.url}: the focus is out of sight, on {focus['name']}"
    narrow = page.viewport_size is not None and page.viewport_size["width"] < _ONE_COLUMN
    if narrow and before is not None and before["isInMain"] and focus["isInMain"]:
        assert focus["bottom"] > before["top"], f"{page.url}: the focus jumps back to {focus['name']}"
