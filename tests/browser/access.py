"""What every page must hold, whoever looks and however: rules of axe, widths, colours, paper."""

from collections.abc import Iterable

from axe_playwright_python.base import AXE_SCRIPT as AXE

from tests.browser.keyboard import STEPS, Keyboard
from tests.browser.visitor import DESKTOP, NARROW, PHONE, TAGS, Visitor, _readable

STRICT = {
    "runOnly": {"type": "tag", "values": [*TAGS, "best-practice"]},
    "resultTypes": ["violations"],
}
CONTRAST = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}
ZOOMED = {"width": 640, "height": 450}  # what 1280 x 900 pixels of a screen are at 200 %
LEFT_OUT = ".places, .footer, .masthead__tools, .form-actions, .save-line, .section-nav"
PAPER = """
(leftOut) => ({
  heading: document.querySelector("h1").checkVisibility(),
  navigation: [...document.querySelectorAll(leftOut)].filter((one) => one.checkVisibility())
    .map((one) => one.className),
  cut: [...document.querySelectorAll("textarea, .table-scroll")]
    .filter((one) => one.scrollHeight > one.clientHeight + 2 || one.scrollWidth > one.clientWidth + 2)
    .map((one) => one.name || one.className),
})
"""
EDGELESS = """
() => [...document.querySelectorAll("main :is(button, .usa-button, input, select, textarea)")]
  .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.matches(".usa-button--unstyled"))
  .filter((one) => {
    const tile = one.matches("[class*=__input--tile]");
    const shown = tile ? [one.labels[0], [one.labels[0], "::before"]] : [one];
    return shown.some((part) => {
      const style = Array.isArray(part) ? getComputedStyle(...part) : getComputedStyle(part);
      const edge = (kind) => style[`${kind}Style`] !== "none" && parseFloat(style[`${kind}Width`]) >= 1;
      return !edge("borderTop") && !edge("outline");
    });
  })
  .map((one) => `${one.tagName} ${one.name || one.textContent.trim()} has no edge`)
"""


def look_at(
    visitor: Visitor, paths: Iterable[str], status: int = 200, dark: bool = False
) -> dict[str, list[str]]:
    """Open every page; return by path what is wrong at any width (with `dark`, in dark colours too)."""
    found = {path: _faults(visitor, path, status, dark) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


def _faults(visitor: Visitor, path: str, status: int, dark: bool) -> list[str]:
    page = visitor.go(path)
    if visitor.status != status:
        return [f"answered {visitor.status}"]
    page.evaluate(AXE)
    faults = []
    for size in (DESKTOP, ZOOMED, NARROW, PHONE):
        page.set_viewport_size(size)
        found = broken(visitor, STRICT) if size in (DESKTOP, PHONE) else []
        faults += [f"at {size['width']} px {one}" for one in [*found, *visitor.sideways()]]
    if dark:
        page.emulate_media(color_scheme="dark")
        faults += [f"in dark {one}" for one in broken(visitor, CONTRAST)]
        page.emulate_media(color_scheme="light")
    return faults


def broken(visitor: Visitor, options: dict) -> list[str]:
    """Return the violations that axe finds on the page shown; its script must be there."""
    return _readable(visitor.page.evaluate("o => axe.run(o)", options)["violations"])


def hidden_by_forced_colours(visitor: Visitor, paths: Iterable[str]) -> dict[str, list[str]]:
    """Return by path the controls without an edge, and the stops of the Tab key without a ring.

    Forced colours take backgrounds and shadows away, so that only borders and outlines remain.
    """
    found = {}
    for path in paths:
        page = visitor.go(path)
        keys = Keyboard(page)
        body = page.locator("body").element_handle()
        for _step in range(STEPS):
            if keys.look(body, "Tab")["there"]:
                break
        if faults := page.evaluate(EDGELESS) + keys.faults:
            found[path] = faults
    return found


def on_paper(visitor: Visitor) -> dict:
    """Return what the page shown would be on paper: heading, navigation left on it, what is cut off."""
    return visitor.page.evaluate(PAPER, LEFT_OUT)
