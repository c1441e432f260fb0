"""Each reason against a row, in words, with its column."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.domain.importing import judge
from applications.importing.checking import check_rows
from applications.importing.columns import header, template
from applications.importing.parsing import Row, read
from tests.applications.importing.building import file_of, row_for

pytestmark = pytest.mark.django_db


def check(cycle, plan, *rows):
    return check_rows(read(file_of(cycle, rows), cycle.definition).rows, cycle=cycle, plan=plan)


def reasons(cycle, plan, **changes):
    [paper] = check(cycle, plan, row_for(cycle, plan, **changes))
    return paper.reasons


def test_the_example_of_the_template_is_no_application(cycle, plan):
    sheet = read(template(cycle, plan).encode(), cycle.definition)
    [paper] = check_rows(sheet.rows, cycle=cycle, plan=plan)
    assert paper.reasons == [
        "This is the example of the template. Replace it with an application, or delete it."
    ]
    assert (paper.paper_id, paper.name) == ("PAPER-001", "Example Family Medicine")


def test_the_template_is_otherwise_fit_for_its_plan(cycle, plan):
    own = template(cycle, plan).replace("PAPER-001", "P-1")
    sheet = read(own.encode(), cycle.definition)
    [paper] = check_rows(sheet.rows, cycle=cycle, plan=plan)
    assert paper.reasons == []
    assert paper.facts["npi"] == "1234567893"


FUTURE = (timezone.localdate() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paper_id": ""}, ["paper_id: Enter an answer."]),
        ({"npi": ""}, ["npi: Enter an answer."]),
        ({"npi": "123"}, ["npi: An NPI has 10 digits, such as 1234567893."]),
        ({"received_on": "soon"}, ["received_on: Write a date as 2023-10-12 or 10/12/2023."]),
        ({"received_on": FUTURE}, ["received_on: This date is in the future."]),
        ({"attested": "no"}, ["attested: Write “yes” when every statement on the paper is confirmed."]),
        ({"members": "many"}, 1),
        ({"members": "0"}, 1),
        ({"members": "9" * 5000}, 1),
        ({"specialties": "surgery"}, 1),
        ({"specialties": ""}, ["Choose at least one primary care specialty."]),
        ({"site_1_zip": "10001"}, ["site_1_zip: We do not know “10001” as a ZIP code in California."]),
        ({"site_1_street": ""}, ["site_1_street: Enter an answer."]),
        ({"site_2_name": "Annex"}, 3),
        ({"sponsor_email": "nobody"}, 1),
        ({"sponsor_name": ""}, ["Answer “Executive sponsor”."]),
        ({"leadership": "word " * 251}, 1),
        ({"phmcat_respondents": "2"}, 1),
        ({"phmcat_leadership": "11"}, 1),
        ({"population": "everybody"}, 1),
        ({"practice_name": "x" * 1_000_000}, 1),
        ({"website": "http://" + "a" * 1_000_000}, None),
        (
            {"site_1_zip": "90001"},
            ["site_1_zip: CalViva Health does not operate in a county of these sites."],
        ),
    ],
)  # fmt: skip
def test_a_bad_row_says_which_column_and_how_to_mend_it(cycle, plan, changes, expected):
    found = reasons(cycle, plan, **changes)
    if isinstance(expected, list):
        assert found == expected
    else:
        assert len(found) == expected if expected else found
    assert all(len(reason) <= 340 for reason in found)


def test_labels_values_and_commas_are_understood(cycle, plan):
    changes = {
        "specialties": "Family medicine| PEDIATRICS ",
        "members": "1,020",
        "received_on": f"{timezone.localdate():%m/%d/%Y}",
        "population": "Children and youth",
    }
    [paper] = check(cycle, plan, row_for(cycle, plan, **changes))
    assert paper.reasons == []
    assert paper.facts["specialties"] == ["family_medicine", "pediatrics"]
    assert (paper.facts["members"], paper.answers["population"]) == (1020, "children_youth")


def test_a_paper_received_after_closing_or_before_opening_is_refused(cycle, plan):
    cycle.closes_at = timezone.now() - timedelta(days=3)
    late = reasons(cycle, plan, received_on=timezone.localdate().isoformat())
    assert [reason.partition(":")[0] for reason in late] == ["received_on"]
    early = reasons(cycle, plan, received_on="2020-01-01", signed_on="2020-01-01")
    assert early[0].startswith("received_on: The cycle took applications from")


def test_signature_and_count_come_before_the_receipt(cycle, plan):
    day = (timezone.localdate() - timedelta(days=2)).isoformat()
    today = timezone.localdate().isoformat()
    found = reasons(cycle, plan, received_on=day, signed_on=today, members_as_of=today)
    assert [reason.partition(":")[0] for reason in found] == ["signed_on", "members_as_of"]


def test_hostile_text_is_kept_as_it_is(cycle, plan):
    hostile = "=cmd|' /C calc'!A0 \u202eabc <b>x</b> 🙂"
    [paper] = check(cycle, plan, row_for(cycle, plan, practice_name=hostile, leadership=hostile))
    assert paper.reasons == []
    assert (paper.name, paper.answers["leadership"]) == (hostile, hostile)


def test_the_digest_is_of_what_the_row_says_not_of_how_the_file_is_laid_out(cycle, plan):
    row = row_for(cycle, plan)
    columns = header(cycle.definition)
    other = [c for c in reversed(columns) if not c.startswith(("site_2", "site_3"))]
    digests = set()
    for chosen, delimiter in ((columns, ","), (other, ";")):
        data = file_of(cycle, [row], delimiter=delimiter, columns=chosen)
        [paper] = check_rows(read(data, cycle.definition).rows, cycle=cycle, plan=plan)
        digests.add(paper.digest)
    assert len(digests) == 1
    [changed] = check(cycle, plan, row | {"ehr": "Other"})
    assert changed.digest not in digests


def test_the_tin_can_not_be_found_by_trying_digests(cycle, plan, settings):
    rows = read(file_of(cycle, [row_for(cycle, plan)]), cycle.definition).rows
    found = set()
    for key in (settings.FIELD_ENCRYPTION_KEY, Fernet.generate_key().decode()):
        settings.FIELD_ENCRYPTION_KEY = key
        [paper] = check_rows(rows, cycle=cycle, plan=plan)
        found.add(paper.digest)
    assert len(found) == 2
    assert [paper.digest for paper in check(cycle, plan, row_for(cycle, plan))] == [paper.digest]
    [other] = check(cycle, plan, row_for(cycle, plan, tin="94-7654321"))
    assert other.digest not in found


@pytest.mark.parametrize("count", [1, 3])
def test_checking_costs_the_same_for_one_and_three_rows(
    cycle, plan, count, django_assert_num_queries
):
    rows = read(
        file_of(cycle, [row_for(cycle, plan, n) for n in range(count)]), cycle.definition
    ).rows
    with django_assert_num_queries(2):
        papers = check_rows(rows, cycle=cycle, plan=plan)
    with django_assert_num_queries(3):
        outcome = judge(papers, cycle=cycle, plan=plan)
    assert outcome.counts == {"new": count}


CELL = st.one_of(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
    ),
    st.sampled_from(
        ["9" * 400, "=cmd|' /C calc'!A0", "\u202e", "1e999", "NaN", "-0", "0001-01-01"]
    ),
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_cells_are_reasons_and_never_an_exception(cycle, plan, data):
    columns = header(cycle.definition)
    changes = data.draw(st.dictionaries(st.sampled_from(columns), CELL, max_size=12))
    cells = dict.fromkeys(columns, "") | row_for(cycle, plan) | changes
    [paper] = check_rows([Row(2, cells)], cycle=cycle, plan=plan)
    assert judge([paper], cycle=cycle, plan=plan).rows[0].state in ("new", "bad")
