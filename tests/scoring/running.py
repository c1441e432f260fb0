"""A plan with applications to share out, and what its automatic assignment came to."""

from django.utils import timezone

from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from scoring.domain import applying, automatic, team
from scoring.models import Assignment
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead
from tests.scoring.pools import many_applications, many_reviewers


class World:
    """A plan with `applications` submitted and `reviewers`, ready to be assigned."""

    def __init__(self, applications=4, reviewers=2):
        self.lead, self.cycle = a_lead(), CycleFactory()
        self.plan = self.lead.organisation
        self.applications = many_applications(self.plan, self.cycle, applications)
        self.hats = many_reviewers(self.plan, reviewers)

    def prepare(self, each=1):
        return automatic.prepare(self.plan, cycle=self.cycle, reviewers_each=each, by=self.lead)

    def apply(self, run):
        return applying.apply(run, by=self.lead)

    def limit(self, hat, number):
        team.set_profile(hat, max_open=number, counties=[], specialties=[], by=self.lead)

    def away(self, hat):
        day = team.today()
        team.add_absence(hat, first_day=day, last_day=day, by=self.lead)


def conflict(application, hat, outcome=ConflictOutcome.FAILED, *, hard=True):
    ConflictCheck.objects.create(
        application=application,
        person=hat.user,
        rule="family",
        source=ConflictSource.SELF,
        hard=hard,
        outcome=outcome,
        stated_by=hat.label,
        stated_at=timezone.now(),
    )


def standing():
    rows = Assignment.objects.filter(ended_at=None)
    return set(rows.values_list("application_id", "reviewer_id"))


def pairs_of(run):
    return {(application, hat) for application, hat in run.pairs}
