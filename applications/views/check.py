"""The check before sign-up: answers at once, no account, and what was said is not asked twice.

The address holds the answers, so that the result can be reloaded and shared. They are kept only when
somebody presses a button, and go into the practice that this person sets up.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership
from applications.domain import carrying
from applications.eligibility import checks_of, holds_up, verdicts
from applications.forms.check import CheckForm, PlanForm
from applications.models import Application
from applications.views import carried
from core.exceptions import DomainError
from core.templatetags.ui import pacific
from core.views import public
from programs.models import Cycle
from programs.packaged import packaged_for_readers
from programs.payment import PaymentError, band_for, per_milestone, potential_payment
from programs.queries import current_cycle, plans_in_county
from programs.schema import ProgramDefinition


@public
def check(request):
    """Ask, answer, and on the way out keep the answers for the application."""
    cycle = request.cycle = current_cycle()
    definition = cycle.localized if cycle else packaged_for_readers()
    if request.method == "POST":
        return _answered(request, definition, cycle)
    form = CheckForm(definition, request.GET or None, initial=_earlier(request))
    if request.GET and "change" not in request.GET and form.is_valid():
        return render(request, "applications/check_result.html", _result(request, form, cycle))
    if "change" in request.GET:
        form = CheckForm(definition, initial=_initial(form))
    return render(request, "applications/check.html", _questions(form, cycle))


def carry_answers(request: HttpRequest, hat: Membership, application: Application | None) -> None:
    """Put the kept answers into the practice of `hat` (and its draft), and say what was filled in.

    They are forgotten once they went into a draft. What can't be carried over is only not filled in.
    """
    answers = carried.kept(request)
    cycle = current_cycle() if answers else None
    if not answers or cycle is None:
        return
    try:
        filled = carrying.carry_over(
            practice=hat.organisation,
            cycle=cycle,
            application=application,
            answers=answers,
            by=hat,
        )
    except DomainError:
        return
    if application is not None:
        carried.forget(request)
    if filled:
        text = _("We filled in what you told us in the check: %(list)s. Change it at any time.")
        words = ", ".join(_filled_words(filled, answers, cycle.localized))
        messages.info(request, text % {"list": words})


def _earlier(request) -> dict[str, Any] | None:
    """Return what was answered before, to a page without answers of its own."""
    return None if request.GET else carried.kept(request)


def _answered(request, definition: ProgramDefinition, cycle: Cycle | None):
    form = CheckForm(definition, request.POST)
    if not form.is_valid():
        return render(request, "applications/check.html", _questions(form, cycle), status=422)
    answers = form.answers()
    hat = request.hat
    if hat is None or hat.role in Role.of_practice:
        carried.keep(request, answers)
    if "start" in request.POST:
        return HttpResponseRedirect(_next_url(request))
    return HttpResponseRedirect(f"{reverse('applications:check')}?{_query(answers)}")


def _next_url(request) -> str:
    if request.hat is not None:
        return request.hat.home_url
    if request.user.is_authenticated:
        return reverse("applications:new_practice")
    return reverse("account_signup")


def _query(answers: dict[str, Any]) -> str:
    return urlencode(answers, doseq=True)


def _initial(form: CheckForm) -> dict[str, Any]:
    """Return what was answered, to change it; what can't be read is asked again."""
    form.is_valid()
    return form.answers()


def _questions(form: CheckForm, cycle: Cycle | None) -> dict[str, Any]:
    return {"form": form, "dates": _dates(cycle), "has_checks": bool(form.checks)}


def _result(request, form: CheckForm, cycle: Cycle | None) -> dict[str, Any]:
    definition = cycle.localized if cycle else packaged_for_readers()
    answers = form.answers()
    plans = list(plans_in_county(answers["county"])) if answers.get("county") else []
    if answers.get("plan") not in {plan.slug for plan in plans}:
        answers.pop("plan", None)
    found = verdicts(definition, answers, plans)
    return {
        "verdicts": found,
        "county": answers.get("county", ""),
        "plans": plans,
        "chosen": next((plan for plan in plans if plan.slug == answers.get("plan")), None),
        "plan_form": PlanForm(plans, answers),
        "hidden": _hidden(answers),
        "payment": _payment(answers.get("members", 0), definition),
        "change_url": f"{reverse('applications:check')}?{_query(answers)}&change=1",
        "step": _step(cycle, found, request.hat),
        "dates": _dates(cycle),
    }


def _hidden(answers: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the answers but the plan as (name, value) of hidden inputs."""
    rows = []
    for name, value in answers.items():
        if name != "plan":
            rows += [(name, one) for one in (value if isinstance(value, list) else [value])]
    return rows


def _payment(members: int, definition: ProgramDefinition) -> dict[str, Any] | None:
    """Return total and amounts per milestone in dollars, or the sentence why there are none."""
    if members < 1:
        return None
    bands, counts = definition.payment.bands, definition.payment.milestone_counts
    try:
        each = [per_milestone(members, count, bands, counts) for count in counts]
        total = potential_payment(members, bands)
    except PaymentError as error:
        return {"members": members, "sentence": str(error)}
    return {
        "members": members,
        "sentence": "",
        "total": total,
        "least": min(each),
        "most": max(each),
        "fewest": min(counts),
        "milestones": max(counts),
        "remark": band_for(members, bands).remark,
    }


def _step(cycle: Cycle | None, found, hat: Membership | None) -> dict[str, Any]:
    """Return title, body and button of the one next step; no button means: there is nothing to do."""
    action = _("Create an account and start")
    if hat is not None:
        action = _("Go to your first page")
    if holds_up(found, "start"):
        body = _("What is not there yet is listed below, with what you can do.")
        return {
            "title": _("The program does not fit your practice yet"),
            "body": body,
            "action": "",
        }
    if cycle is None:
        body = _("No dates are set. You can create an account now; we keep your answers for it.")
        title = _("Your practice can apply when a cycle opens")
        return {"title": title, "body": body, "action": action}
    if cycle.has_closed():
        body = _("%(cycle)s closed on %(when)s. No new applications can be started now.")
        words = {"cycle": cycle.shown_title, "when": pacific(cycle.closes_at)}
        return {"title": _("Applications are closed"), "body": body % words, "action": ""}
    if not cycle.is_open():
        body = _("Applications open on %(when)s. You can create an account and your practice now.")
        title = _("Your practice can apply when the cycle opens")
        return {"title": title, "body": body % {"when": pacific(cycle.opens_at)}, "action": action}
    if holds_up(found, "submit"):
        body = _("What is not there yet below has to be done before you submit by %(when)s.")
        title = _("You can start now and finish this later")
    else:
        body = _("Your answers fit what the program asks. You submit by %(when)s.")
        title = _("Your practice can apply")
    return {"title": title, "body": body % {"when": pacific(cycle.closes_at)}, "action": action}


def _dates(cycle: Cycle | None) -> list[dict[str, str]]:
    if cycle is None:
        return []
    return [
        {"label": _("Cycle"), "value": cycle.shown_title},
        {"label": _("Opens"), "value": pacific(cycle.opens_at)},
        {"label": _("Closes"), "value": pacific(cycle.closes_at)},
    ]


def _filled_words(filled: list[str], answers: dict, definition: ProgramDefinition) -> list[str]:
    """Return what was filled in, in words, in the order it was asked."""
    checks = {check.answers: check.short for check in checks_of(definition) if check.answers}
    own = {
        carrying.SPECIALTIES: _("primary care specialties"),
        carrying.MEMBERS: _("%(n)s members") % {"n": f"{answers.get('members', 0):,}"},
        carrying.PLAN: _("the plan that scores your application"),
    }
    days = {key: _("the day of the %(name)s") % {"name": name} for key, name in checks.items()}
    words = own | days
    return [words.get(key, key) for key in filled]
