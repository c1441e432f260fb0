"""The texts of the interface, read from the sources without running gettext's tools."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.template import Engine
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "core",
    "notifications",
    "accounts",
    "programs",
    "applications",
    "scoring",
    "selection",
    "eptportal",
)
SINGLE = {"gettext", "gettext_lazy", "gettext_noop"}
COUNTED = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}


class Text(NamedTuple):
    """A text for translators: its context, the English text, and the plural one."""

    context: str
    english: str
    plural: str = ""


def code_files() -> list[Path]:
    """Every module of the apps, migrations apart."""
    found = (path for app in APPS for path in (ROOT / app).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def template_files() -> list[Path]:
    """Every template, html and plain text."""
    folder = ROOT / "templates"
    return sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".txt"})


def texts_of_code(path: Path) -> Iterator[tuple[Text, int]]:
    """The texts a module hands to gettext, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = _names_of_gettext(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            kind = names.get(node.func.id)
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            words = [word for word in words if isinstance(word, str)]
            if kind in SINGLE and words:
                yield Text("", words[0]), node.lineno
            elif kind in COUNTED and len(words) > 1:
                yield Text("", words[0], words[1]), node.lineno
            elif kind in IN_CONTEXT and len(words) > 1:
                yield Text(words[0], words[1]), node.lineno


def _names_of_gettext(tree: ast.Module) -> dict[str, str]:
    """Local name → name in django.utils.translation."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }


def template(path: Path) -> Template:
    """A template as Django compiles it."""
    return Engine.get_default().from_string(path.read_text(encoding="utf-8"))


def texts_of_template(path: Path) -> Iterator[tuple[Text, int]]:
    """The texts of `translate` and `blocktranslate` in a template, with their lines."""
    nodes = template(path).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        context = _constant(node.message_context)
        yield Text(context, str(node.filter_expression.var.literal)), _line(node)
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _names = node.render_token_list(node.singular)
        plural, _names = node.render_token_list(node.plural) if node.plural else ("", [])
        yield Text(_constant(node.message_context), singular, plural), _line(node)


def _constant(expression) -> str:
    return "" if expression is None else str(expression.var)


def _line(node: Node) -> int:
    return node.token.lineno if node.token else 0


def texts() -> dict[Text, list[str]]:
    """Every text with the places, such as `programs/views.py:90`, that show it."""
    found: dict[Text, list[str]] = {}
    for path in code_files():
        for text, line in texts_of_code(path):
            found.setdefault(text, []).append(f"{path.relative_to(ROOT)}:{line}")
    for path in template_files():
        for text, line in texts_of_template(path):
            found.setdefault(text, []).append(f"{path.relative_to(ROOT)}:{line}")
    return found
