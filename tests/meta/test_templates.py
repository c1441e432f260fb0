"""Pages obey the content security policy, and no template lies about unused."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*.html"))
NAMES = [path.relative_to(TEMPLATES).as_posix() for path in FILES]
LOOKED_UP = ("account/", "allauth/", "uswds/", "components/")
BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}
COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.DOTALL)
INLINE = [
    re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    re.compile(r"<script\b[^>]*>\s*[^<\s]", re.IGNORECASE),
    re.compile(r"""[\s"']style\s*=""", re.IGNORECASE),
    re.compile(r"<style\b", re.IGNORECASE),
    re.compile(r"""<[^>]*[\s"']on[a-z]+\s*=""", re.IGNORECASE),
    re.compile(r"javascript:", re.IGNORECASE),
    re.compile(r"""["'(]data:""", re.IGNORECASE),
    re.compile(r"hx-(on|vals\s*=\s*['\"]js)", re.IGNORECASE),
]


def inline_parts(text):
    return [found.group() for pattern in INLINE for found in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("html", "inline"),
    [
        ('<script src="/static/a.js" type="module"></script>', False),
        ("<script>alert(1)</script>", True),
        ('<script src="/a.js">alert(1)</script>', True),
        ('<p style="color: red">', True),
        ('<p class="a"style="color: red">', True),
        ("<style>p {}</style>", True),
        ('<button onclick="go()">', True),
        ('<button data-on="x" aria-controls="y">', False),
        ('<a href="javascript:go()">', True),
        ('<img src="data:image/png;base64,x">', True),
        ('<p class="button-style">', False),
    ],
)
def test_detector_of_inline_code(html, inline):
    assert bool(inline_parts(html)) is inline


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_template_has_no_inline_script_style_or_event(path):
    assert inline_parts(COMMENT.sub("", path.read_text())) == []


def test_python_writes_no_inline_script_or_style():
    folders = ["core", "accounts", "applications", "programs", "scoring", "selection", "eptportal"]
    guilty = {}
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text())
            texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
            html = [text for text in texts if isinstance(text, str) and "<" in text]
            if found := [part for text in html for part in inline_parts(text)]:
                guilty[path.relative_to(ROOT).as_posix()] = found
    assert guilty == {}


def test_every_template_is_used():
    sources = [path.read_text() for path in FILES]
    sources += [
        path.read_text() for path in ROOT.rglob("*.py") if not {".venv", "tests"} & set(path.parts)
    ]
    quoted = {
        name for text in sources for name in re.findall(r"""["']([\w/.-]+\.html)["']""", text)
    }
    quoted |= {f"pages/{slug}.html" for slug in re.findall(r'"(\w+)"', _pages())}
    unused = {
        name for name in NAMES if name not in quoted | BY_DJANGO and not name.startswith(LOOKED_UP)
    }
    assert unused == set()


def test_every_named_template_exists():
    inside = {name for path in FILES for name in _loads(path.read_text())}
    missing = {name for name in inside if not (TEMPLATES / name).exists()}
    assert {name for name in missing if not name.startswith(("allauth/", "account/"))} == set()


def test_every_component_has_a_template_and_the_reverse():
    text = (ROOT / "core" / "components.py").read_text()
    declared = set(re.findall(r'^    "(\w+)": Component\(', text, re.MULTILINE))
    files = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert declared == files


def _pages():
    return (ROOT / "core" / "pages.py").read_text().split("PAGES =")[1].split("\n")[0]


def _loads(text):
    return re.findall(r"""{% (?:extends|include) ["']([^"']+)["']""", text)
