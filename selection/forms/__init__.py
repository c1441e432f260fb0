"""The threshold page's numbers."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from programs.schema import PriorityPoint
from selection.engine import Rules


class ScenarioForm(PortalForm):
    """Points per criterion, threshold and budget; starts from the published rules."""

    form_method = "get"
    threshold = forms.IntegerField(label=_("Threshold (points)"), min_value=0, max_value=500)
    budget = forms.DecimalField(
        label=_("Budget (dollars)"),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=False,
    )

    def __init__(self, published: Rules, labels: dict[str, str], data=None) -> None:
        self.published = published
        budget = published.budget
        whole = budget.to_integral_value()
        initial = {
            "threshold": published.threshold,
            "budget": whole if whole == budget else budget,
        }
        super().__init__(data, initial=initial)
        points = {}
        for rule in published.points:
            name = points_name(rule)
            label = _("Points: %(label)s") % {"label": labels.get(rule.value, rule.value)}
            points[name] = forms.IntegerField(label=label, min_value=0, max_value=100)
            self.initial[name] = rule.points
        self.fields = {**points, **self.fields}

    def rules(self) -> Rules:
        """Return the rules as given; only for a valid form."""
        given = self.cleaned_data
        points = tuple(
            rule.model_copy(update={"points": given[points_name(rule)]})
            for rule in self.published.points
        )
        return Rules(
            points=points,
            threshold=given["threshold"],
            budget=given["budget"],
            inclusive=self.published.inclusive,
            only_recommended=self.published.only_recommended,
            waitlist_margin=self.published.waitlist_margin,
        )


def points_name(rule: PriorityPoint) -> str:
    """Return the field's name, such as points_population_pregnant."""
    return f"points_{rule.attribute}_{rule.value}"
