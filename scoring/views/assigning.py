"""The lead's assignment page: what lacks reviewers, and giving many applications to one person."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from core.views import HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain.giving import GIVE, Verdict, give, judge
from scoring.domain.room import rooms
from scoring.domain.team import today
from scoring.forms.assigning import AutomaticForm, PickForm
from scoring.queries import absences_of, reviewers_of, with_assignments
from scoring.queries.assigning import (
    LACKING,
    NEEDS,
    assignable,
    needing,
    needs,
    open_run,
)
from scoring.views.assign_words import (
    SHOWN,
    count,
    figure,
    figures_of,
    say_given,
    shown_rows,
)

PAGE_SIZE = 50
MOST = 1000  # applications that are given by hand at once
PREVIEW = "scoring/assign_preview.html"
LONGEST_ID = 17


class AssignPage(HatView):
    """What the assignment pages share: the plan's cycle and how many reviewers the program wants."""

    permission_required = "scoring.assign_plan"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def each(self) -> int:
        """How many reviewers an application has by the program's rule."""
        return self.cycle.definition.scoring.reviewers_per_application if self.cycle else 1

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the cycle."""
        self.request.place = reverse("scoring:assign_many")
        return super().get_context(**{"cycle": self.cycle, "each": self.each} | extra)


class AssignManyView(AssignPage):
    """What lacks reviewers; pick some and a person, look at every effect, then give them."""

    template_name = "scoring/assign_many.html"
    is_read = True

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add counts, reviewers, the run that is open, and the applications after `after`."""
        if self.cycle is None:
            return super().get_context(**extra)
        hat = self.request.hat
        mine = assignable(hat, self.cycle)
        counts = needs(mine, self.each)
        rows = self._page(needing(mine, self.need, self.each))
        context = {
            "figures": _figures(counts),
            "chips": _chips(counts, self.need),
            "need": self.need,
            "matching": counts[self.need],
            "most": MOST,
            "rows": rows[:PAGE_SIZE],
            "more": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
            "reviewers": _reviewer_rows(self.reviewers, hat),
            "run": open_run(hat, self.cycle),
            "form": PickForm(self.reviewers),
            "automatic_form": AutomaticForm(self.each),
            "picked": frozenset(),
            "elsewhere": (),
            "all": False,
        } | extra
        shown = {row.pk for row in context["rows"]}
        context["elsewhere"] = ",".join(str(pk) for pk in sorted(context["picked"] - shown))
        return super().get_context(**context)

    @cached_property
    def reviewers(self) -> list[Membership]:
        """Who reviews for the plan, with their open reviews."""
        return list(reviewers_of(self.request.hat.organisation))

    @cached_property
    def need(self) -> str:
        """Which applications are listed."""
        asked = self.request.POST.get("need") or self.request.GET.get("need", "")
        return asked if asked in NEEDS else LACKING

    def post(self, request, *args, **kwargs):
        """Look at the effects, give, or go back to the list with everything still picked."""
        if self.cycle is None:
            return self.render()
        form = PickForm(self.reviewers, request.POST)
        pks = self._picked()
        everything = "all" in request.POST
        valid = form.is_valid()
        if not everything and not pks:
            form.add_error(None, _("Pick at least one application."))
        found = self._applications(pks, everything=everything)
        if len(found) > MOST:
            message = _("At most %(most)s applications can be given at once. Pick fewer.")
            form.add_error(None, message % {"most": f"{MOST:,}"})
        again = {"form": form, "picked": pks, "all": everything}
        if request.POST.get("step") == "back":
            return self.render(**again | {"form": self._unjudged()})
        if not valid or form.errors:
            return self.render(status=422, **again)
        wanted = [(one, form.chosen) for one in found]
        if request.POST.get("step") == "give":
            return self._give(wanted, form.chosen)
        return self._preview(judge(wanted, plan=request.hat.organisation), form.chosen)

    def _give(self, wanted: list[tuple[Application, Membership]], reviewer: Membership):
        """Give what was shown; show it again when it would be something else by now."""
        verdicts = judge(wanted, plan=self.request.hat.organisation)
        if str(count(verdicts, GIVE)) != self.request.POST.get("promised"):
            refusal = _("Something changed since you opened this page. Look again, then give.")
            return self._preview(verdicts, reviewer, refusal=refusal, status=409)
        done = give(wanted, by=self.request.hat)
        say_given(self.request, done)
        return HttpResponseRedirect(f"{reverse('scoring:assign_many')}?need={self.need}")

    def _preview(self, verdicts: list[Verdict], reviewer: Membership, status=200, refusal=""):
        given = count(verdicts, GIVE)
        context = {
            "refusal": refusal,
            "reviewer": reviewer,
            "need": self.need,
            "given": given,
            "picked": ",".join(str(one.application.pk) for one in verdicts),
            "figures": figures_of(verdicts),
            "rows": shown_rows(verdicts),
            "hidden": max(0, len(verdicts) - SHOWN),
            "effects": _effects(given, reviewer),
        }
        return render(self.request, PREVIEW, AssignPage.get_context(self, **context), status=status)

    def _unjudged(self) -> PickForm:
        """Return the form with the same reviewer and no errors."""
        return PickForm(self.reviewers, initial={"reviewer": self.request.POST.get("reviewer", "")})

    def _picked(self) -> frozenset[int]:
        """Return the ids of the ticked boxes and of those that a page before kept."""
        kept = self.request.POST.get("picked", "").split(",")
        return frozenset(_numbers([*self.request.POST.getlist("pick"), *kept]))

    def _applications(self, pks: frozenset[int], *, everything: bool) -> list[Application]:
        mine = assignable(self.request.hat, self.cycle).order_by("pk")
        found = needing(mine, self.need, self.each) if everything else mine.filter(pk__in=pks)
        return list(found[: MOST + 1])

    def _page(self, applications) -> list[Application]:
        after = _numbers([self.request.GET.get("after", "")])
        if after:
            applications = applications.filter(pk__gt=after[0])
        return list(with_assignments(applications.order_by("pk"))[: PAGE_SIZE + 1])


def _figures(counts: dict[str, int]) -> list[dict[str, str]]:
    return [
        figure(_("Without a reviewer"), counts["nobody"]),
        figure(_("With too few reviewers"), counts["some"]),
        figure(_("With all reviewers"), counts["any"] - counts["lacking"]),
    ]


def _chips(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    base = reverse("scoring:assign_many")
    labels = {
        "lacking": _("Need reviewers"),
        "nobody": _("Without a reviewer"),
        "some": _("With too few"),
        "any": _("All that can be assigned"),
    }
    return [
        {
            "label": labels[need],
            "count": counts[need],
            "href": f"{base}?need={need}",
            "active": need == current,
        }
        for need in NEEDS
    ]


def _reviewer_rows(reviewers: list[Membership], lead: Membership) -> list[dict[str, Any]]:
    """Return load, limit, absence, and whether the automatic run leaves the person out."""
    free = rooms(lead.organisation, reviewers)
    away = {}
    for one in absences_of(lead.organisation, today()):
        away.setdefault(one.hat.user_id, one)
    reviewing = {hat.user_id for hat in reviewers if hat.role == Role.MCP_REVIEWER}
    return [
        {
            "hat": hat,
            "room": free[hat.pk],
            "absence": away.get(hat.user_id),
            "is_left_out": hat.role == Role.MCP_LEAD
            and (hat.user_id in reviewing or not hat.has_profile),  # type: ignore[attr-defined]
        }
        for hat in reviewers
    ]


def _effects(given: int, reviewer: Membership) -> list[str]:
    words = {"n": given, "person": reviewer.user.full_name}
    first = ngettext("%(person)s gets %(n)d review.", "%(person)s gets %(n)d reviews.", given)
    return [
        first % words,
        _("%(person)s is told in one email.") % words,
        _("Applications that nobody had go into review."),
    ]


def _numbers(texts: Iterable[str]) -> list[int]:
    """Return the texts that are ids; anything else names nothing."""
    return [
        int(text)
        for text in texts
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID
    ]
