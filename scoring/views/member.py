"""One person of a plan: limit and preferences, days away, reviews; role and leaving."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import RoleForm
from accounts.teams import MAY_INVITE
from applications.queries import applications_visible_to
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain import people, team
from scoring.forms.team import AbsenceForm, ProfileForm
from scoring.models import Assignment
from scoring.queries.progress import NOTHING, last_changes, progress_of
from scoring.queries.team import (
    absences_by_hat,
    counties_of,
    members_visible_to,
    reviews_after,
    reviews_of,
    unfinished,
)

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = 20  # references that a list of effects spells out


class MemberView(HatView):
    """What a person has to do and has done, and what the lead can set for them."""

    permission_required = "scoring.manage_team"
    template_name = "scoring/member.html"

    @cached_property
    def cycle(self):
        """The cycle whose reviews are listed."""
        return choose_cycle(self.request, to_score)

    def get_queryset(self):
        """Return who leads or reviews, or did, for the lead's plan."""
        return members_visible_to(self.request.hat)

    def profile_form(self, data=None) -> ProfileForm:
        """Return the form of limit and preferences."""
        definition = self.cycle.localized if self.cycle else None
        return ProfileForm(
            data,
            counties=counties_of(self.object.organisation),
            specialties=definition.specialties if definition else (),
            profile=getattr(self.object, "reviewer_profile", None),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the reviews of the cycle by pages, the days away and the forms."""
        hat, plan = self.request.hat, self.object.organisation
        mine = applications_visible_to(hat).filter(cycle=self.cycle)
        rows = self._page(reviews_of(self.object, mine))
        progress = progress_of(plan, mine).get(self.object.pk, NOTHING)
        moments = (progress.active, last_changes(plan, mine).get(self.object.pk))
        own = {
            "cycle": self.cycle,
            "criteria": len(self.cycle.definition.criteria()) if self.cycle else 0,
            "reviews": rows[:PAGE_SIZE],
            "more": _mark(rows[PAGE_SIZE - 1]) if len(rows) > PAGE_SIZE else "",
            "paged": "after" in self.request.GET,
            "progress": progress,
            "active": max(filter(None, moments), default=None),
            "absences": absences_by_hat(plan, team.today()).get(self.object.pk, []),
            "today": team.today(),
            "is_self": self.object.user_id == hat.user_id,
        }
        forms = {"profile_form": None, "absence_form": None}
        if self.object.is_active:
            forms = {"profile_form": extra.pop("profile_form", None) or self.profile_form()}
            forms["absence_form"] = extra.pop("absence_form", None) or AbsenceForm()
        return super().get_context(**{"refused": None} | own | forms | extra)

    def _page(self, reviews) -> list[Assignment]:
        """Return the rows after the one that the mark in `after` names, and one more."""
        pk, dash, moment = self.request.GET.get("after", "").partition("-")
        if _is_number(pk) and (_is_number(moment) or not dash):
            submitted_at = EPOCH + timedelta(microseconds=int(moment)) if dash else None
            reviews = reviews_after(reviews, int(pk), submitted_at)
        return list(reviews[: PAGE_SIZE + 1])


class MemberAct(MemberView, ActionView):
    """An act from the person's page; a refused one shows the page with what was typed."""

    form_name = "form"

    def render(self, status: int = 200, **extra: Any):
        """Put the bound form back in its place; `refused` feeds the error summary."""
        form = extra.pop("form", None)
        named = {self.form_name: form, "refused": form} if form is not None else {}
        return super().render(status=status, **extra, **named)

    def get(self, request, *args, **kwargs):
        """Acts have no page of their own."""
        return HatView.get(self, request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Return the person's page."""
        return reverse("scoring:member", args=[self.object.pk])


class ProfileView(MemberAct):
    """Set limit and preferences."""

    form_name = "profile_form"
    success_message = _("Saved. It counts from the next assignment.")

    def get_form(self, data=None, files=None):
        """Return the form."""
        return self.profile_form(data)

    def perform(self, form):
        """Store."""
        return team.set_profile(self.object, **form.cleaned_data, by=self.request.hat)


class AwayView(MemberAct):
    """Note days away."""

    form_class = AbsenceForm
    form_name = "absence_form"
    success_message = _("Noted. Nothing new is given on these days.")

    def perform(self, form):
        """Note."""
        return team.add_absence(self.object, **form.cleaned_data, by=self.request.hat)


class BackView(MemberAct):
    """Take days away back."""

    success_message = _("The days away are removed.")

    def perform(self, form):
        """Remove. Raises Http404 when it is no absence of this person."""
        absence = get_object_or_404(self.object.absences.all(), pk=self.kwargs["absence"])
        return team.remove_absence(absence, by=self.request.hat)


class LeavingView(ActionView):
    """An act that takes reviews back, on a page that lists what it does."""

    permission_required = "scoring.manage_team"

    def get_queryset(self):
        """Return who works for the plan now."""
        present = members_visible_to(self.request.hat)
        return present.filter(is_active=True, user__is_active=True)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does and the reviews that come back, those that the lead may see by name."""
        reviews = list(unfinished(self.object))
        visible = applications_visible_to(self.request.hat)
        shown = set(
            visible.filter(pk__in={one.application_id for one in reviews}).values_list(
                "pk", flat=True
            )
        )
        named = [one for one in reviews if one.application_id in shown][:NAMED]
        return super().get_context(
            reviews=named,
            unnamed=len(reviews) - len(named),
            effects=[*self.effects(), *self._of(reviews)],
            is_self=self.object.user_id == self.request.hat.user_id,
            **extra,
        )

    def effects(self) -> list[str]:
        """Return what the act does besides taking reviews back."""
        raise NotImplementedError

    def _of(self, reviews) -> list[str]:
        if not reviews:
            return [_t("No review comes back: nothing is open.")]
        text = ngettext(
            "%(n)d open review comes back to you to be assigned again.",
            "%(n)d open reviews come back to you to be assigned again.",
            len(reviews),
        )
        return [
            text % {"n": len(reviews)},
            _t("What was scored in them is kept for the history and does not count."),
        ]

    def get_success_url(self) -> str:
        """Return the team page."""
        return reverse("scoring:team")


class DeactivateView(LeavingView):
    """Switch somebody's access off."""

    template_name = "scoring/member_deactivate.html"

    def effects(self):
        """Say what happens to the person."""
        facts = {"person": self.object.user.full_name, "plan": self.object.organisation.name}
        return [
            _t("%(person)s can no longer open anything of %(plan)s, from this moment.") % facts,
            _t("Score sheets that %(person)s submitted stay and count.") % facts,
            _t("You can let %(person)s in again at any time.") % facts,
        ]

    def perform(self, form):
        """Switch off."""
        return people.deactivate(self.object, by=self.request.hat)

    @property
    def success_message(self):
        """Say what came back."""
        facts = {"person": self.object.user.full_name, "n": len(self.result)}
        text = ngettext(
            "%(person)s is switched off. %(n)d review came back to you.",
            "%(person)s is switched off. %(n)d reviews came back to you.",
            len(self.result),
        )
        return text % facts


class RoleView(LeavingView):
    """Give somebody another role in the plan."""

    template_name = "scoring/member_role.html"

    def get_form(self, data=None, files=None):
        """Return the roles to choose from."""
        roles = MAY_INVITE[self.request.hat.role]
        return RoleForm(roles, data, initial={"role": self.object.role})

    def effects(self):
        """Say what happens to the person."""
        return [
            _t("The new role counts from the next page that is opened."),
            _t("Score sheets that were submitted stay and count."),
        ]

    def perform(self, form):
        """Change the role."""
        role = form.cleaned_data["role"]
        return people.change_role(self.object, role=role, by=self.request.hat)

    @property
    def success_message(self):
        """Say who is what now."""
        facts = {"person": self.result.user.full_name, "role": self.result.get_role_display()}
        return _t("%(person)s is now %(role)s.") % facts


def _mark(review: Assignment) -> str:
    """Return where a page ends: the review's id, and when it was submitted (microseconds, UTC)."""
    at = review.sheet.submitted_at
    return f"{review.pk}-{(at - EPOCH) // timedelta(microseconds=1)}" if at else str(review.pk)


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 18
