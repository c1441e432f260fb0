"""Hands that have a keyboard and no mouse; every step of the focus must be seen."""

import re

from playwright.sync_api import ElementHandle, Locator, Page, expect

STEPS = 120  # more than any page has controls
SEEN = """
(wanted) => {
  const one = document.activeElement;
  const tile = one.matches("[class*=__input--tile]") ? one.labels[0] : null;
  const shown = tile || one;
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  const middle = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.top + Math.min(box.height, 24) / 2, 0), innerHeight - 1));
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const free = middle && (shown.contains(middle) || middle.contains(shown));
  const forced = matchMedia("(forced-colors: active)").matches; // only outlines draw the mark then
  const marked = !tile || !forced || getComputedStyle(tile, "::before").outlineStyle !== "none";
  return {
    there: one === wanted,
    lost: one === document.body,
    what: `${one.tagName} ${one.name || one.id || one.textContent.trim().slice(0, 40)}`,
    fault: !marked ? "has lost its mark"
      : ring ? (free ? "" : `is behind ${middle?.className}`) : "has no ring",
  };
}
"""


class Keyboard:
    """Types, tabs and presses on one page; `faults` names every stop whose focus can't be seen."""

    def __init__(self, page: Page):
        self.page = page
        self.faults: list[str] = []

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def reach(self, control: Locator, key: str = "Tab") -> None:
        """Tab until `control` has the focus; fails when a round of the page does not find it."""
        expect(control).to_be_visible()
        wanted = control.element_handle()
        passed = []
        for _step in range(STEPS):
            seen = self.look(wanted, key)
            if seen["there"]:
                return
            passed.append(seen["what"])
        raise AssertionError(f"{STEPS} times {key} did not reach {control}, but {passed}")

    def look(self, wanted: ElementHandle, key: str) -> dict:
        """Press `key` once and look where the focus is; `there` says whether it is on `wanted`."""
        self.press(key)
        seen = self.page.evaluate(SEEN, wanted)
        if seen["fault"] and not seen["lost"]:
            self.faults.append(f"{self.page.url}: {seen['what']} {seen['fault']}")
        return seen

    def skip(self) -> None:
        """Go to the main content by the first link of the page."""
        self.reach(self.page.locator(".usa-skipnav"))
        self.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()

    def write(self, control: Locator, text: str) -> None:
        """Reach a text control and type into it."""
        self.reach(control)
        self.page.keyboard.type(text)

    def push(self, button: Locator, key: str = "Enter") -> None:
        """Reach a button or link and press it."""
        self.reach(button)
        self.press(key)

    def tick(self, control: Locator) -> None:
        """Reach a checkbox and tick it."""
        self.reach(control)
        self.press("Space")
        expect(control).to_be_checked()

    def choose(self, group: Locator, value: str) -> None:
        """Reach a group of radio buttons that has no answer, and go down to the one of `value`."""
        self.reach(group.first)
        self.press("Space")
        while group.and_(self.page.locator(":checked")).input_value() != value:
            self.press("ArrowDown")

    def pick(self, control: Locator, label: str) -> None:
        """Reach a list and choose an entry by typing how it begins."""
        self.reach(control)
        self.page.keyboard.type(label)
        expect(control.locator("option:checked")).to_have_text(re.compile(f"^{label}"))
