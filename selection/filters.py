"""The queue's filters, read from the URL, so that a link is a view."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.queries import plans
from applications.enums import Status
from applications.models import Application
from core.forms import PortalForm

HPI = [(str(n), _("Quartile %(n)s") % {"n": n}) for n in range(1, 5)] + [("none", _("Not rated"))]


class FilterForm(PortalForm):
    """The filter bar: sent by GET, so there is no token in it."""

    form_method = "get"
    mark_optional = False

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = (
                "usa-select" if isinstance(field, forms.ChoiceField) else "usa-input"
            )


class QueueFilter(django_filters.FilterSet):
    """Text over practice and reference; state, plan, population, type, HPI quartile."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    status = django_filters.ChoiceFilter(
        label=_("State"), choices=[c for c in Status.choices if c[0] != "draft"]
    )
    plan = django_filters.ChoiceFilter(label=_("Plan (MCP)"), field_name="designated_mcp_id")
    population = django_filters.ChoiceFilter(label=_("Population of focus"))
    practice_type = django_filters.ChoiceFilter(label=_("Practice type"), method="of_type")
    hpi = django_filters.ChoiceFilter(label=_("HPI quartile"), choices=HPI, method="in_quartile")

    class Meta:
        model = Application
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args, definition=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, parts in (("population", "populations"), ("practice_type", "practice_types")):
            choices = getattr(definition, parts) if definition else ()
            self.filters[name].extra["choices"] = [(c.value, c.label) for c in choices]
        self.filters["plan"].extra["choices"] = [(str(p.pk), p.name) for p in plans()]
        for name in ("status", "plan", "population", "practice_type", "hpi"):
            self.filters[name].extra["empty_label"] = _("Any")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Match a part of the practice's name or of the reference, whatever the case."""
        text = value.replace("\x00", "").strip()
        return queryset.filter(Q(practice__name__icontains=text) | Q(reference__icontains=text))

    def of_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Match applications with this practice type among theirs."""
        return queryset.filter(practice_types__contains=[value])

    def in_quartile(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Match the lowest HPI quartile among the sites."""
        if value == "none":
            return queryset.filter(hpi_quartile__isnull=True)
        return queryset.filter(hpi_quartile=int(value))
