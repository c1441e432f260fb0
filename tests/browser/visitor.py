"""One person at a browser, and what holds for every page that the person sees."""

from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Browser, Page, Response, expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
SIDEWAYS = "document.scrollingElement.scrollWidth - window.innerWidth"
TOO_WIDE = """
() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 0.5)
  .map((one) => `${one.tagName.toLowerCase()}.${one.className}`).slice(0, 6)
"""


class Visitor:
    """A browser of one's own: cookies, console, the answer to the last navigation."""

    def __init__(self, browser: Browser, address: str, faults: list[str], **options):
        options = {"viewport": DESKTOP, "locale": "en-US", **options}
        self.context = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.status = 0
        self.faults = faults
        self.page.on("response", self._answered)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._note(f"script error: {error}"))

    def go(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(path)
        return self.page

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in by typing address and password."""
        self.go("/accounts/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.locator("#main").get_by_role("button", name="Sign in", exact=True).click()
        return self.page

    def look(self, heading: str) -> None:
        """Check the page shown: it is the one, it answered 200, axe finds nothing, nothing sticks out.

        Looks at phone and desktop width, ends at the latter, and notes what it finds in `faults`.
        """
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.status == 200, f"{self.page.url} answered {self.status}"
        self.page.evaluate(AXE)
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            found = self.page.evaluate("options => axe.run(options)", AXE_OPTIONS)["violations"]
            for fault in [*_readable(found), *self.sideways()]:
                self._note(f"at {size['width']} px {fault}")

    def sideways(self) -> list[str]:
        """Return what makes the page scroll sideways; nothing when it does not."""
        if self.page.evaluate(SIDEWAYS) <= 0:
            return []
        return [f"scrolls sideways: {', '.join(self.page.evaluate(TOO_WIDE))}"]

    @property
    def path(self) -> str:
        """Path of the page shown."""
        return urlsplit(self.page.url).path

    def _answered(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.status = response.status

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self._note(f"the console says {message.text}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self.path} {fault}")


def _readable(violations: list[dict]) -> list[str]:
    return [
        f"breaks {one['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for one in violations
        for node in one["nodes"]
    ]


class Visitors:
    """Makes visitors of one portal; `faults` says what any of them found."""

    def __init__(self, browser: Browser, address: str):
        self.browser, self.address = browser, address
        self.faults: list[str] = []
        self.made: list[Visitor] = []

    def __call__(self, **options) -> Visitor:
        self.made.append(Visitor(self.browser, self.address, self.faults, **options))
        return self.made[-1]

    def leave(self) -> None:
        """Close every browser."""
        for visitor in self.made:
            visitor.context.close()
