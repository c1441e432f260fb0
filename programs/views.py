"""Public pages: home, what a practice could earn, and a cycle.

`request.cycle` hands the current cycle to the frame of the page, which would ask for it again.
"""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core.templatetags.ui import pacific
from core.views import public
from programs.charts import payment_panels
from programs.forms import EstimateForm
from programs.models import Cycle
from programs.packaged import packaged_for_readers
from programs.payment import band_for, per_milestone, potential_payment
from programs.priority import possible_totals
from programs.queries import current_cycle

EXAMPLE_MEMBERS = 920


@public
def home(request):
    """The landing page; a person with a role goes to the first page of that role."""
    if request.hat is not None:
        return redirect(request.hat.home_url)
    if request.user.is_authenticated:
        return redirect("accounts:no_organisation")
    cycle = request.cycle = current_cycle()
    definition = cycle.localized if cycle else packaged_for_readers()
    bands = definition.payment.bands
    example = min(EXAMPLE_MEMBERS, bands[-1].members_to)
    context = {
        "cycle": cycle,
        "definition": definition,
        "dates": cycle_dates(cycle) if cycle else [],
        "is_open": bool(cycle and cycle.is_open()),
        "has_closed": bool(cycle and cycle.has_closed()),
        "form": EstimateForm(bands=bands),
        "steps": steps_of_the_way(),
        "example_members": example,
        "example_total": potential_payment(example, bands),
    }
    return render(request, "home.html", context)


@public
def estimate(request):
    """From a member count to band, total and amount per milestone, with the whole table."""
    cycle = request.cycle = current_cycle()
    payment = (cycle.localized if cycle else packaged_for_readers()).payment
    data = request.GET if "members" in request.GET else None
    form = EstimateForm(data, bands=payment.bands)
    members = form.cleaned_data["members"] if form.is_valid() else None
    panels = payment_panels(payment.bands, members)
    context = {
        "form": form,
        "members": members,
        "result": estimate_result(members, payment) if members else None,
        "rows": band_rows(payment.bands, members),
        "panels": panels,
        "cliff": panels[0].cliff,
    }
    return render(request, "programs/estimate.html", context)


@public
def cycle_page(request, slug):
    """Dates of a cycle, what is asked, how it is scored and how practices are chosen."""
    cycle = get_object_or_404(Cycle, slug=slug)
    definition = cycle.localized
    context = {
        "cycle": cycle,
        "definition": definition,
        "dates": cycle_dates(cycle),
        "is_open": cycle.is_open(),
        "has_closed": cycle.has_closed(),
        "priority": priority_rows(definition),
        "most_milestones": max(definition.payment.milestone_counts),
        "fewest_milestones": min(definition.payment.milestone_counts),
        "most_adjusted": definition.rubric.total
        + max(possible_totals(definition.selection.priority_points, definition)),
    }
    return render(request, "programs/cycle.html", context)


def priority_rows(definition):
    """Each rule for priority points in words: for whom, how many, and why."""
    labels = {("tribal", "yes"): _("Tribal health program")}
    labels |= {("population", choice.value): choice.label for choice in definition.populations}
    labels |= {("practice_type", c.value): c.label for c in definition.practice_types}
    return [
        {
            "label": labels.get((rule.attribute, rule.value), rule.value),
            "points": rule.points,
            "purpose": rule.purpose,
        }
        for rule in definition.selection.priority_points
    ]


def cycle_dates(cycle):
    """The times of a cycle as items of the `facts` component."""
    dates = [
        {"label": _("Opens"), "value": pacific(cycle.opens_at)},
        {"label": _("Closes"), "value": pacific(cycle.closes_at)},
        {"label": _("Plans finish scoring by"), "value": pacific(cycle.scoring_due_at)},
    ]
    if cycle.decision_expected_at:
        expected = pacific(cycle.decision_expected_at)
        dates.append({"label": _("Decisions expected"), "value": expected})
    return dates


def steps_of_the_way():
    """The way from an account to the first payment, as items of the `timeline` component."""
    steps = [
        (
            _("Create an account"),
            _(
                "Add your practice. You can fill in the application in as many sittings as you need."
            ),
        ),
        (
            _("Fill in and submit"),
            _("Answers are saved as you type. The owner of the practice signs and submits."),
        ),
        (
            _("Your plan scores"),
            _("The Medi-Cal managed care plan (MCP) you name scores your application."),
        ),
        (
            _("DHCS decides"),
            _(
                "The Department of Health Care Services adds priority points and chooses the "
                "practices that fit the budget. You learn why."
            ),
        ),
        (
            _("You do the work and are paid"),
            _("Each milestone you complete earns the same part of your payment."),
        ),
    ]
    return [{"title": title, "when": "", "note": n, "state": "upcoming"} for title, n in steps]


def estimate_result(members, payment):
    """What the page says about one member count: band, total, and dollars per milestone."""
    counts = sorted(payment.milestone_counts, reverse=True)
    return {
        "band": band_for(members, payment.bands),
        "total": potential_payment(members, payment.bands),
        "per_milestone": [
            {
                "count": count,
                "amount": per_milestone(members, count, payment.bands, payment.milestone_counts),
            }
            for count in counts
        ],
    }


def band_rows(bands, members):
    """Each band with the totals at both ends, and whether the member count falls in it."""
    return [
        {
            "band": band,
            "total_from": band.members_from * band.amount,
            "total_to": band.members_to * band.amount,
            "current": members is not None and band.members_from <= members <= band.members_to,
        }
        for band in bands
    ]
