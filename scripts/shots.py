"""`make shots`: pictures of every main page as each role, at 1280 and 390 px, in shots/ROLE/.

Runs a demo of its own (data in .local/shots, a free port) and stops it at the end, or looks at a
portal that runs already: `python -m scripts.shots --url http://127.0.0.1:8000`.
"""

import argparse
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from eptportal.local.processes import interrupts_on_signals
from eptportal.local.terminal import Parser, step
from scripts.chromium import launch_options

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local" / "shots"
OUTPUT = ROOT / "shots"
HEIGHTS = {1280: 900, 390: 844}
START_SECONDS = 180
READY = "Ctrl-C stops everything"
FIRST_SCREENS = {  # written to shots/docs/ too: the pictures of the README, to be copied to docs/
    ("practice", "home"): "practice-home.png",
    ("analyst", "workbench"): "workbench.png",
}
FIRST_ROW = ".data-table tbody a"


class ShotsError(RuntimeError):
    """The pictures can't be taken; the message says why and what helps."""


@dataclass(frozen=True)
class Shot:
    """One picture: where to go and, when `link` is given, which link there to follow."""

    name: str
    path: str
    link: str = ""


@dataclass(frozen=True)
class Role:
    """A folder of pictures; `button` names the person on the demo's sign-in page, none is nobody."""

    folder: str
    button: str
    shots: tuple[Shot, ...]


ROLES = (
    Role(
        "public",
        "",
        (
            Shot("home", "/"),
            Shot("estimate", "/estimate/?members=920"),
            Shot("cycle", "/", "a[href*='/cycles/']"),
            Shot("sign-in", "/accounts/login/"),
            Shot("sign-up", "/accounts/signup/"),
            Shot("help", "/about/help/"),
            Shot("outbox", "/dev/outbox/"),
        ),
    ),
    Role(
        "practice",
        "Practice owner",
        (
            Shot("home", "/home/"),
            Shot("section", "/home/", "a[href$='/empanelment/']"),
            Shot("profile", "/practice/profile/"),
            Shot("sites", "/practice/sites/"),
            Shot("members", "/practice/members/"),
            Shot("review", "/home/", "a[href$='/review/']"),
            Shot("practice", "/practice/"),
        ),
    ),
    Role(
        "lead",
        "MCP lead",
        (
            Shot("overview", "/plan/overview/"),
            Shot("team", "/plan/team/"),
            Shot("assign", "/plan/assign/"),
            Shot("disagreements", "/plan/disagreements/"),
            Shot("recommend", "/plan/recommend/"),
            Shot("fairness", "/plan/fairness/"),
            Shot("applications", "/plan/"),
            Shot("application", "/plan/?status=scored", FIRST_ROW),
            Shot("application-in-review", "/plan/?status=in_review", FIRST_ROW),
        ),
    ),
    Role(
        "reviewer",
        "MCP reviewer",
        (Shot("reviews", "/reviews/"), Shot("sheet", "/reviews/", FIRST_ROW)),
    ),
    Role(
        "analyst",
        "DHCS analyst",
        (
            Shot("queue", "/queue/"),
            Shot("application", "/queue/", FIRST_ROW),
            Shot("workbench", "/selection/"),
            Shot("decisions", "/decisions/"),
        ),
    ),
    Role("approver", "DHCS approver", (Shot("queue", "/queue/"), Shot("decisions", "/decisions/"))),
)


def main(argv: list[str] | None = None) -> int:
    """Take the pictures; returns 0, or 1 with a sentence when something stands in the way."""
    parser = Parser(prog="shots", description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="a demo that runs already")
    options = parser.parse_args(argv)
    try:
        with interrupts_on_signals(), _portal(options) as address:
            taken = take_all(address, OUTPUT)
    except KeyboardInterrupt:
        return 130
    except ShotsError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"{taken} pictures in {OUTPUT.relative_to(ROOT)}/", flush=True)
    return 0


def take_all(address: str, output: Path) -> int:
    """Write output/ROLE/PAGE-WIDTH.png of the portal at `address`; return how many.

    Raises ShotsError, naming the page, when one can't be reached or does not answer 200.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        try:
            return sum(_take_role(browser, address, role, output / role.folder) for role in ROLES)
        except BrowserError as error:
            raise ShotsError(f"The browser gave up: {error.message}") from error
        finally:
            browser.close()


def _take_role(browser: Browser, address: str, role: Role, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=address, locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    if role.button:
        page.goto("/accounts/login/")
        name = re.compile(f"^Continue as {re.escape(role.button)},")
        page.get_by_role("button", name=name).click()
        page.wait_for_load_state()
    for shot in role.shots:
        _take(page, shot, folder)
    context.close()
    return len(role.shots) * len(HEIGHTS)


def _take(page: Page, shot: Shot, folder: Path) -> None:
    for width, height in HEIGHTS.items():
        picture = folder / f"{shot.name}-{width}.png"
        with step(f"Looking at {folder.name}/{shot.name}", str(picture.relative_to(ROOT))):
            page.set_viewport_size({"width": width, "height": height})
            _open(page, shot.path)
            if shot.link:
                found = page.locator(shot.link)
                if not found.count():
                    raise ShotsError(f"{shot.path} has no link for the picture “{shot.name}”.")
                _open(page, found.first.get_attribute("href") or "")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=picture, full_page=True)
            first_screen = FIRST_SCREENS.get((folder.name, shot.name))
            if first_screen and width == max(HEIGHTS):
                page.screenshot(path=folder.parent / "docs" / first_screen)


def _open(page: Page, path: str) -> None:
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        status = answer.status if answer else "nothing"
        raise ShotsError(f"{path} answered {status} instead of a page.")


@contextlib.contextmanager
def _portal(options: argparse.Namespace) -> Iterator[str]:
    """Give the address of a portal with demo data, and stop what was started for it."""
    if options.url:
        yield options.url
        return
    port = _free_port()
    LOCAL.mkdir(parents=True, exist_ok=True)
    log = LOCAL / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "eptportal.local.demo", "--port", str(port)],
            env={**os.environ, "EPT_LOCAL_DIR": str(LOCAL), "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with step("Starting a demo for the pictures", "Demo started"):
            _wait_until_ready(demo, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()


def _wait_until_ready(demo: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while READY not in log.read_text(errors="replace"):
        if demo.poll() is not None:
            raise ShotsError(f"The demo did not start:\n{log.read_text(errors='replace')}")
        if time.monotonic() > deadline:
            raise ShotsError(f"The demo did not start in {START_SECONDS} seconds; see {log}.")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
