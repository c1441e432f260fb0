import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Organisation
from applications.domain import submission
from applications.enums import Status
from applications.models import Answer, Submission
from selection.domain import searching
from selection.filters import read
from selection.models import SearchEntry
from selection.queries import searching as reads
from selection.queries.neighbours import neighbours
from selection.queries.paging import key_text, page, read_key
from selection.queries.queue import found_by
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def named(cycle):
    """Return a function that makes a submitted application of a practice with that name."""

    def make(name, **facts):
        practice = PracticeFactory(organisation__name=name).organisation
        row = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED, practice=practice, **facts)
        searching.refresh([row.pk])
        return row

    return make


def found(analyst, cycle, words):
    rows, _order, _search = found_by(read(QueryDict(f"q={words}")), analyst, cycle)
    return set(rows.values_list("practice__name", flat=True))


@pytest.mark.parametrize(
    "words",
    ["elan", "ELAN", "élan", "Elán", "santé", "sante el", "san", "el san",
     "é s", "'elan'", "elan!", "elan & sante"],
)  # fmt: skip
def test_words_are_found_by_their_beginnings_whatever_case_and_accents(
    named, analyst, cycle, words
):
    named("Élan Santé")
    named("Zebra Care")
    assert found(analyst, cycle, words) == {"Élan Santé"}


@pytest.mark.parametrize("words", ["lan", "elan zebra", "nobody", "%", "'", "\\", ":*", "½", "ŉ"])
def test_nothing_is_found_by_other_words_and_no_sign_is_an_order(named, analyst, cycle, words):
    named("Élan Santé")
    assert found(analyst, cycle, words) == set()


def test_places_and_plan_are_found(named, analyst, cycle):
    named("Élan Santé", county="Kern", designated_mcp=OrganisationFactory(kind="mcp", name="Zonda"))
    assert found(analyst, cycle, "kern") == found(analyst, cycle, "zonda") == {"Élan Santé"}


def test_name_counts_more_than_a_place(named, analyst, cycle):
    by_place = named("Zebra Care", county="Fresno")
    by_name = named("Fresno Clinic", county="Kern")
    rows, order, _search = found_by(read(QueryDict("q=fresno")), analyst, cycle)
    assert order.key == "relevance"
    assert list(rows.order_by("-relevance")) == [by_name, by_place]


def test_too_many_matches_come_in_the_usual_order(named, analyst, cycle, monkeypatch):
    for _ in range(3):
        named("Fresno Clinic")
    monkeypatch.setattr(reads, "MOST_RANKED", 2)
    _rows, order, search = found_by(read(QueryDict("q=fresno")), analyst, cycle)
    assert (order.key, search.is_broad) == ("adjusted", True)


def test_matches_of_other_cycles_do_not_make_a_search_broad(named, analyst, cycle, monkeypatch):
    here = named("Fresno Clinic")
    other = CycleFactory()
    for _ in range(3):
        row = ApplicationFactory(cycle=other, status=Status.SUBMITTED, county="Fresno")
        searching.refresh([row.pk])
    monkeypatch.setattr(reads, "MOST_RANKED", 2)
    rows, order, search = found_by(read(QueryDict("q=fresno")), analyst, cycle)
    assert (order.key, search.is_broad, list(rows)) == ("relevance", False, [here])


@pytest.mark.parametrize("limit", ["MOST_NAMED", "MOST_READ", "MOST_RANKED"])
def test_however_many_match_the_same_are_found(named, analyst, cycle, monkeypatch, limit):
    for _ in range(4):
        named("Fresno Clinic")
    named("Zebra Care")
    monkeypatch.setattr(reads, limit, 2)
    rows, order, search = found_by(read(QueryDict("q=fresno+cl")), analyst, cycle)
    assert (order.key, search.is_broad) == ("adjusted", True)
    assert [row.practice.name for row in rows] == ["Fresno Clinic"] * 4


def test_best_matches_are_paged_both_ways(named, analyst, cycle):
    for name in ["Fresno Fresno Clinic", "Clinic", "Fresno Clinic", "Clinic Fresno", "A", "B"]:
        named(name, county="Fresno" if name in "AB" else "Kern")
    rows, order, _search = found_by(read(QueryDict("q=fresno")), analyst, cycle)
    best = list(rows.order_by("-relevance", "pk"))
    seen, key = [], None
    while True:
        part = page(rows, order, size=2, key=key)
        seen += part.rows
        if not part.has_next:
            break
        key = read_key(key_text(part.rows[-1], order), order)
    assert len(best) == 5
    assert seen == best
    before = page(
        rows, order, size=2, key=read_key(key_text(best[3], order), order), backwards=True
    )
    assert list(before.rows) == best[1:3]
    beside = neighbours(best[2], read(QueryDict("q=fresno")), analyst)
    assert (beside.previous, beside.next) == (best[1].pk, best[3].pk)


@pytest.mark.parametrize(
    "ask", [lambda c: reads.search_for("fresno", c), lambda _c: reads.ids_of_all("a")]
)
def test_asking_the_index_is_one_query_and_changes_nothing_for_others(
    cycle, ask, django_assert_num_queries
):
    with django_assert_num_queries(1):
        ask(cycle)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


def test_submitting_makes_what_was_signed_findable_and_a_draft_is_found_by_nothing(analyst):
    cycle = CycleFactory()
    draft = ApplicationFactory(cycle=cycle)
    complete(draft)
    Answer.objects.filter(application=draft, key="population_why").delete()
    text = "Quokkas jump over many fences, as the long answer of this practice tells us at length."
    Answer.objects.create(application=draft, key="population_why", value=text)
    assert not SearchEntry.objects.exists()
    owner = MembershipFactory(role="practice_owner", organisation=draft.practice)
    submission.submit(draft, signed_name="A", signed_title="B", by=owner)
    assert found(analyst, cycle, "quokkas") == {draft.practice.name}
    Answer.objects.filter(application=draft, key="population_why").update(value="Wombats dig.")
    searching.refresh([draft.pk])
    assert found(analyst, cycle, "wombats") == set()


def test_renamed_practice_is_found_by_its_new_name_only(named, analyst, cycle):
    organisation = named("Élan Santé").practice
    organisation.name = "Zebra Care"
    organisation.save()
    assert found(analyst, cycle, "zebra") == {"Zebra Care"}
    assert found(analyst, cycle, "elan") == set()


def test_command_writes_everything_anew(named, analyst, cycle, capsys):
    row = named("Élan Santé")
    Organisation.objects.filter(pk=row.practice_id).update(name="Zebra Care")
    call_command("rebuild_search", "--missing")
    assert found(analyst, cycle, "zebra") == set()
    call_command("rebuild_search")
    assert found(analyst, cycle, "zebra") == {"Zebra Care"}
    assert "1 applications anew" in capsys.readouterr().out


def test_answers_of_many_different_words_do_not_stop_a_submission(named, cycle):
    row = named("Élan Santé")
    text = " ".join(f"w{n:05}ż" for n in range(150_000))
    Submission.objects.create(
        application=row,
        number=2,
        content=json.dumps({"practice": {"dba": "D"}, "sites": [], "answers": {"why": text}}),
        sha256="0" * 64,
        created_at=timezone.now(),
    )
    assert searching.refresh([row.pk]) == 1
