"""Reopening a submitted sheet, and reading what it was before."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from applications.enums import Status
from core.views import ActionView, HatView
from scoring.domain import reopening
from scoring.domain.conflicts import needs_declaration
from scoring.forms.reopening import ReopenForm
from scoring.models import PlannedRecommendation, SheetVersion
from scoring.queries import comments_of, scores_of, sheets_visible_to
from scoring.queries.pages import versions_of


class ReopenView(ActionView):
    """Give a submitted sheet back to its reviewer; the page lists what follows."""

    permission_required = "scoring.reopen_sheet"
    template_name = "scoring/reopen.html"
    form_class = ReopenForm
    success_message = gettext_lazy(
        "The sheet is open again. The reviewer has been told by email. What was submitted is kept."
    )

    def get_queryset(self):
        """Return what the hat may see."""
        return sheets_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what will happen, or why it can't."""
        application = self.object.assignment.application
        self.request.cycle = application.cycle
        return super().get_context(
            application=application,
            reviewer=self.object.assignment.reviewer,
            refused=reopening.why_not(self.object, application.status),
            effects=self.effects(application),
            **extra,
        )

    def effects(self, application) -> list[str]:
        """Return what reopening does, a sentence each."""
        name = self.object.assignment.reviewer.user.full_name
        found = [
            _("%(name)s can change points and comments and submits again.") % {"name": name},
            _("The sheet as it was submitted (%(total)d points) stays to be read.")
            % {"total": self.object.total},
            _("%(name)s gets an email with your reason.") % {"name": name},
        ]
        if application.status == Status.SCORED:
            found.append(
                _("The confirmed MCP score of %(score)s is taken back. Confirm it again later.")
                % {"score": application.mcp_score}
            )
            if PlannedRecommendation.objects.filter(application=application).exists():
                found.append(_("The recommendation that was prepared is removed."))
        return found

    def perform(self, form) -> SheetVersion:
        """Reopen."""
        return reopening.reopen(
            self.object, reason=form.cleaned_data["reason"], by=self.request.hat
        )

    def get_success_url(self) -> str:
        """Return the application's page."""
        return reverse("scoring:application", args=[self.object.assignment.application_id])


class EarlierView(HatView):
    """Every version of a sheet: as it was each time before it was reopened, and as it is."""

    permission_required = "scoring.view_sheet"
    template_name = "scoring/earlier.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return sheets_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the versions side by side, by criterion."""
        sheet, application = self.object, self.object.assignment.application
        self.request.cycle = application.cycle
        versions = list(versions_of(sheet)) if self.is_open else []
        scores, comments = scores_of(sheet), comments_of(sheet)
        rows = [
            {
                "criterion": criterion,
                "then": [version.content.get(criterion.code, {}) for version in versions],
                "points": scores[criterion.code].points if criterion.code in scores else None,
                "comment": comments[criterion.code].text if criterion.code in comments else "",
            }
            for criterion in application.cycle.definition.criteria()
        ]
        return super().get_context(
            application=application,
            reviewer=sheet.assignment.reviewer,
            versions=versions,
            rows=rows if versions else [],
            **extra,
        )

    @property
    def is_open(self) -> bool:
        """Whether this hat reads earlier versions: the reviewer, the lead and DHCS, no colleague."""
        assignment = self.object.assignment
        own = assignment.reviewer_id == self.request.hat.pk
        if own:
            return not needs_declaration(assignment)
        return self.request.hat.role != Role.MCP_REVIEWER
