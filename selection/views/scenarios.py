"""Stored scenarios: the list, saving, renaming, sharing, and what colleagues say of them."""

from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from core.forms import version_given
from selection.domain import scenarios
from selection.engine import Rules
from selection.forms.comments import CommentForm, DescribeForm, SaveAsForm
from selection.models import Scenario
from selection.presenting.scenario_history import rule_changes, rules_in_words
from selection.queries.scenarios import comments_visible_to, scenarios_in, scenarios_visible_to
from selection.views.cycle_page import CyclePage
from selection.views.rules_page import RulesPage

SHOWN = 200
RULES = "rules"


def workbench_url(scenario: Scenario) -> str:
    """Return the address of the workbench with a stored scenario."""
    path = reverse("selection:workbench", args=[scenario.cycle.slug])
    return f"{path}?scenario={scenario.pk}"


class ScenariosView(CyclePage):
    """Every scenario of the cycle that the person may see: own ones, shared ones, archived ones."""

    permission_required = "selection.view_workbench"
    template_name = "selection/workbench/scenarios.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the scenarios."""
        hat = self.request.hat
        archived = scenarios_visible_to(hat).filter(cycle=self.cycle, archived_at__isnull=False)
        return super().get_context(
            rows=scenarios_in(self.cycle, hat)[:SHOWN],
            archived=archived.filter(owner=hat.user_id).order_by("-archived_at")[:SHOWN],
            may_edit=rules.has_perm("selection.edit_scenario", hat),
            **extra,
        )


class SaveAsView(RulesPage):
    """Store the rules of the address, or of the post, as a new scenario."""

    permission_required = "selection.edit_scenario"
    template_name = "selection/workbench/save_as.html"

    def get(self, request, *args, **kwargs):
        """Ask for a name."""
        form = self.form()
        if form.is_bound and not form.is_valid():
            return redirect(self._back())
        name = self.scenario.name if self.scenario else ""
        return self._show(SaveAsForm(initial={"name": name, "who": "me"}))

    def post(self, request, *args, **kwargs):
        """Store it, and go there."""
        form, words = self.form(), SaveAsForm(request.POST)
        if not form.is_bound or form.is_valid():
            if not words.is_valid():
                return self._show(words, 422)
            try:
                made = scenarios.create(
                    cycle=self.cycle,
                    name=words.cleaned_data["name"],
                    note=words.cleaned_data["note"],
                    rules=form.rules(),
                    is_shared=words.cleaned_data["who"] == "dhcs",
                    by=request.hat,
                    copied_from=self.scenario,
                )
            except DomainError as error:
                words.add_error("name", str(error))
                return self._show(words, 409)
            messages.success(request, _("“%(name)s” is saved.") % {"name": made.name})
            return redirect(workbench_url(made))
        words.is_valid()
        words.add_error(None, _("Check the rules in the workbench first. Nothing is saved yet."))
        return self._show(words, 422)

    def _show(self, words: SaveAsForm, status: int = 200) -> HttpResponse:
        form = self.form()
        used = form.rules() if not form.is_bound or form.is_valid() else self.base
        return self.render(
            status,
            form=words,
            scenario=self.scenario,
            hidden=form.hidden_fields_of(),
            facts=_facts(rules_in_words(used, self.vocabulary, self.closed)),
            back_url=self._back(),
        )

    def _back(self) -> str:
        query = self.request.GET.urlencode() if self.request.method == "GET" else ""
        if self.request.method == "POST":
            query = self.query(self.form()).removeprefix("?")
        return reverse("selection:workbench", args=[self.cycle.slug]) + (
            f"?{query}" if query else ""
        )


class ScenarioPage(RulesPage):
    """A page or an act about one stored scenario."""

    permission_required = "selection.edit_scenario"

    def get_queryset(self):
        """Return the scenarios that the hat may see, of the address' cycle."""
        return scenarios_visible_to(self.request.hat).filter(cycle__slug=self.kwargs["cycle"])

    @property
    def scenario(self) -> Scenario:
        """The scenario of the address."""
        return self.object


class SaveView(ScenarioPage):
    """Store the posted rules in the scenario; when somebody saved it meanwhile, show both."""

    template_name = "selection/workbench/conflict.html"
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Save, or say what stands in the way; nothing typed is lost."""
        form = self.form()
        if form.is_bound and not form.is_valid():
            path = reverse("selection:workbench", args=[self.cycle.slug])
            query = request.POST.copy()
            for name in ("csrfmiddlewaretoken", "hat", f"version:{RULES}"):
                query.pop(name, None)
            query["scenario"] = str(self.object.pk)
            return redirect(f"{path}?{query.urlencode()}")
        version = version_given(request.POST, RULES)
        try:
            saved = scenarios.save_rules(
                self.object, rules=form.rules(), version=version, by=request.hat
            )
        except scenarios.SavedMeanwhile as conflict:
            return self._both(form, conflict)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(workbench_url(self.object))
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
        return redirect(workbench_url(saved))

    def _both(self, form: Any, conflict: scenarios.SavedMeanwhile) -> HttpResponse:
        theirs = conflict.theirs
        differences = rule_changes(
            Rules.from_json(theirs.rules), form.rules(), self.vocabulary, self.closed
        )
        save_as = reverse("selection:scenario_new", args=[self.cycle.slug])
        query = self.query(form)
        return self.render(
            409,
            theirs=theirs,
            sentence=str(conflict),
            differences=differences,
            hidden=form.hidden_fields_of(),
            save_as_url=save_as + query,
            theirs_url=workbench_url(theirs),
        )


class EditView(ScenarioPage):
    """Name and note of a scenario."""

    template_name = "selection/workbench/edit.html"

    def get(self, request, *args, **kwargs):
        """Show the form."""
        return self._show(
            DescribeForm(initial={"name": self.object.name, "note": self.object.note})
        )

    def post(self, request, *args, **kwargs):
        """Store name and note."""
        form = DescribeForm(request.POST)
        if not form.is_valid():
            return self._show(form, 422)
        try:
            saved = scenarios.describe(
                self.object,
                name=form.cleaned_data["name"],
                note=form.cleaned_data["note"],
                version=version_given(request.POST, RULES),
                by=request.hat,
            )
        except DomainError as error:
            self.object = getattr(error, "theirs", self.object)
            form.add_error(None, str(error))
            return self._show(form, 409)
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
        return redirect(workbench_url(saved))

    def _show(self, form: DescribeForm, status: int = 200) -> HttpResponse:
        may_own = rules.has_perm("selection.own_scenario", self.request.hat, self.object)
        return self.render(
            status,
            form=form,
            scenario=self.object,
            may_own=may_own,
            back_url=workbench_url(self.object),
        )


class ScenarioAct(ScenarioPage):
    """One act on a scenario, which then shows the workbench or the list."""

    http_method_names = ["post"]

    def perform(self) -> tuple[str, str]:
        """Act; return what to say and where to go."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Act, and say what happened."""
        try:
            said, there = self.perform()
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(workbench_url(self.object))
        messages.success(request, said)
        return redirect(there)

    @property
    def list_url(self) -> str:
        """The address of the cycle's scenarios."""
        return reverse("selection:scenarios", args=[self.kwargs["cycle"]])


class DuplicateView(ScenarioAct):
    """A private copy of one's own."""

    def perform(self):
        """Copy."""
        made = scenarios.duplicate(self.object, by=self.request.hat)
        return _("“%(name)s” is yours. Only you see it.") % {"name": made.name}, workbench_url(made)


class ShareView(ScenarioAct):
    """Show it to DHCS, or to nobody else again."""

    permission_required = "selection.own_scenario"

    def perform(self):
        """Share it, or stop."""
        is_shared = self.request.POST.get("share") == "yes"
        scenarios.share(self.object, is_shared=is_shared, by=self.request.hat)
        said = (
            _("Everybody at DHCS and auditors can see this scenario now.")
            if is_shared
            else _("Only you can see this scenario now.")
        )
        return said, workbench_url(self.object)


class ArchiveView(ScenarioAct):
    """Out of the lists, or back."""

    permission_required = "selection.own_scenario"

    def perform(self):
        """Archive it, or put it back."""
        if self.request.POST.get("archive") == "no":
            scenarios.restore(self.object, by=self.request.hat)
            return _("The scenario is back."), workbench_url(self.object)
        scenarios.archive(self.object, by=self.request.hat)
        return _("The scenario is archived. You can put it back below."), self.list_url


class CommentView(ScenarioPage):
    """Say something about a scenario."""

    template_name = "selection/workbench/comment.html"

    def get(self, request, *args, **kwargs):
        """The comments are in the workbench."""
        return redirect(workbench_url(self.object) + "#talk")

    def post(self, request, *args, **kwargs):
        """Store the comment."""
        form = CommentForm(request.POST)
        if not form.is_valid():
            return self.render(
                422, form=form, scenario=self.object, back_url=workbench_url(self.object)
            )
        scenarios.comment(self.object, text=form.cleaned_data["text"], by=request.hat)
        return redirect(workbench_url(self.object) + "#talk")


class TakeBackView(CyclePage):
    """Take one's own comment back."""

    permission_required = "selection.edit_scenario"
    http_method_names = ["post"]

    def get_queryset(self):
        """Return the comments that the hat may see."""
        visible = comments_visible_to(self.request.hat)
        return visible.filter(scenario__cycle__slug=self.kwargs["cycle"])

    def post(self, request, *args, **kwargs):
        """Take it back."""
        try:
            scenarios.take_back(self.object, by=request.hat)
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(workbench_url(self.object.scenario) + "#talk")


def _facts(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in rows]
