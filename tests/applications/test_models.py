"""What the database refuses by itself, whatever the code above it does."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from applications.enums import Status
from applications.models import Answer, Application, ApplicationTransition, MemberCount
from applications.workflow import PAIRS
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def execute(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def set_status(application, target):
    """Change the status by SQL, with every other column as that state needs it."""
    return execute(
        "UPDATE applications_application SET status = %s, submitted_at = %s, decided_at = %s, "
        "withdrawn_at = %s, mcp_score = 70, priority_points = 0, adjusted_score = 70, "
        "recommended = true WHERE id = %s",
        target,
        None if target == Status.DRAFT else timezone.now(),
        timezone.now() if target in Status.decided else None,
        timezone.now() if target == Status.WITHDRAWN else None,
        application.pk,
    )


@pytest.mark.parametrize("source", Status.values)
def test_the_database_takes_exactly_the_steps_of_the_table(source):
    cycle = CycleFactory()
    taken = set()
    for target in Status.values:
        application = ApplicationFactory(status=source, cycle=cycle, submission=False)
        try:
            assert set_status(application, target) == 1
        except DatabaseError as error:
            assert "Invalid transition" in str(error)  # noqa: PT017 - either outcome is one of the table
        else:
            taken.add((source, target))
    assert taken == {pair for pair in PAIRS if pair[0] == source} | {(source, source)}


@pytest.mark.parametrize("table", ["applicationtransition", "submission", "applicationevent"])
@pytest.mark.parametrize(
    "act", ["UPDATE applications_{} SET {} = {}", "DELETE FROM applications_{}"]
)
def test_what_was_logged_or_signed_cannot_be_changed(table, act):
    application = ApplicationFactory(status=Status.SUBMITTED)
    ApplicationTransition.objects.create(
        application=application, name="submit", to_status="submitted", created_at=timezone.now()
    )
    column = {"applicationevent": "pgh_label"}.get(table, "application_id")
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"):
        execute(act.format(table, column, column))


def test_an_application_cannot_be_deleted():
    application = ApplicationFactory()
    with pytest.raises(DatabaseError, match="Cannot delete rows"):
        execute("DELETE FROM applications_application WHERE id = %s", application.pk)


@pytest.mark.parametrize(
    ("status", "columns", "constraint"),
    [
        ("draft", {"submitted_at": timezone.now()}, "applications_draft_iff_unsubmitted"),
        ("submitted", {"submitted_at": None}, "applications_draft_iff_unsubmitted"),
        ("submitted", {"decided_at": timezone.now()}, "applications_decided_at"),
        ("selected", {"decided_at": None}, "applications_decided_at"),
        ("submitted", {"withdrawn_at": timezone.now()}, "applications_withdrawn_at"),
        ("withdrawn", {"withdrawn_at": None}, "applications_withdrawn_at"),
        ("recommended", {"recommended": None}, "applications_recommended_when_handed_over"),
        ("scored", {"adjusted_score": 71}, "applications_adjusted_is_sum"),
        ("scored", {"priority_points": 19}, "applications_adjusted_is_sum"),
        ("submitted", {"hpi_quartile": 0}, "applications_hpi_range"),
        ("submitted", {"hpi_quartile": 5}, "applications_hpi_range"),
        (
            "scored",
            {"mcp_score": None, "priority_points": None, "adjusted_score": None},
            "applications_score_when_scored",
        ),
        (
            "scored",
            {"mcp_score": 91, "priority_points": 0, "adjusted_score": 91},
            "applications_score_range",
        ),
    ],
)
def test_the_columns_agree_with_the_state(status, columns, constraint):
    application = ApplicationFactory(status=status, submission=False)
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**columns)


def test_a_practice_has_one_open_application_in_a_cycle():
    first = ApplicationFactory(status=Status.WITHDRAWN)
    shared = {"cycle": first.cycle, "practice": first.practice}
    second = ApplicationFactory(**shared)
    ApplicationFactory(practice=first.practice)
    with pytest.raises(IntegrityError, match="applications_one_open_per_practice"):
        ApplicationFactory(**shared, reference="EPT1-999999-9")
    assert second.status == Status.DRAFT


def test_answers_and_members_are_stored_once():
    application = ApplicationFactory()
    Answer.objects.create(application=application, key="lead_name", value="Bo")
    with pytest.raises(IntegrityError, match="applications_answer_once"), transaction.atomic():
        Answer.objects.create(application=application, key="lead_name", value="Cy")
    practice, plan = PracticeFactory(), OrganisationFactory(kind="mcp")
    count = {"practice": practice, "plan": plan, "as_of": "2026-01-31"}
    with pytest.raises(IntegrityError, match="applications_members_positive"), transaction.atomic():
        MemberCount.objects.create(**count, members=0)
    MemberCount.objects.create(**count, members=1)
    with pytest.raises(IntegrityError, match="applications_members_once_per_plan"):
        MemberCount.objects.create(**count, members=2)


def test_two_practices_cannot_have_one_npi_but_many_can_have_none():
    first = PracticeFactory()
    PracticeFactory(npi="")
    PracticeFactory(npi="")
    with pytest.raises(IntegrityError, match="applications_npi_once"):
        PracticeFactory(npi=first.npi)


def test_history_keeps_every_value_of_an_answer():
    answer = Answer.objects.create(application=ApplicationFactory(), key="lead_name", value="Bo")
    Answer.objects.filter(pk=answer.pk).update(value="Cy", version=2)
    kept = answer.events.order_by("pgh_id").values_list("pgh_label", "value", "version")
    assert list(kept) == [("insert", "Bo", 1), ("update", "Cy", 2)]
