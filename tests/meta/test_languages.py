"""Every text of the interface is collected, translated where it must be, and compiled."""

import ast
import gettext
import re
from html.parser import HTMLParser

import polib
import pytest
from django.conf import settings
from django.template.base import Node, TextNode, VariableNode
from django.template.loader_tags import BlockNode
from django.utils.translation import get_language_info, to_locale

from tests.meta.texts import ROOT, code_files, template, template_files, texts

STAFF = (
    "core/dev_views.py",
    "eptportal/dev_views.py",
    "scoring/",
    "selection/",
    "templates/dev/",
    "templates/scoring/",
    "templates/selection/",
)
COHORT_PAGES = (
    "selection/presenting/cohorts.py",
    "selection/views/cohorts.py",
    "templates/selection/cohorts/",
)
READ_BY_PRACTICES = (
    *COHORT_PAGES,
    "scoring/domain/scores.py",
    "selection/deadlines.py",
    "selection/domain/freeing.py",
    "selection/domain/letters.py",
    "selection/domain/offers.py",
    "selection/domain/reconsidering.py",
    "selection/emails/decided.py",
    "selection/emails/offers.py",
    "selection/emails/reconsiderations.py",
    "selection/enums.py",
    "selection/forms/offers.py",
    "selection/forms/reconsiderations.py",
    "selection/pdf/",
    "selection/presenting/later.py",
    "selection/presenting/place.py",
    "selection/presenting/reconsiderations.py",
    "selection/views/letters.py",
    "selection/views/place.py",
    "selection/views/reconsideration.py",
    "templates/selection/decisions/letter.html",
    "templates/selection/place/",
    "templates/selection/reconsiderations/partials/",
    "templates/selection/reconsiderations/practice.html",
)
PUBLIC = (
    "applications/eligibility.py",
    "applications/forms/check.py",
    "applications/views/check.py",
    "core/",
    "eptportal/",
    "programs/forms.py",
    "programs/payment.py",
    "programs/views.py",
    "templates/40",
    "templates/429.html",
    "templates/500.html",
    "templates/account/",
    "templates/accounts/invitation",
    "templates/applications/check",
    "templates/applications/partials/check",
    "templates/base.html",
    "templates/components/",
    "templates/home.html",
    "templates/pages/",
    "templates/partials/",
    "templates/programs/",
    "templates/uswds/",
)
PLACEHOLDERS = re.compile(r"%\(\w+\)[.\d]*[sdf]|%%|<[^>]+>")
ACRONYMS = re.compile(
    r"\b(DHCS|D-SNP|EHR|EPT|EPT1|FQHC|HPI|MCP|NPI|PhmCAT|PMPY|PT|SHA-256|TIN|ZIP|CSV|PDF)\b"
)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalog(language):
    """The entries of a language as they are in the repository."""
    folder = ROOT / "locale" / to_locale(language) / "LC_MESSAGES"
    return polib.pofile(str(folder / "django.po"))


def for_practices(places):
    """Whether a text is shown on a public page, a practice's page or in one of their emails."""
    return any(not p.startswith(STAFF) or p.startswith(READ_BY_PRACTICES) for p in places)


def for_everybody(places):
    """Whether a text is shown on a public page."""
    return any(
        p.startswith(COHORT_PAGES) or (p.startswith(PUBLIC) and not p.startswith(STAFF))
        for p in places
    )


@pytest.mark.parametrize(
    ("language", "must"), [("es", for_practices), ("zh-hant", for_everybody)], ids=["es", "zh-hant"]
)
def test_every_text_that_must_be_is_translated(language, must):
    done = {
        (entry.msgctxt or "", entry.msgid)
        for entry in catalog(language)
        if entry.translated() and not entry.obsolete
    }
    missing = [
        f"{places[0]}: {text.english}"
        for text, places in texts().items()
        if must(places) and (text.context, text.english) not in done
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language):
    assert [entry.msgid for entry in catalog(language) if entry.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_and_tags(language):
    wrong = []
    for entry in catalog(language).translated_entries():
        forms = list(entry.msgstr_plural.values()) or [entry.msgstr]
        wanted = sorted(PLACEHOLDERS.findall(entry.msgid_plural or entry.msgid))
        wrong += [form for form in forms if sorted(PLACEHOLDERS.findall(form)) != wanted]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    folder = ROOT / "locale" / to_locale(language) / "LC_MESSAGES"
    compiled = polib.mofile(str(folder / "django.mo"))
    assert {_key(entry): _value(entry) for entry in compiled} == {
        _key(entry): _value(entry) for entry in catalog(language).translated_entries()
    }
    with (folder / "django.mo").open("rb") as stream:
        assert gettext.GNUTranslations(stream).info()["language"] == to_locale(language)


def _key(entry):
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def _value(entry):
    return entry.msgstr, {int(number): form for number, form in entry.msgstr_plural.items()}


def test_each_language_is_named_in_its_own_words():
    names = [get_language_info(code)["name_local"] for code, _name in settings.LANGUAGES]
    assert names == ["English", "español", "繁體中文"]


class Words(HTMLParser):
    """Collects the words between tags, and those in attributes that people read."""

    READ = frozenset({"alt", "aria-label", "placeholder", "title"})

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if name in self.READ]


def own_words(path):
    """Words that a template has as plain English, outside `translate` and `blocktranslate`."""
    parser = Words()
    parser.feed(_markup(template(path).nodelist))
    text = " ".join(parser.found)
    return re.findall(r"[A-Za-z]{2,}", ACRONYMS.sub(" ", text))


def _markup(nodes) -> str:
    """The template's own text, with a blank for everything that is filled in."""
    return "".join(
        node.s
        if isinstance(node, TextNode)
        else " "
        if isinstance(node, VariableNode)
        else _inside(node)
        for node in nodes
    )


def _inside(node: Node) -> str:
    if isinstance(node, BlockNode) and node.name == "wide":
        return " "
    lists = [getattr(node, name, None) for name in node.child_nodelists]
    return " " + "".join(_markup(nodes) for nodes in lists if nodes)


@pytest.mark.parametrize(
    "path",
    [p for p in template_files() if p.suffix == ".html" and "dev" not in p.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_template_has_words_that_cannot_be_translated(path):
    assert own_words(path) == []


def test_gettext_is_never_given_a_text_that_is_already_filled_in():
    """An f-string or a call can't be looked up in a catalogue."""
    names = {"_", "_t", "_l", "_lazy", "gettext", "gettext_lazy", "ngettext", "pgettext"}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in code_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and any(isinstance(arg, ast.JoinedStr | ast.BinOp) for arg in node.args)
    ]
    assert wrong == []
