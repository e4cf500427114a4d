"""Looking over somebody's shoulder: what a page does that it should not."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page

# The page itself tells when its policy stopped something, and when it is wider than the window.
_TELL = """
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  console.error(`the policy ${effectiveDirective} has stopped ${blockedURI}`);
});
const measure = () => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) console.error(`${scrollWidth} px wide in a window of ${innerWidth} px`);
};
addEventListener("load", measure);
document.addEventListener("htmx:after:swap", measure);
"""


class Watch:
    """Gathers what goes wrong in a page from now on: errors, refusals of the policy, sideways scrolling."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        self._page = page
        page.add_init_script(_TELL)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._note(f"script stopped: {error}"))

    def taken(self) -> list[str]:
        """The problems since the last time."""
        problems, self.problems = self.problems, []
        return problems

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused page is what some walks ask for; its own status says it.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(message.text)

    def _note(self, problem: str) -> None:
        self.problems.append(f"{self._page.url}: {problem}")
