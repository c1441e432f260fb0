"""Which Chromium drives the pictures and the browser tests, and how it is started."""

import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def launch_options() -> dict[str, object]:
    """Return what Playwright's `launch` needs: the browser on PATH, else Playwright's own."""
    found = next((path for name in NAMES if (path := shutil.which(name)) and _starts(path)), None)
    return {"args": list(FLAGS), **({"executable_path": found} if found else {})}


def _starts(program: str) -> bool:
    """Tell a browser from the stub of the same name that some systems put in its place."""
    return not subprocess.run([program, "--version"], capture_output=True, check=False).returncode
