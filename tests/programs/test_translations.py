"""The packaged program reads in Spanish everywhere and in Chinese where the public reads it."""

import re

import pytest
from django.utils import translation

from programs.domain.programs import store_version
from programs.models import Cycle
from programs.packaged import (
    PACKAGED_DEFINITION,
    packaged_definition,
    packaged_for_readers,
    packaged_text,
)
from programs.schema import ProgramFileError, load_definition, read_program, sha256
from programs.schema.translations import NOT_FOR_PEOPLE, shown_texts, wrong_placeholders
from tests.factories.programs import CycleFactory

PUBLIC = re.compile(
    r"""
    (title|short_title|summary)$
    | sections\[\d+\]\.(title|intro)$
    | sections\[\d+\]\.questions\[\d+\]\.label$
    | (populations|practice_types|specialties)\[\d+\]\.label$
    | (rubric|selection|payment|eligibility)\b
    """,
    re.VERBOSE,
)


def untranslated(language, *, public_only=False):
    """Texts of the packaged program without a translation."""
    program = packaged_definition()
    known = program.translations[language]
    return [
        found
        for found in shown_texts(program)
        if found.text not in known and (PUBLIC.match(found.path) or not public_only)
    ]


def test_every_text_has_spanish():
    assert untranslated("es") == []


def test_every_text_of_the_public_pages_has_chinese():
    assert untranslated("zh-hant", public_only=True) == []


@pytest.mark.parametrize("language", ["es", "zh-hant"])
def test_no_translation_is_left_of_a_text_that_is_gone(language):
    program = packaged_definition()
    shown = {found.text for found in shown_texts(program)}
    assert sorted(set(program.translations[language]) - shown) == []


def test_translated_emails_fill_in_the_same_facts():
    assert list(wrong_placeholders(packaged_definition().translations)) == []


def shape(value):
    """What rules and pages rely on: everything but the texts people read."""
    if isinstance(value, dict):
        return {
            key: item if key in NOT_FOR_PEOPLE else shape(item)
            for key, item in value.items()
            if key != "translations"
        }
    if isinstance(value, list):
        return value if all(isinstance(item, str) for item in value) else list(map(shape, value))
    return None if isinstance(value, str) else value


@pytest.mark.parametrize("language", ["es", "zh-hant"])
def test_keys_codes_and_amounts_do_not_depend_on_the_language(language):
    english = packaged_definition()
    other = english.in_language(language)
    assert other.title != english.title
    assert shape(other.model_dump(mode="json")) == shape(english.model_dump(mode="json"))


def test_a_language_without_translations_reads_english():
    program = packaged_definition()
    assert program.in_language("fr") is program
    assert program.in_language("en-us") is program
    with translation.override("es"):
        assert packaged_for_readers().section("sites").title == "Sedes"
        assert packaged_definition().section("sites").title == "Clinic sites"


@pytest.mark.django_db
def test_a_cycle_reads_in_the_language_of_the_page_and_rules_stay_english():
    cycle = Cycle.objects.get(pk=CycleFactory(title="EPT Cohort 1 (demo)").pk)
    with translation.override("es"):
        assert cycle.localized.section("sites").title == "Sedes"
        assert cycle.definition.section("sites").title == "Clinic sites"
        assert cycle.shown_title == "EPT Cohorte 1 (demo)"
    with translation.override("en-us"):
        assert cycle.localized is cycle.definition
        assert cycle.shown_title == "EPT Cohort 1 (demo)"
        assert cycle.definition.section("sites").title == "Clinic sites"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("EPT Cohort 2 (demo)", "EPT Cohorte 2 (demo)"),
        (
            "Equity and Practice Transformation Program, Cohort 1",
            "Programa de Equidad y Transformación de Consultorios, Cohorte 1",
        ),
        ("Spring round", "Spring round"),
    ],
)
def test_a_title_is_shown_in_the_words_of_the_program(title, shown):
    with translation.override("es"):
        assert CycleFactory(title=title).shown_title == shown


@pytest.mark.django_db
def test_reading_another_language_costs_no_query(django_assert_num_queries):
    cycle = CycleFactory()
    assert cycle.definition
    with django_assert_num_queries(0), translation.override("es"):
        assert cycle.localized.title != cycle.definition.title


@pytest.mark.django_db
def test_a_version_stored_before_there_were_translations_still_reads(factory_definition):
    del factory_definition["translations"]
    program = type(packaged_definition()).model_validate(factory_definition)
    assert program.translations == {}
    assert program.in_language("es") is program
    assert sha256(program) != sha256(packaged_definition())


@pytest.fixture
def factory_definition():
    return packaged_definition().model_dump(mode="json")


@pytest.mark.django_db
def test_translations_are_part_of_the_version():
    alone = store_version(PACKAGED_DEFINITION.read_text(encoding="utf-8"))
    whole = store_version(packaged_text())
    assert (alone.program.translations, whole.number) == ({}, 2)
    assert set(whole.program.translations) == {"es", "zh-hant"}


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "small[1].yaml"
    path.write_text("title: One\n", encoding="utf-8")
    return path


def beside(program, language, text):
    program.with_name(f"small[1].{language}.yaml").write_text(text, encoding="utf-8")


def test_files_beside_the_program_become_its_translations(program):
    beside(program, "es", "- en: One\n  es: Uno\n")
    beside(program, "old-copy", "whatever: this is")
    assert read_program(program) == "title: One\n\ntranslations:\n  es:\n    One: Uno\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- en: One\n", "small[1].es.yaml: [0]: Give en and es."),
        (
            "- {en: One, es: Uno}\n- {en: One, es: Un}\n",
            "small[1].es.yaml: [1]: “One” is there twice.",
        ),
        (
            "- {en: One",
            "small[1].es.yaml: line 1, column 11: This is not YAML: "
            "expected ',' or '}', but got '<stream end>'.",
        ),
    ],
)
def test_a_faulty_translation_file_is_named(program, text, sentence):
    beside(program, "es", text)
    with pytest.raises(ProgramFileError) as refused:
        read_program(program)
    assert refused.value.errors == [sentence]


def test_an_email_that_loses_a_placeholder_is_refused():
    raw = packaged_text().replace("$practice envió", "envió")
    with pytest.raises(ProgramFileError) as refused:
        load_definition(raw)
    assert refused.value.errors == [
        "translations.es: Keep every $name of “$reference: $practice submitted its application” "
        "as it is."
    ]
