"""Trim the USWDS npm package to what the portal serves, into ``static/vendor/uswds/``.

Usage: ``npm pack @uswds/uswds@3.14.0`` and then
``python scripts/vendor_uswds.py uswds-uswds-3.14.0.tgz``.

What is kept: the base element rules and the rules of the components named in ``KEPT``; the images
those rules name; six Public Sans faces; the icons named in ``ICONS``; the licence. The type family
is renamed to the Public Sans faces, and the colours to the custom properties, that
``static/css/tokens.css`` declares: so one set of values serves the light and the dark scheme.
"""

import argparse
import base64
import hashlib
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor" / "uswds"
DIST = "package/dist/"
KEPT = re.findall(
    r"[\w-]+",
    "accordion alert breadcrumb button button-group character-count checkbox error-message "
    "fieldset form form-group hint icon input input-group input-prefix input-suffix label legend "
    "link list prose radio select skipnav sr-only summary-box table table-container tag textarea",
)
ICONS = re.findall(
    r"\w+",
    "account_balance account_circle add add_circle_outline arrow_back arrow_forward assessment "
    "attach_file calendar_today campaign chat check check_circle check_circle_outline close "
    "content_copy delete edit error error_outline event expand_less expand_more file_download "
    "file_present filter_list folder group_add groups help help_outline history home "
    "hourglass_empty identification info info_outline insights launch list lock lock_open logout "
    "mail mail_outline menu more_horiz navigate_before navigate_next notifications_none people "
    "person priority_high print public radio_button_unchecked remove restaurant save_alt schedule "
    "search security settings star star_outline support unfold_more update upload_file verified "
    "visibility warning",
)
DROPPED = re.compile(r"accent-|inverse|dark-background|--(secondary|base|segmented|emergency)")
TEXT, FILL, ANY = "text", "fill", "any"
COLOURS = {
    "#005ea2": {FILL: "primary-fill", ANY: "primary"},
    "#1a4480": {FILL: "primary-fill-strong", ANY: "primary-strong"},
    "#162e51": {FILL: "primary-fill-deep", ANY: "primary-strong"},
    "#2491ff": {ANY: "focus"},
    "#1b1b1b": {ANY: "ink"},
    "#fff": {TEXT: "on-primary", ANY: "paper"},
    "#54278f": {ANY: "visited"},
    "rgba(0,94,162,.1)": {ANY: "primary-wash"},
} | {
    value: {ANY: name, TEXT: text}
    for name, text, values in (
        ("edge", "ink-soft", "#757575 #71767a #565c65 #454545 #3d4551 #919191"),
        ("hairline", "ink-soft", "#c9c9c9 #dfe1e2 #a9aeb1 #e6e6e6"),
        ("wash", "on-primary", "#f0f0f0"),
        ("error", "error", "#b50909 #8b0a03 #d83933 #d54309 #9c3d10"),
        ("success", "success", "#00a91c"),
        ("warning", "warning", "#ffbe2e"),
        ("info", "info", "#00bde3 #28a0cb"),
        ("info-wash", "info", "#e7f6f8 #e1f3f8 #c3ebfa #97d4ea #99deea"),
        ("success-wash", "success", "#ecf3ec"),
        ("warning-wash", "warning", "#faf3d1"),
        ("error-wash", "error", "#f4e3db"),
    )
    for value in values.split()
}
COLOUR = re.compile(r"#[0-9a-f]{3,6}\b|rgba\([^)]*\)")
DECLARATION = re.compile(r"(?<=[{;])([a-z-]+):([^;{}]+)")
FONTS = ("Regular", "Italic", "SemiBold", "SemiBoldItalic", "Bold", "BoldItalic")
SUPPORTS_MASK = "@supports ((-webkit-mask:url()) or (mask:url()))"
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*(?:\\.[\w-]*)*)")
URL = re.compile(r"url\(([^)]+)\)")


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield ``(prelude, body)`` for each outer block of minified CSS; statements are skipped."""
    start = depth = opened = 0
    for index, char in enumerate(css):
        if char == "{":
            if depth == 0:
                opened = index
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened], css[opened + 1 : index]
                start = index + 1
        elif char == ";" and depth == 0:
            start = index + 1


def wanted(selector: str) -> bool:
    """Whether every class of a selector belongs to a kept component (or it names elements only)."""
    for name in CLASS.findall(selector):
        component = name.removeprefix("usa-").split("__")[0].split("--")[0]
        if not name.startswith("usa-") or component not in KEPT:
            return False
    return not DROPPED.search(selector)


def split_selectors(prelude: str) -> list[str]:
    """Split a selector list at its outer commas."""
    parts, depth, last = [], 0, 0
    for index, char in enumerate(prelude):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(prelude[last:index])
            last = index + 1
    return [*parts, prelude[last:]]


def trim(css: str) -> str:
    """Return the kept rules of a style sheet, with media and supports blocks trimmed inside."""
    kept = []
    for raw, body in blocks(css):
        prelude = re.sub(r"/\*.*?\*/", "", raw, flags=re.DOTALL).strip()
        if prelude.startswith(("@media", "@supports")):
            inner = trim(body)
            condition = prelude.replace(SUPPORTS_MASK, "@supports (mask-position:0 0)")
            if inner:
                kept.append(f"{condition}{{{inner}}}")
        elif not prelude.startswith("@"):
            selectors = [one for one in split_selectors(prelude) if wanted(one)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "\n".join(kept)


def recolour(css: str) -> str:
    """Replace literal colours by the portal's custom properties; an unknown colour stays."""

    def declaration(match: re.Match[str]) -> str:
        prop, value = match.groups()
        role = TEXT if prop == "color" else FILL if prop.startswith("background") else ANY

        def colour(found: re.Match[str]) -> str:
            names = COLOURS.get(found[0])
            return f"var(--{names.get(role, names[ANY])})" if names else found[0]

        return f"{prop}:{COLOUR.sub(colour, value)}"

    return DECLARATION.sub(declaration, css)


def sprite(svg: str) -> str:
    """Return a sprite of the icons in ``ICONS`` only; a missing icon is an error."""
    symbols = {
        match["id"]: match[0]
        for match in re.finditer(r'<symbol id="(?P<id>\w+)".*?</symbol>', svg, flags=re.DOTALL)
    }
    missing = sorted(set(ICONS) - set(symbols))
    if missing:
        raise SystemExit(f"The sprite has no icon named {', '.join(missing)}.")
    body = "\n".join(symbols[name] for name in ICONS)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


def write(path: str, data: bytes) -> None:
    """Write one file below the target folder."""
    target = TARGET / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def build(tarball: Path) -> None:
    """Write the trimmed package from an npm tarball."""
    with tarfile.open(tarball) as package:

        def read(name: str) -> bytes:
            member = package.extractfile(name)
            if member is None:
                raise SystemExit(f"{tarball.name} has no file {name}.")
            return member.read()

        css = trim(read(f"{DIST}css/uswds.min.css").decode())
        css = css.replace("Source Sans Pro Web", "Public Sans Web")
        css = css.replace("Merriweather Web", "Public Sans Web")
        css = recolour(css)
        images = sorted({url for url in URL.findall(css) if url.startswith("../img/")})
        write("css/uswds.min.css", f'@charset "UTF-8";\n/*! uswds v3.14.0 */\n{css}\n'.encode())
        for url in images:
            write(url.removeprefix("../"), read(f"{DIST}{url.removeprefix('../')}"))
        for face in FONTS:
            name = f"PublicSans-{face}.woff2"
            write(f"fonts/{name}", read(f"{DIST}fonts/public-sans/{name}"))
        write("icons.svg", sprite(read(f"{DIST}img/sprite.svg").decode()).encode())
        write("LICENSE.md", read("package/LICENSE.md"))


def main(argv: list[str]) -> int:
    """Run the command; the exit code is 0, or 2 for a wrong argument."""
    parser = argparse.ArgumentParser(description="Trim USWDS into static/vendor/uswds/.")
    parser.add_argument("tarball", type=Path, help="file made by npm pack @uswds/uswds@3.14.0")
    tarball = parser.parse_args(argv).tarball
    if not tarball.is_file():
        parser.error(f"there is no file {tarball}")
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    build(tarball)
    files = [path for path in TARGET.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size:,} bytes in {TARGET}\nintegrity sha512-{digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
