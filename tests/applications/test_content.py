"""The content as one document: what is in it, what is judged from it, and how it reads."""

from datetime import date
from decimal import Decimal

import pytest

from applications.content import FORMAT, facts_from_columns, facts_of, frozen_columns
from applications.domain import submission
from applications.dossier import Dossier
from applications.models import Answer, MemberCount, Site
from applications.reading import answer_text, read_content, word_count
from programs.models import HpiQuartile
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


def load(application):
    application.refresh_from_db()
    return Dossier.load(application)


def test_the_document_holds_everything_and_no_secret(ready):
    HpiQuartile.objects.create(zip_code="93701", quartile=2, source="HPI 3", as_of="2026-01-01")
    Answer.objects.create(application=ready, key="optional_areas", value=None)
    practice, plan = ready.practice.practice, ready.designated_mcp.name
    content = load(ready).content
    assert {key: content[key] for key in content if key != "answers"} == {
        "format": FORMAT,
        "reference": ready.reference,
        "cycle": ready.cycle.slug,
        "program_sha256": ready.cycle.version_id,
        "practice": {
            "name": ready.practice.name,
            "dba": "",
            "npi": practice.npi,
            "tin": "••-•••4567",
            "specialties": ["family_medicine"],
            "practice_types": ["small_independent"],
            "ehr": "OpenEMR",
            "website": "",
        },
        "sites": [
            {
                "name": "Main Street Clinic",
                "street": "1 Main Street",
                "city": "Fresno",
                "zip": "93701",
                "county": "Fresno",
                "npi": "",
                "hpi_quartile": 2,
                "hpi_source": "HPI 3",
                "hpi_as_of": "2026-01-01",
            }
        ],
        "members": [{"plan": plan, "members": 920, "as_of": "2026-01-31"}],
        "members_total": 920,
        "designated_mcp": plan,
        "attachments": [],
    }
    assert "optional_areas" not in content["answers"]


def test_the_lowest_quartile_and_the_first_county_count(ready):
    practice = ready.practice.practice
    for zip_code, county, quartile in (
        ("90012", "Los Angeles", 1),
        ("94110", "San Francisco", None),
    ):
        address = {"street": "2", "city": "C", "zip_code": zip_code, "county": county}
        Site.objects.create(practice=practice, name="S", **address)
        if quartile:
            HpiQuartile.objects.create(
                zip_code=zip_code, quartile=quartile, source="s", as_of="2026-01-01"
            )
    facts = facts_of(load(ready).content)
    assert (facts.hpi_quartile, facts.county, facts.members) == (1, "Fresno", 920)
    assert (facts.population, facts.tribal, facts.mcp) == (
        "children_youth",
        False,
        ready.designated_mcp.name,
    )


def test_a_tribal_program_and_the_sum_of_members_are_frozen(ready, owner):
    practice = ready.practice.practice
    practice.practice_types = ["tribal_program", "fqhc"]
    practice.save()
    plan = OrganisationFactory(kind="mcp")
    MemberCount.objects.create(practice=practice, plan=plan, members=80, as_of=date(2026, 1, 31))
    before = facts_of(load(ready).content)
    submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    ready.refresh_from_db()
    assert (ready.tribal, ready.members, ready.practice_types) == (
        True,
        1000,
        ["fqhc", "tribal_program"],
    )
    assert facts_from_columns(ready) == before


@pytest.mark.parametrize(
    ("members", "payment"),
    [(1, True), (920, Decimal("280600.00")), (138_000, True), (138_001, None), (0, None)],
)
def test_a_payment_is_frozen_where_the_table_has_one(ready, members, payment):
    dossier = load(ready)
    content = dossier.content | {"members_total": members}
    found = frozen_columns(content, dossier.definition.payment.bands)["potential_payment"]
    assert found == payment if payment is not True else found > 0


def test_an_empty_draft_has_no_facts(draft):
    facts = facts_of({**load(draft).content, "practice": {"practice_types": []}})
    assert (facts.population, facts.members, facts.hpi_quartile, facts.county) == ("", 0, None, "")


def test_it_reads_in_words_in_the_order_of_the_form(ready):
    HpiQuartile.objects.create(zip_code="93701", quartile=2, source="HPI 3", as_of="2026-01-01")
    dossier = load(ready)
    blocks = read_content(dossier.content, dossier.definition, {"sites": "/s/"})
    sections = [s.key for s in dossier.definition.sections if s.kind != "sign"]
    assert [block.key for block in blocks] == [*sections, "documents"]
    by_key = {block.key: block for block in blocks}
    assert by_key["sites"].edit_url == "/s/"
    assert by_key["contacts"].edit_url == ""
    assert by_key["sites"].rows == [
        ["Main Street Clinic", "1 Main Street, Fresno 93701", "Fresno", "2 (HPI 3)"]
    ]
    plan = ready.designated_mcp.name
    assert by_key["members"].rows == [[plan, "920", "Jan 31, 2026"], ["Total", "920", ""]]
    entries = {entry.key: entry for entry in by_key["population"].entries}
    assert entries["population"].answer == "Children and youth"
    assert entries["disparity"].words == word_count(entries["disparity"].answer) == 9
    hidden = {entry.key for entry in by_key["optional"].entries}
    assert "optional_evidence_based_models" not in hidden


def test_answers_are_written_out(ready):
    definition = ready.cycle.definition
    questions = {question.key: question for question in definition.questions()}
    areas = questions["optional_areas"]
    assert (
        answer_text(areas, ["leadership_culture", "gone"], definition)
        == "Leadership and culture, gone"
    )
    assert answer_text(questions["lead_name"], "Bo", definition) == "Bo"


def test_the_dossier_costs_a_fixed_number_of_queries(ready, django_assert_num_queries):
    ready.refresh_from_db()
    assert ready.cycle.definition
    assert ready.practice
    with django_assert_num_queries(5):
        dossier = Dossier.load(ready)
    assert ready.designated_mcp
    with django_assert_num_queries(2):
        assert dossier.missing == []
        assert dossier.missing == []


def test_a_section_says_whether_it_was_started_and_by_whom(draft, owner):
    dossier = load(draft)
    sections = {section.key: section for section in dossier.definition.sections}
    names = ("sites", "members", "contacts")
    assert [dossier.started(sections[name]) for name in names] == [False, False, False]
    assert [dossier.touched(sections[name]) for name in names] == [None, None, None]
    Answer.objects.create(application=draft, key="lead_name", value="Bo", updated_by="Cy")
    dossier = load(draft)
    assert dossier.started(sections["contacts"]) is True
    assert dossier.touched(sections["contacts"])[0] == "Cy"
