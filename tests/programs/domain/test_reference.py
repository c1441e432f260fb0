from datetime import date

import pytest

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from programs.domain.reference import (
    HPI_SAMPLE_FILE,
    ReferenceFileError,
    import_hpi,
    load_plans,
)
from programs.models import HpiQuartile, PlanCounty

pytestmark = pytest.mark.django_db
HEADER = "zip,hpi_quartile,source,as_of\n"
PLANS_HEADER = "county,model,prime_plans,kaiser_direct\n"


@pytest.fixture
def csv_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "file.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def refused(call, path):
    with pytest.raises(ReferenceFileError) as refusal:
        call(path)
    return refusal.value.errors


def test_import_hpi_stores_and_updates(csv_file):
    first = HEADER + "90001,1,HPI 3.0,2022-05-01\n95814,3,HPI 3.0,2022-05-01\n"
    done = import_hpi(csv_file(first))
    assert (done.added, done.updated) == (2, 0)
    done = import_hpi(
        csv_file(HEADER + " 90001 ,2,HPI 4.0,2024-05-01\r\n94102,4,HPI 4.0,2024-05-01")
    )
    assert (done.added, done.updated) == (1, 1)
    assert list(
        HpiQuartile.objects.order_by("pk").values_list("pk", "quartile", "source", "as_of")
    ) == [
        ("90001", 2, "HPI 4.0", date(2024, 5, 1)),
        ("94102", 4, "HPI 4.0", date(2024, 5, 1)),
        ("95814", 3, "HPI 3.0", date(2022, 5, 1)),
    ]


def test_import_hpi_lists_every_error_with_its_line_and_stores_nothing(csv_file):
    path = csv_file(
        HEADER
        + "90001,1,HPI 3.0,2022-05-01\n"
        + "10001,5,HPI 3.0,2022-05-01\n"
        + "90001,2,HPI 3.0,2022-05-01\n"
        + "90002,,,May 2022\n"
        + "\n"
        + "90003,1\n"
        + ",1,HPI,2022-05-01\n"
    )
    assert refused(import_hpi, path) == [
        "line 3: 10001 is not a California ZIP code.",
        "line 3: The quartile has to be 1, 2, 3 or 4, not 5.",
        "line 4: The ZIP code 90001 is there twice.",
        "line 5: The quartile has to be 1, 2, 3 or 4, not empty.",
        "line 5: The source has to be named, in at most 200 characters.",
        "line 5: The date as_of has to look like 2024-06-30.",
        "line 7: 2 values, but 4 are needed.",
        "line 8: An empty value is not a California ZIP code.",
    ]
    assert not HpiQuartile.objects.exists()


def test_import_hpi_refuses_what_is_no_such_file(csv_file, tmp_path):
    assert refused(import_hpi, csv_file("zip;quartile\n")) == [
        "line 1: The first line has to be zip,hpi_quartile,source,as_of."
    ]
    assert refused(import_hpi, csv_file("")) == [
        "line 1: The first line has to be zip,hpi_quartile,source,as_of."
    ]
    latin = csv_file(HEADER + "90001,1,Índice,2022-05-01\n", "latin-1")
    assert refused(import_hpi, latin) == [f"{latin}: The file is not text in UTF-8."]
    missing = tmp_path / "missing.csv"
    assert refused(import_hpi, missing) == [f"{missing}: No such file or directory."]


def test_import_hpi_reads_a_file_saved_by_a_spreadsheet(csv_file):
    import_hpi(csv_file("\ufeff" + HEADER + '90001,1,"HPI, 3.0",2022-05-01\r\n'))
    assert HpiQuartile.objects.get().source == "HPI, 3.0"


def test_the_sample_file_can_be_imported():
    done = import_hpi(HPI_SAMPLE_FILE)
    assert done.added == HpiQuartile.objects.count() > 2000


def test_load_plans_makes_plans_with_their_counties_once():
    first = load_plans()
    again = load_plans()
    plans = Organisation.objects.filter(kind=OrganisationKind.MCP)
    assert (first.added, again.added) == (plans.count(), 0)
    assert again.updated == first.added > 20
    assert PlanCounty.objects.values("county").distinct().count() == 58
    orange = PlanCounty.objects.filter(county="Orange").order_by("plan__name")
    assert [row.plan.name for row in orange] == ["CalOptima Health", "Kaiser Permanente"]


def test_load_plans_replaces_counties(csv_file):
    load_plans(csv_file(PLANS_HEADER + "Kern,Two-Plan,Plan A; Plan B,N\nInyo,Two-Plan,Plan A,N\n"))
    load_plans(csv_file(PLANS_HEADER + "Kern,Two-Plan,Plan A,Y\n"))
    rows = PlanCounty.objects.order_by("plan__name", "county")
    assert [(row.plan.name, row.county) for row in rows] == [
        ("Kaiser Permanente", "Kern"),
        ("Plan A", "Kern"),
        ("Plan B", "Kern"),
    ]


def test_load_plans_lists_every_error_and_stores_nothing(csv_file):
    path = csv_file(PLANS_HEADER + "Kern,Two-Plan,Plan A,N\nMaui,X,Plan,N\nInyo,X,;,maybe\n")
    assert refused(load_plans, path) == [
        "line 3: Maui is not a California county.",
        "line 4: kaiser_direct has to be Y or N.",
        "line 4: Name at least one plan.",
    ]
    assert not Organisation.objects.exists()


def test_load_plans_does_not_turn_a_practice_into_a_plan(csv_file):
    Organisation.objects.create(kind=OrganisationKind.PRACTICE, name="Plan A", slug="plan-a")
    path = csv_file(PLANS_HEADER + "Kern,Two-Plan,Plan A; Plan B,N\n")
    assert refused(load_plans, path) == ["Plan A: An organisation with this address is not a plan."]
    assert Organisation.objects.count() == 1
