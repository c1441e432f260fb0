"""The page that shows every component in several states, served in development only."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.forms import PortalForm
from core.views import signed_in

POPULATIONS = [
    ("children_youth", "Children and youth"),
    ("pregnant", "Pregnant and postpartum people"),
    ("adults_chronic", "Adults with chronic conditions"),
]


class Level(NamedTuple):
    """What earns a number of points."""

    points: int
    text: str


LEVELS = (
    Level(5, "A complete account with the practice's own numbers and named people."),
    Level(3, "Most parts are there; some lack numbers or dates."),
    Level(0, "No answer, or an answer to another question."),
)
CHECKLIST = [
    ("Practice and people", "Complete", "success", "", "Rosa Martínez, 10:42 am"),
    ("Sites and members", "2 answers missing", "warning", "Add members for Health Net", ""),
    ("Empanelment and access", "Not started", "neutral", "", ""),
    ("Review and sign", "Your turn", "turn", "", ""),
    (
        "Clinical site with an unusually long name that has to wrap on a phone",
        "Error",
        "error",
        "",
        "",
    ),
]
BINS = [(40, 3), (45, 11), (50, 28), (55, 64), (60, 121), (65, 158), (70, 123), (75, 102)]
BINS_ABOVE = [(80, 58), (85, 31), (90, 14), (95, 6)]
DIFF: list[dict[str, Any]] = [
    {"kind": "same", "text": "Each patient has"},
    {"kind": "removed", "lead": " ", "body": "a doctor"},
    {"kind": "added", "lead": " ", "body": "one care team"},
    {"kind": "same", "text": ", and gets an appointment"},
    {"kind": "folded", "words": 40, "was": "same"},
    {"kind": "same", "text": " within ten days."},
    {"kind": "added", "lead": "\n", "body": "We check the lists each month."},
]


class SampleForm(PortalForm):
    """One field of each kind, for the components page."""

    name = forms.CharField(label="Practice name", help_text="As on your state license.")
    npi = forms.CharField(label="NPI", help_text="10 digits.")
    members = forms.IntegerField(label="Members", required=False)
    opened = forms.DateField(
        label="Opening date", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    plan = forms.ChoiceField(
        label="Plan", choices=[("", "Choose a plan"), ("1", "Health Net"), ("2", "CalOptima")]
    )
    population = forms.ChoiceField(
        label="Population of focus",
        choices=POPULATIONS,
        widget=forms.RadioSelect,
        help_text="Choose the one group your work centers on.",
    )
    types = forms.MultipleChoiceField(
        label="Practice type",
        choices=[("small", "Small independent"), ("fqhc", "FQHC"), ("tribal", "Tribal program")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    baseline = forms.CharField(
        label="Where do you stand today?",
        widget=forms.Textarea(attrs={"data-word-limit": 250}),
        help_text="Up to 250 words.",
    )
    budget = forms.FileField(label="Budget file", required=False)
    agree = forms.BooleanField(label="I am allowed to sign for this practice")

    def get_layout(self) -> Layout:
        """Return the fields in two groups."""
        return Layout(
            Fieldset("Your practice", "name", "npi", "members", "opened", "plan"),
            Fieldset("Your plan", "population", "types", "baseline", "budget", "agree"),
        )


class SampleScoreForm(forms.Form):
    """Two criteria of a score sheet."""

    points_1 = forms.ChoiceField(
        choices=[(n, str(n)) for n in range(6)], widget=forms.RadioSelect, required=False
    )
    comment_1 = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    points_2 = forms.ChoiceField(
        choices=[(n, str(n)) for n in range(6)], widget=forms.RadioSelect, required=False
    )


def samples() -> dict[str, Any]:
    """Return the made-up data of the page."""
    keys = ("title", "state_label", "tone", "note", "touched")
    checklist = [dict(zip(keys, row, strict=True)) | {"href": "#"} for row in CHECKLIST]
    bins = [{"label": f"{at}", "count": n, "selected": False} for at, n in BINS]
    return {
        "checklist": checklist,
        "sections": [row | {"current": row["tone"] == "warning"} for row in checklist],
        "bins": bins + [{"label": f"{at}", "count": n, "selected": True} for at, n in BINS_ABOVE],
        "levels": LEVELS,
        "when": datetime(2023, 12, 9, 1, 0, tzinfo=UTC),
        "amount": Decimal("11224.00"),
        "timeline": [
            {"title": "Submitted", "when": "Fri, Oct 20, 2023, 4:12 pm PT", "state": "done"},
            {
                "title": "In review",
                "when": "until Fri, Dec 8, 2023",
                "state": "current",
                "note": "Two reviewers at your plan read your application.",
            },
            {"title": "Decision", "when": "January 2024", "state": "upcoming"},
        ],
        "figures": [
            {"label": "Selected", "value": "211", "note": "of 719 applications", "href": "#"},
            {"label": "Cost", "value": "$94.2M", "note": "of $97.0M"},
            {"label": "Left", "value": "$2.8M", "note": "next one needs $310,000"},
        ],
        "shares": [
            {"label": "Children and youth", "count": 86, "share": 40.8, "target": 40.0},
            {"label": "Pregnant and postpartum", "count": 11, "share": 5.2, "target": 5.0},
            {
                "label": "Behavioral health",
                "count": 14,
                "share": 6.6,
                "target": None,
                "note": "No target",
            },
        ],
        "chips": [
            {"label": "All", "count": 719, "href": "#", "active": True},
            {"label": "In review", "count": 44, "href": "#", "active": False},
            {"label": "Disagreement", "count": 12, "href": "#", "active": False},
        ],
        "facts": [
            {"label": "NPI", "value": "1234567893"},
            {"label": "Designated plan", "value": "L.A. Care Health Plan"},
        ],
        "crumbs": [{"label": "Applications", "href": "#"}, {"label": "EPT-0042", "href": ""}],
        "diff": DIFF,
        "effects": ["719 decisions are released", "719 emails are queued", "The record is sealed"],
        "rows": [
            ("EPT-0042", "Clínica Sierra Vista", "Kern Health Systems", 71, 20, 91),
            ("EPT-0107", "Valley Family Medicine", "Health Net", 76, 0, 76),
            ("EPT-0311", "Round Valley Indian Health Center", "Partnership HealthPlan", 58, 15, 73),
        ],
    }


@signed_in
def components_page(request: HttpRequest) -> HttpResponse:
    """Show every component; the two forms are blank and bound with errors."""
    context = samples() | {
        "form": SampleForm(prefix="blank"),
        "wrong_form": SampleForm({"wrong-name": "", "wrong-npi": "123"}, prefix="wrong"),
        "score_form": SampleScoreForm({"points_1": "4", "comment_1": "Clear baseline."}),
    }
    return render(request, "dev/components.html", context)
