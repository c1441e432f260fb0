"""Differences between sheets: the list of a plan, and settling one of them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.enums import Status
from applications.queries import applications_visible_to
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring import official
from scoring.basis import in_words
from scoring.domain import differences, settling
from scoring.forms.settling import ConsensusForm, ThirdReaderForm, points_name, reason_name
from scoring.models import Adjudication
from scoring.queries.settling import comments_by_sheet, differences_visible_to, submitted_totals
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50


class DisagreementsView(LeadPage):
    """The plan's differences: those that wait, the oldest first; below, those that are settled."""

    permission_required = "scoring.view_plan"
    template_name = "scoring/disagreements.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add a page of open and one of settled differences with the totals of their sheets."""
        cycle = choose_cycle(self.request, to_score)
        everything = differences_visible_to(self.request.hat, cycle)
        waiting = everything.filter(settled_at=None).order_by("pk")
        settled = everything.filter(settled_at__isnull=False).order_by("-pk")
        if after := number_given(self.request, "after"):
            waiting = waiting.filter(pk__gt=after)
        if before := number_given(self.request, "before"):
            settled = settled.filter(pk__lt=before)
        open_rows = list(waiting[: PAGE_SIZE + 1])
        settled_rows = list(settled[: PAGE_SIZE + 1])
        shown = open_rows[:PAGE_SIZE] + settled_rows[:PAGE_SIZE]
        totals = submitted_totals(row.application_id for row in shown)
        scoring = cycle.definition.scoring if cycle else None
        return super().get_context(
            cycle=cycle,
            open_rows=[(row, totals.get(row.application_id, []), age(row)) for row in open_rows][
                :PAGE_SIZE
            ],
            settled_rows=[(row, totals.get(row.application_id, [])) for row in settled_rows][
                :PAGE_SIZE
            ],
            more_open=open_rows[PAGE_SIZE - 1].pk if len(open_rows) > PAGE_SIZE else None,
            more_settled=settled_rows[PAGE_SIZE - 1].pk if len(settled_rows) > PAGE_SIZE else None,
            limit_total=scoring.spread_limit_total if scoring else 0,
            limit_criterion=scoring.spread_limit_criterion if scoring else 0,
            **extra,
        )


class DifferenceView(LeadPage):
    """The sheets of one application side by side, and the ways to settle what lies between them."""

    permission_required = "scoring.settle"
    template_name = "scoring/difference.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    @cached_property
    def found(self) -> differences.Picture:
        """What the sheets say now."""
        return differences.picture(self.object)

    @cached_property
    def apart(self) -> list:
        """The criteria on which the sheets do not agree, in the rubric's order."""
        criteria = self.object.cycle.definition.criteria()
        return [one for one in criteria if one.code in self.found.difference.apart]

    @property
    def can_settle(self) -> bool:
        """Whether there is something to settle, in a state in which it can be."""
        return (
            self.object.status == Status.IN_REVIEW
            and self.found.is_open
            and self.found.open is not None
        )

    def third_form(self, data=None) -> ThirdReaderForm:
        """Return the form over who may read as a third."""
        scored_by = [sheet.assignment.reviewer.user_id for sheet in self.found.sheets]
        return ThirdReaderForm(self.request.hat.organisation, scored_by, data)

    def consensus_form(self, data=None) -> ConsensusForm:
        """Return the form over the criteria that differ."""
        return ConsensusForm(*self.shown(), self.apart, data)

    def shown(self) -> tuple[int, str]:
        """Return the id of the open difference (1 for none) and the mark of the sheets."""
        return self.found.open.pk if self.found.open else 1, self.found.mark

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the sheets by criterion, the ways that are open, and the settled difference."""
        cycle = self.request.cycle = self.object.cycle
        self.request.place = reverse("scoring:disagreements")
        scoring, found = cycle.definition.scoring, self.found
        waiting = found.open if self.can_settle else None
        third = differences.reader_of(waiting) if waiting else None
        by_lead = waiting is not None and "consensus" in scoring.settling
        hand = settling.own_hand(self.object, found, self.request.hat) if by_lead else None
        consensus = extra.pop("consensus_form", None) or self.consensus_form()
        context = {
            "cycle": cycle,
            "found": found,
            "waiting": waiting,
            "third": third,
            "can_ask_third": bool(waiting and not third and "third_reader" in scoring.settling),
            "third_form": self.third_form() if waiting and not third else None,
            "hand": hand,
            "kept_out": settling.why_not_alone(hand) if hand and hand.keeps_out else "",
            "consensus_form": consensus,
            "rows": self.rows(consensus),
            "agreeing": self.agreeing(),
            "limit_total": scoring.spread_limit_total,
            "limit_criterion": scoring.spread_limit_criterion,
            "rubric_total": cycle.definition.rubric.total,
            "basis": in_words(found.settled.way) if found.settled else "",
            "fixed": sum(points for _criterion, points in self.agreeing()),
            "preview": None,
        }
        return super().get_context(**context | extra)

    def rows(self, form: ConsensusForm) -> list[dict[str, Any]]:
        """Return one row per criterion that differs: the points and comments of each sheet, fields."""
        submitted = self.found.submitted
        comments = comments_by_sheet(submitted) if len(submitted) > 1 else {}
        settled = self.found.settled.points if self.found.settled else {}
        return [
            {
                "criterion": one,
                "over": one.code in self.found.difference.over,
                "between": self.found.difference.apart[one.code],
                "given": [
                    (
                        sheet.assignment.reviewer.user.full_name,
                        self.found.points[sheet.pk].get(one.code),
                        comments.get(sheet.pk, {}).get(one.code, ""),
                    )
                    for sheet in submitted
                ],
                "points": form[points_name(one.code)],
                "reason": form[reason_name(one.code)],
                "settled": settled.get(one.code),
            }
            for one in self.apart
        ]

    def agreeing(self) -> list[tuple[Any, int]]:
        """Return (criterion, points) where the sheets agree; nothing for fewer than two sheets."""
        submitted = self.found.submitted
        if len(submitted) < 2:
            return []
        points = self.found.points[submitted[0].pk]
        return [
            (one, points.get(one.code, 0))
            for one in self.object.cycle.definition.criteria()
            if one.code not in self.found.difference.apart
        ]


class SettlingAct(DifferenceView, ActionView):
    """An act from the page of a difference; a refused one shows the page with what was typed."""

    form_name = "form"

    def render(self, status: int = 200, **extra: Any):
        """Put the bound form back in its place; `refused` feeds the error summary."""
        form = extra.pop("form", None)
        named = {self.form_name: form, "refused": form} if form is not None else {}
        return super().render(status=status, **extra, **named)

    def get(self, request, *args, **kwargs):
        """Acts have no page of their own."""
        return HatView.get(self, request, *args, **kwargs)


class ThirdReaderView(SettlingAct):
    """Ask a third reader."""

    form_name = "third_form"
    success_message = _(
        "The third reader has been told by email. That sheet settles the difference."
    )

    def get_form(self, data=None, files=None):
        """Return the form."""
        return self.third_form(data)

    def perform(self, form):
        """Assign."""
        reviewer = form.cleaned_data["reviewer"]
        return settling.assign_third(self.object, reviewer=reviewer, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return the page of the difference."""
        return reverse("scoring:difference", args=[self.object.pk])


class ConsensusView(SettlingAct):
    """Set the lead's points; with `preview` only the total is worked out."""

    form_name = "consensus_form"
    success_message = _("The difference is settled. Now confirm the score.")

    def get_form(self, data=None, files=None):
        """Return the form."""
        return self.consensus_form(data)

    def post(self, request, *args, **kwargs):
        """Work out the total, or settle."""
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form(request.POST)
        form.is_valid()
        given = form.points_so_far()
        sheet = self.found.points[self.found.submitted[0].pk] if self.found.submitted else {}
        missing = [one.code for one in self.apart if one.code not in given]
        total = None if missing else official.consensus_total(sheet, given)
        form.errors.clear()
        preview = {"total": total, "missing": ", ".join(missing)}
        return DifferenceView.render(self, consensus_form=form, preview=preview)

    def perform(self, form):
        """Settle the difference that the page was made for."""
        said = form.cleaned_data
        shown = Adjudication(pk=said["difference"], application=self.object)
        return settling.agree(shown, agreed=form.agreed(), seen=said["seen"], by=self.request.hat)

    def render(self, status: int = 200, **extra: Any):
        """After a refusal the page shows the sheets as they are, so the form is about those."""
        if status == 409:
            extra["form"].start_from(*self.shown())
        return super().render(status=status, **extra)

    def get_success_url(self) -> str:
        """Return the application's page, where the score is confirmed."""
        return reverse("scoring:application", args=[self.object.pk])


def age(row: Adjudication) -> str:
    """Return how long a difference has waited, in words."""
    days = (timezone.now() - row.opened_at).days
    if not days:
        return _t("less than a day")
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def number_given(request: HttpRequest, name: str) -> int | None:
    """Return the number of a page's mark in the address, or None when it is no number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else None
