"""What leaves the portal as a file: everything that may, nothing that may not, and no formula."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.enums import Role
from core.exceptions import DomainError, WrongState
from scoring.domain import assignments, exports, reopening, scores, settling, sheets
from scoring.domain.differences import picture
from scoring.domain.settling import Agreed
from scoring.enums import ExportFormat, JobState
from scoring.exporting.formats import ROWS_AT_ONCE
from scoring.exporting.records import COLUMNS, STATES, records
from scoring.models import CriterionNote, ExportJob, ScoreSheet
from scoring.tasks import sweep_exports
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.hostile import NASTY
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    codes_of,
    give,
    hand_in,
    in_review,
    send_back_and_again,
    store,
)
from tests.scoring.conflicting import check
from tests.scoring.settling import apart, points_of

pytestmark = pytest.mark.django_db
AT = datetime(2023, 12, 9, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def review():
    review = in_review()
    code = codes_of(review.sheet)[0]
    hand_in(review.sheet, 54)
    CriterionNote.objects.create(sheet=review.sheet, code=code, text="Only mine")
    ScoreSheet.objects.filter(pk=review.sheet.pk).update(submitted_at=AT)
    return review


def rows_of(hat, cycle, **kwargs):
    return list(records(hat, cycle, **({"with_names": True} | kwargs)))


def export(web, cycle, kind, reviewers="names"):
    return web.post(
        reverse("scoring:exports") + f"?cycle={cycle.slug}", {"kind": kind, "reviewers": reviewers}
    )


def content(response):
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return b"".join(response.streaming_content)


def test_a_row_says_everything_about_one_criterion_and_no_private_note(review):
    application = review.application
    rows = rows_of(review.lead, application.cycle)
    assert [row["criterion"] for row in rows] == codes_of(review.sheet)
    first = rows[0]
    assert tuple(first) == COLUMNS
    assert first | {"title": ""} == {
        "application": application.reference,
        "practice": application.practice.name,
        "plan": review.lead.organisation.name,
        "reviewer": review.reviewer.user.full_name,
        "sheet": review.sheet.pk,
        "purpose": "score",
        "state": "submitted",
        "version": 1,
        "submitted_utc": "2023-12-09T01:00:00Z",
        "submitted_pacific": "2023-12-08T17:00:00-08:00",
        "criterion": "1.1",
        "title": "",
        "points": 3,
        "max_points": 5,
        "comment": "Clear and specific.",
        "official_score": None,
        "official_basis": "",
    }
    assert "Only mine" not in str(rows)


def test_a_reopened_sheet_keeps_its_earlier_version_in_the_export(review):
    reopening.reopen(review.sheet, reason="Look again", by=review.lead)
    store(ScoreSheet.objects.get(pk=review.sheet.pk), {"1.1": 1}, {"1.1": "Now less"})
    cycle = review.application.cycle
    [first, *_rest] = rows_of(review.lead, cycle)
    assert (first["state"], first["version"], first["points"]) == ("earlier version", 1, 3)
    assert {row["state"] for row in rows_of(review.lead, cycle)} == {"earlier version"}
    hand_in(ScoreSheet.objects.get(pk=review.sheet.pk), 61)
    rows = rows_of(review.lead, cycle)
    assert [(row["state"], row["version"]) for row in rows if row["criterion"] == "1.1"] == [
        ("earlier version", 1),
        ("submitted", 2),
    ]
    assert exports.count_rows(review.lead, cycle) == len(rows)


def test_a_void_sheet_says_so_and_an_open_one_is_left_out(review):
    second = give(review.application, review.lead)
    store(second, {"1.1": 5}, {"1.1": "Not yet said"})
    ScoreSheet.objects.filter(pk=review.sheet.pk).update(voided_at=AT)
    rows = rows_of(review.lead, review.application.cycle)
    assert {(row["sheet"], row["state"]) for row in rows} == {(review.sheet.pk, "void")}


def test_a_sheet_that_another_replaced_says_so_and_one_counts(review):
    owner = MembershipFactory(role=Role.PRACTICE_OWNER, organisation=review.application.practice)
    application = send_back_and_again(review, owner)
    assignments.resume(application, by=review.lead)
    fresh = ScoreSheet.objects.get(assignment__application=application, assignment__ended_at=None)
    sheets.submit(fresh, by=review.reviewer)
    rows = rows_of(review.lead, application.cycle)
    assert {(row["sheet"], row["state"], row["version"]) for row in rows} == {
        (review.sheet.pk, "replaced", 1),
        (fresh.pk, "submitted", 1),
    }


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_third_readers_sheet_says_so_in_every_format(as_hat, kind):
    case = apart()
    third = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    hand_in(third.sheet, 80)
    body = content(export(as_hat(case.lead), case.application.cycle, kind))
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    elif kind == "json":
        rows = json.loads(body)
    else:
        heads, *lines = load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
        rows = [dict(zip(heads, line, strict=True)) for line in lines]
    scorers = {(str(sheet.pk), "score", "submitted") for sheet in case.sheets}
    assert {(str(row["sheet"]), row["purpose"], row["state"]) for row in rows} == scorers | {
        (str(third.sheet.pk), "third_reader", "submitted")
    }


@pytest.mark.parametrize("with_names", [True, False])
def test_consensus_and_official_score_are_in_the_export(with_names):
    case = apart(totals=(70, 36))
    cycle = case.application.cycle
    codes = [code for code in codes_of(case.sheets[0]) if len(points_at(case, code)) > 1]
    agreed = {code: Agreed(2, f"Because of {code}.") for code in codes}
    seen = picture(case.application).mark
    settled = settling.agree(case.adjudication, agreed=agreed, seen=seen, by=case.lead)
    confirmed = scores.confirm(case.application, by=case.lead)
    rows = rows_of(case.lead, cycle, with_names=with_names)
    assert exports.count_rows(case.lead, cycle) == len(rows)
    assert {(row["official_score"], row["official_basis"]) for row in rows} == {
        (confirmed.mcp_score, "consensus")
    }
    consensus = rows[-len(codes) :]
    assert [row for row in rows if row["state"] == "consensus"] == consensus
    who = case.lead.label if with_names else "lead"
    assert [(row["criterion"], row["points"], row["comment"]) for row in consensus] == [
        (code, 2, f"Because of {code}.") for code in codes
    ]
    assert {(row["reviewer"], row["sheet"], row["version"]) for row in consensus} == {(who, "", 1)}
    moment = settled.settled_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    assert {row["submitted_utc"] for row in consensus} == {moment}
    assert (case.lead.user.full_name in str(rows)) is with_names


def points_at(case, code):
    return {points_of(sheet)[code] for sheet in case.sheets}


def test_every_column_and_state_is_in_the_document():
    text = (settings.BASE_DIR / "docs" / "score-export.md").read_text()
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", text, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert named == [*COLUMNS, *STATES]


def test_reviewers_have_one_code_each(review):
    second = hand_in(give(review.application, review.lead))
    rows = rows_of(review.lead, review.application.cycle, with_names=False)
    assert {(row["sheet"], row["reviewer"]) for row in rows} == {
        (review.sheet.pk, "R1"),
        (second.pk, "R2"),
    }
    assert review.reviewer.user.full_name not in str(rows)


def test_everybody_exports_only_what_they_may_see(review, hat_of):
    cycle = review.application.cycle
    other = hand_in(in_review(cycle=cycle).sheet)
    analyst = hat_of(Role.DHCS_ANALYST)
    seen = {
        who: {row["sheet"] for row in rows_of(hat, cycle)}
        for who, hat in (("lead", review.lead), ("other lead", a_lead()), ("analyst", analyst))
    }
    assert seen == {
        "lead": {review.sheet.pk},
        "other lead": set(),
        "analyst": {review.sheet.pk, other.pk},
    }
    check(review.application, review.lead.user)
    check(review.application, analyst.user)
    assert rows_of(review.lead, cycle) == []
    assert {row["sheet"] for row in rows_of(analyst, cycle)} == {other.pk}


def test_csv_opens_as_text_and_holds_every_row(as_hat, review):
    texts = dict(zip(codes_of(review.sheet), NASTY, strict=False))
    reopening.reopen(review.sheet, reason="Again", by=review.lead)
    store(ScoreSheet.objects.get(pk=review.sheet.pk), {}, texts)
    hand_in_again = ScoreSheet.objects.get(pk=review.sheet.pk)
    ScoreSheet.objects.filter(pk=hand_in_again.pk).update(submitted_at=AT, submitted_by="X")
    body = content(export(as_hat(review.lead), review.application.cycle, "csv"))
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(rows) == 36
    found = {row["criterion"]: row["comment"] for row in rows if row["version"] == "2"}
    assert found["1.1"] == texts["1.1"]
    formula = next(code for code, text in texts.items() if text.startswith("="))
    assert found[formula] == "'" + texts[formula]
    dangerous = ("=", "+", "-", "@")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(dangerous)]


def test_a_csv_of_more_rows_than_are_written_together_keeps_their_order(as_hat, review):
    cycle, lead = review.application.cycle, review.lead
    for _one in range(12):
        more = in_review(lead, cycle=cycle)
        hand_in(more.sheet, 54)
    body = content(export(as_hat(lead), cycle, "csv"))
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(rows) == 13 * 18 > ROWS_AT_ONCE
    found = [(row["application"], int(row["sheet"]), row["criterion"]) for row in rows]
    sheets = ScoreSheet.objects.order_by("assignment__application_id", "pk")
    assert found == [
        (sheet.assignment.application.reference, sheet.pk, code)
        for sheet in sheets
        for code in codes_of(sheet)
    ]
    assert [row["points"] for row in rows] == ["3"] * len(rows)


def test_xlsx_holds_strings_and_numbers_and_no_formula(as_hat, review):
    reopening.reopen(review.sheet, reason="Again", by=review.lead)
    sheet = ScoreSheet.objects.get(pk=review.sheet.pk)
    store(sheet, {}, {"1.1": "=1+1", "1.2": "#REF!"})
    ScoreSheet.objects.filter(pk=sheet.pk).update(submitted_at=AT, submitted_by="X")
    body = content(export(as_hat(review.lead), review.application.cycle, "xlsx"))
    tab = load_workbook(io.BytesIO(body)).active
    assert [cell.value for cell in tab[1]] == list(COLUMNS)
    last = {row[10].value: row for row in tab.iter_rows(min_row=20)}
    cell = last["1.1"][14]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
    assert (last["1.2"][14].value, last["1.2"][14].data_type) == ("#REF!", "s")
    assert (last["1.1"][12].value, last["1.1"][13].value) == (3, 5)


def test_json_has_the_records_as_they_are(as_hat, review):
    cycle = review.application.cycle
    body = content(export(as_hat(review.lead), cycle, "json", "codes"))
    assert json.loads(body) == rows_of(review.lead, cycle, with_names=False)


@pytest.mark.parametrize("count", [1, 3])
def test_an_export_costs_the_same_for_one_sheet_and_three(review, count, django_assert_num_queries):
    cycle = review.application.cycle
    for _ in range(count - 1):
        hand_in(give(review.application, review.lead))
    with django_assert_num_queries(6):
        assert len(rows_of(review.lead, cycle)) == 18 * count


@pytest.fixture
def job(review):
    return exports.ask(
        review.application.cycle, kind=ExportFormat.JSON, with_names=False, by=review.lead
    )


def test_a_large_export_is_ordered_once_and_written_by_a_worker(as_hat, review, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 17)
    web, cycle = as_hat(review.lead), review.application.cycle
    for _ in range(2):
        response = export(web, cycle, "csv")
        assert (response.status_code, response.url) == (
            302,
            reverse("scoring:exports") + "#export-jobs",
        )
    [job] = ExportJob.objects.all()
    page = web.get(reverse("scoring:exports")).content.decode()
    assert "0 of 18 rows written" in page
    assert "every 3s" in page
    assert web.get(reverse("scoring:export_file", args=[job.pk])).status_code == 409
    assert sweep_exports() == 1
    assert "every 3s" not in web.get(reverse("scoring:exports")).content.decode()
    body = content(web.get(reverse("scoring:export_file", args=[job.pk])))
    assert len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))) == 19
    assert sweep_exports() == 0


def test_a_killed_worker_is_replaced_and_leaves_no_file(job):
    default_storage.save("exports/half.json", io.BytesIO(b"["))
    started = timezone.now() - timedelta(minutes=11)
    ExportJob.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, started_at=started, file="exports/half.json"
    )
    assert exports.carry_out(job.pk).state == JobState.DONE
    job.refresh_from_db()
    assert default_storage.listdir("exports")[1] == [job.file.removeprefix("exports/")]
    with exports.open_file(job) as stored:
        assert len(json.loads(stored.read())) == job.rows == 18


def test_a_worker_at_work_is_left_alone(job):
    ExportJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=timezone.now())
    assert exports.carry_out(job.pk) is None


def test_an_export_of_a_hat_that_was_switched_off_is_not_written(job):
    job.made_by.is_active = False
    job.made_by.save()
    assert exports.carry_out(job.pk).state == JobState.FAILED
    job.refresh_from_db()
    assert job.message == "You can't export scores any more."
    assert not default_storage.exists(job.file)


def test_only_the_hat_that_asked_downloads_it(as_hat, hat_of, job):
    exports.carry_out(job.pk)
    address = reverse("scoring:export_file", args=[job.pk])
    colleague = hat_of(Role.MCP_LEAD, job.made_by.organisation)
    assert as_hat(colleague).get(address).status_code == 404
    assert as_hat(hat_of(Role.DHCS_ANALYST)).get(address).status_code == 404
    assert len(json.loads(content(as_hat(job.made_by).get(address)))) == 18
    assert as_hat(job.made_by).post(address).status_code == 405


def test_a_conflict_that_came_later_takes_the_file_away(job, review):
    exports.carry_out(job.pk)
    job.refresh_from_db()
    check(review.application, review.lead.user)
    with pytest.raises(WrongState, match="A conflict of interest was declared"):
        exports.open_file(job)
    assert not default_storage.exists(job.file)
    assert not ExportJob.objects.exists()


def test_files_are_swept_after_a_day(job):
    exports.carry_out(job.pk)
    job.refresh_from_db()
    day = timezone.now() - timedelta(hours=24, minutes=1)
    ExportJob.objects.update(created_at=day)
    assert sweep_exports() == 1
    assert not default_storage.exists(job.file)
    assert not ExportJob.objects.exists()


def test_nothing_to_export_is_said(as_hat):
    lead = a_lead()
    cycle = CycleFactory()
    with pytest.raises(DomainError, match="nothing to export"):
        exports.ask(cycle, kind=ExportFormat.CSV, with_names=True, by=lead)
    response = as_hat(lead).get(reverse("scoring:exports"))
    assert "Nothing to export yet" in response.content.decode()


def test_a_format_that_does_not_exist_is_refused(as_hat, review):
    response = export(as_hat(review.lead), review.application.cycle, "exe")
    assert response.status_code == 422
    assert "Choose one of the answers in the list." in response.content.decode()


@pytest.mark.parametrize("role", [Role.MCP_REVIEWER, Role.PRACTICE_OWNER, Role.MILESTONE_REVIEWER])
def test_others_do_not_export(as_hat, hat_of, role):
    assert as_hat(hat_of(role)).get(reverse("scoring:exports")).status_code == 403
