import io
import json
from collections import Counter, defaultdict
from dataclasses import replace
from random import Random

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone

from accounts.demo import DEMO_PASSWORD, demo_people
from accounts.enums import Role
from accounts.models import Membership, User
from applications import content as contents
from applications.dossier import Dossier
from applications.enums import Status
from applications.identifiers import clean_npi, clean_tin, decrypt
from applications.models import Application, ApplicationTransition, Practice, Submission
from core.canonical import digest
from notifications.models import OutboxEmail
from programs.models import Cycle
from scoring.domain.conflicts import needs_declaration
from scoring.models import Adjudication, CriterionScore, ScoreSheet
from scoring.queries import comments_of, my_sheets, scores_of
from scoring.rubric import official_score, without_comment
from selection.domain import reconsidering
from selection.engine import Rules, evaluate, mix
from selection.engine.solving import smallest_points
from selection.enums import Outcome
from selection.models import Decision, Proposal
from selection.queries import candidates
from selection.queries.reconsiderations import readers_for
from selection.seeding.members import split

pytestmark = pytest.mark.django_db
SMALL = 12


def seed(count, *words, slug="demo", number=1):
    call_command(
        "seed_cohort",
        f"--cycle={slug}",
        f"--applications={count}",
        f"--seed={number}",
        *words,
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )
    return Cycle.objects.get(slug=slug)


def with_points(rules, **points):
    changed = tuple(
        rule.model_copy(update={"points": points.get(rule.value, rule.points)})
        for rule in rules.points
    )
    return Rules(changed, rules.threshold, rules.budget, waitlist_margin=rules.waitlist_margin)


def at_threshold(rules, threshold):
    return Rules(rules.points, threshold, rules.budget, waitlist_margin=rules.waitlist_margin)


def share_of(population, rows, rules):
    selected = evaluate(rows, rules).selected
    return mix(selected, "population").get(population, 0) / len(selected)


def solved_on_the_page(web, cycle):
    """Ask for 40 % children and youth and 5 % pregnant people with other points and another threshold."""
    asked = {
        "least_population_children_youth": "40",
        "least_population_pregnant": "5",
        "points_population_children_youth": "0",
        "points_population_pregnant": "3",
        "threshold": "60",
        "line": "fits",
    }
    answer = web.get(reverse("selection:solve", args=[cycle.slug]), asked).context["points"]
    points = {row["label"]: row["after"] for row in answer["rows"]}
    return points | {figure["label"]: figure["value"] for figure in answer["figures"][:1]}


def test_719_applications_have_the_published_result(as_hat, analyst):
    cycle = seed(719, number=4)
    rows = candidates(cycle)
    rules = Rules.from_definition(cycle.definition.selection, cycle.budget)
    result = evaluate(rows, rules)
    selected = result.selected

    assert (len(rows), len(selected)) == (719, 211)
    assert mix(selected, "population") == {
        "pregnant": 11,
        "children_youth": 86,
        "adults_preventive": 39,
        "adults_chronic": 61,
        "behavioral_health": 14,
    }
    quartiles = mix(selected, "hpi_quartile")
    assert round(100 * (quartiles["1"] + quartiles["2"]) / 211) == 83
    percent = {k: round(100 * n / 211) for k, n in mix(selected, "practice_type").items()}
    assert percent == {
        "small_independent": 51, "fqhc": 42, "large_system": 4, "tribal_program": 5,
    }  # fmt: skip
    assert 90_000_000 <= result.cost <= cycle.budget
    assert result.without_payment == 0
    assert result.counts[Outcome.WAITLISTED] == 13
    assert sum(not row.recommended for row in rows) == 108

    endless = replace(rules, budget=None)
    lower, higher = (evaluate(rows, at_threshold(endless, n)) for n in (76, 78))
    assert lower.cost > cycle.budget
    assert len(higher.selected) < 211 < len(lower.selected)

    assert share_of("children_youth", rows, with_points(rules, children_youth=0)) < 0.40
    for pregnant in (0, 19, 20):
        fewer = with_points(rules, children_youth=11, pregnant=pregnant)
        assert share_of("children_youth", rows, fewer) < 0.40
    assert share_of("children_youth", rows, rules) >= 0.40
    assert share_of("pregnant", rows, with_points(rules, pregnant=19)) < 0.05
    assert share_of("pregnant", rows, rules) >= 0.05

    asked = smallest_points(result.pool, rules, rules.targets, fit=True)
    wished = [target.value for target in rules.targets]
    assert dict(zip(wished, asked.points, strict=True)) == {"children_youth": 12, "pregnant": 20}
    assert (asked.threshold, asked.selected) == (77, 211)

    shown = solved_on_the_page(as_hat(analyst), cycle)
    assert shown == {"Children and youth": 12, "Pregnant people": 20, "Threshold": "77"}

    held = Application.objects.filter(cycle=cycle, mcp_score__isnull=False)
    assert {row.pk: row.adjusted_score for row in held} == {
        v.candidate.pk: v.adjusted for v in result.verdicts
    }


def portrait(cycle):
    rows = Application.objects.filter(cycle=cycle).order_by("pk").select_related("practice")
    return [
        (
            row.reference,
            row.practice.name,
            row.mcp_score,
            row.created_at,
            row.submitted_at,
            [s.sha256 for s in row.submissions.all()],
            [(t.name, t.actor, t.reason, t.created_at) for t in row.transitions.all()],
            list(row.answers.order_by("key").values_list("key", "value")),
            [s.total for s in ScoreSheet.objects.filter(assignment__application=row)],
        )
        for row in rows
    ]


def test_the_same_seed_gives_the_same_cohort_and_another_seed_another():
    made = []
    for number in (1, 1, 2):
        with transaction.atomic():
            made.append(portrait(seed(20, number=number)))
            transaction.set_rollback(True)
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_submitted_applications_are_complete_and_signed_as_the_portal_does_it():
    cycle = seed(SMALL, "--through=submitted")
    rows = Application.objects.filter(cycle=cycle, status=Status.SUBMITTED)
    assert rows.count() == SMALL
    for application in rows.select_related("practice", "designated_mcp", "cycle"):
        dossier = Dossier.load(application)
        submission = Submission.objects.get(application=application)
        signed = json.loads(submission.content)
        attested = signed.pop("signed")
        assert dossier.missing == []
        assert signed == dossier.content
        assert submission.sha256 == digest(submission.content)
        assert attested["name"] == submission.signed_name
        assert attested["at"] == submission.created_at.isoformat(timespec="seconds")
        frozen = contents.frozen_columns(signed, cycle.definition.payment.bands)
        assert {name: getattr(application, name) for name in frozen} == frozen
        assert signed["answers"]["care_plan"].startswith("Synthetic text:")
        assert application.created_at <= application.submitted_at <= timezone.now()
        steps = ApplicationTransition.objects.filter(application=application)
        assert [(s.from_status, s.to_status) for s in steps] == [("draft", "submitted")]


def test_practices_have_identifiers_that_the_portal_accepts():
    seed(SMALL, "--through=draft")
    practices = list(Practice.objects.all())
    assert len({practice.npi for practice in practices}) == SMALL + 1
    for practice in practices:
        assert clean_npi(practice.npi) == practice.npi
        assert clean_tin(decrypt(practice.tin_encrypted))[-4:] == practice.tin_last4
        assert ".example" in practice.website


def test_sheets_add_up_and_say_why_where_the_rules_want_it():
    cycle = seed(SMALL)
    totals = defaultdict(list)
    for sheet in ScoreSheet.objects.select_related("assignment__application"):
        points = {code: row.points for code, row in scores_of(sheet).items()}
        comments = {code: row.text for code, row in comments_of(sheet).items()}
        application = sheet.assignment.application
        assert len(points) == sheet.given == len(cycle.definition.criteria())
        assert sum(points.values()) == sheet.total
        totals[application.mcp_score, application.score_basis, application.pk].append(sheet.total)
        required = cycle.definition.scoring.comment_required_at
        assert without_comment(points, comments, required) == []
        assert application.submitted_at < sheet.submitted_at < application.scored_at
        assert application.scored_at < timezone.now()
        assert not needs_declaration(sheet.assignment)
    assert len(totals) == SMALL
    for (score, basis, _pk), of_one in totals.items():
        assert official_score(of_one) == score
        assert basis == {1: "one_sheet", 2: "mean_of_2"}[len(of_one)]
        assert max(of_one) - min(of_one) <= cycle.definition.scoring.spread_limit_total
    assert {len(of_one) for of_one in totals.values()} == {1, 2}


def test_sheets_that_differ_wait_to_be_settled():
    cycle = seed(120, "--showcase")
    twice = (
        ScoreSheet.objects.filter(submitted_at__isnull=False)
        .values("assignment__application")
        .annotate(low=Min("total"), high=Max("total"))
    )
    limit = cycle.definition.scoring.spread_limit_total
    apart = {row["assignment__application"] for row in twice if row["high"] - row["low"] > limit}
    waiting = Adjudication.objects.filter(settled_at=None).values_list("application", flat=True)
    assert apart
    assert apart <= set(waiting)


def test_demo_people_sign_in_and_others_cannot(rf):
    seed(SMALL, "--showcase")
    people = demo_people()
    assert [p["email"].split("@")[0] for p in people] == [
        "owner", "contributor", "lead", "reviewer", "analyst", "second-analyst", "approver",
        "administrator", "auditor", "milestones",
    ]  # fmt: skip
    labels = [p["label"] for p in people]
    assert len(set(labels)) == len(labels)
    assert labels[4:6] == ["DHCS analyst", "DHCS analyst (Ines Ortega)"]
    roles = Membership.objects.filter(user__email__endswith="@demo.example")
    assert {hat.role for hat in roles} == set(Role.values)
    for person in people:
        user = authenticate(rf.post("/"), email=person["email"], password=DEMO_PASSWORD)
        assert user is not None, person
        assert EmailAddress.objects.filter(user=user, verified=True, primary=True).exists()
    owner = User.objects.get(email="owner-0001@practices.example")
    assert not owner.has_usable_password()


def test_the_demo_practice_has_a_half_finished_draft_in_an_open_cycle():
    cycle = seed(SMALL, "--showcase")
    practice = Membership.objects.get(user__email="owner@demo.example").organisation
    draft = Application.objects.select_related("cycle", "practice", "designated_mcp").get(
        practice=practice
    )
    dossier = Dossier.load(draft)
    assert cycle.is_open()
    assert draft.status == Status.DRAFT
    assert dossier.content["answers"]
    assert dossier.missing
    assert {item.section for item in dossier.missing}.isdisjoint({"practice", "sites", "members"})


def test_drafts_are_unfinished_and_nothing_is_signed():
    cycle = seed(SMALL, "--through=draft")
    assert set(Application.objects.filter(cycle=cycle).values_list("status", flat=True)) == {
        Status.DRAFT
    }
    assert Submission.objects.count() == 0
    assert cycle.is_open()


def test_decided_releases_every_decision_and_queues_its_email():
    cycle = seed(SMALL, "--through=decided")
    run = Proposal.objects.get(cycle=cycle)
    assert run.proposed_by.email == "analyst@demo.example"
    assert run.released_by.email == "approver@demo.example"
    assert Decision.objects.filter(proposal=run, in_force=True).count() == SMALL
    states = Counter(Application.objects.filter(cycle=cycle).values_list("status", flat=True))
    assert states == {"draft": 1, "selected": run.selected, "not_selected": run.not_selected}
    assert OutboxEmail.objects.filter(dedupe_key__startswith="decision:").count() == SMALL


def test_in_a_decided_demo_somebody_is_left_to_answer_a_request():
    cycle = seed(SMALL, "--through=decided")
    refused = Application.objects.filter(cycle=cycle, status=Status.NOT_SELECTED).first()
    owner = Membership.objects.get(organisation=refused.practice, role=Role.PRACTICE_OWNER)
    row = reconsidering.ask(refused, grounds="The score leaves out section four.", by=owner)
    dhcs = Membership.objects.get(user__email="approver@demo.example").organisation
    assert [hat.user.email for hat in readers_for(row, dhcs)] == ["second-analyst@demo.example"]


def test_the_showcase_has_every_state_and_work_for_the_demos_plan_people():
    cycle = seed(60, "--showcase")
    rows = Application.objects.filter(cycle=cycle)
    states = Counter(rows.values_list("status", flat=True))
    assert states == {
        "draft": 6, "submitted": 22, "in_review": 15, "scored": 8, "recommended": 6,
        "not_recommended": 2, "returned": 1, "withdrawn": 1,
    }  # fmt: skip
    reviewer = Membership.objects.get(user__email="reviewer@demo.example")
    mine = my_sheets(reviewer, cycle)
    assert any(sheet.submitted_at is None for sheet in mine)
    assert rows.filter(designated_mcp=reviewer.organisation).count() > 60 / 4
    partly = ScoreSheet.objects.filter(submitted_at=None, given__gt=0)
    assert partly.exists()
    for sheet in partly:
        points = CriterionScore.objects.filter(sheet=sheet).values_list("points", flat=True)
        assert (sum(points), len(points)) == (sheet.total, sheet.given)


def test_history_is_complete_and_says_that_it_is_synthetic():
    seed(2, "--through=submitted")
    events = apps.get_model("applications", "ApplicationEvent").objects.all()
    assert len(events) == 3
    assert {e.pgh_context.metadata["label"] for e in events} == {"Synthetic demo cohort"}


def test_a_second_cycle_goes_on_counting():
    first, second = seed(3, slug="one"), seed(3, slug="two")
    references = Application.objects.values_list("reference", flat=True)
    assert len(set(references)) == len(references) == 8
    assert Membership.objects.filter(user__email="owner@demo.example").count() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.next_number, second.next_number) == (5, 9)


def test_a_cycle_with_applications_is_refused():
    seed(1)
    with pytest.raises(CommandError, match=r"^The cycle demo already has applications; nothing"):
        seed(1)
    assert Application.objects.count() == 2


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_the_smallest_cohorts_can_be_made(count):
    assert len(candidates(seed(count))) == count


def test_split_keeps_the_total_and_gives_the_designated_plan_most():
    for total in (1, 2, 5, 50, 999, 60_000):
        for parts in (1, 2, 3):
            shares = split(total, parts, Random(total))
            assert sum(shares) == total
            assert min(shares) >= 1
            assert shares[0] == max(shares)
