"""Pasting rows: the text, and the checks that each row goes through (those of the typed fields)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from applications.forms.practice import MemberForm, SiteForm
from applications.pasting import (
    PastedRow,
    UnreadableText,
    plan_finder,
    read_date,
    read_month,
    read_table,
)
from core import times
from core.forms import PortalForm

LONGEST_PASTE = 100_000
MEMBER_COLUMNS = ("plan", "members", "as_of")
SITE_COLUMNS = ("name", "street", "city", "zip_code", "npi")


class PasteForm(PortalForm):
    """The copied cells."""

    text = forms.CharField(
        label=_("Cells copied from your spreadsheet"),
        max_length=LONGEST_PASTE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        error_messages={"required": _("Paste the cells first.")},
    )

    columns: tuple[str, ...] = ()

    def clean_text(self) -> str:
        """Check that the text is a table; its rows are in `rows`."""
        text = self.cleaned_data["text"]
        try:
            self.rows = read_table(text, self.columns)
        except UnreadableText as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def check_rows(self) -> list[PastedRow]:
        """Fill in values and errors of every row and return them."""
        raise NotImplementedError

    def take(self, row: PastedRow, form: forms.Form, needed: Sequence[str]) -> None:
        """Take values and errors from the form that a person would have filled in."""
        if form.is_valid():
            row.values = dict(form.cleaned_data)
        for name, errors in form.errors.items():
            row.errors += [f"{form.fields[name].label}: {error}" for error in errors]
        for name in needed:
            if name not in form.errors and not form.data.get(name):
                label = form.fields[name].label
                row.errors.append(_t("%(label)s is missing.") % {"label": label})


class PasteMembersForm(PasteForm):
    """Rows of plan, count, date."""

    columns = MEMBER_COLUMNS

    def __init__(
        self, *args: Any, plans: Sequence[Organisation], taken: set[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plans, self.taken = plans, taken

    def check_rows(self) -> list[PastedRow]:
        """Find each plan and date, then check as the typed fields are checked."""
        find, taken = plan_finder(self.plans), set(self.taken)
        for row in self.rows:
            name, members, day = row.cells
            plan, when = find(name), read_date(day)
            if when is None and (when := read_month(day)):
                row.cells[2] = times.day(when)
            if name and plan is None:
                sentence = _t("We know no plan “%(name)s”. Write its name as in the list of plans.")
                row.errors.append(sentence % {"name": name[:100]})
            elif plan is not None and plan.pk in taken:
                sentence = _t("%(plan)s is in your table already, or twice in these rows.")
                row.errors.append(sentence % {"plan": plan.name})
            elif plan is not None:
                taken.add(plan.pk)
                row.cells[0] = plan.name
            data = {
                "plan": str(plan.pk) if plan else "",
                "members": members,
                "as_of": when.isoformat() if when else day,
            }
            needed = MEMBER_COLUMNS if not name else MEMBER_COLUMNS[1:]
            self.take(row, MemberForm(data, plans=self.plans), needed)
        return self.rows


class PasteSitesForm(PasteForm):
    """Rows of name, street, city, ZIP code, and an NPI if the site has one."""

    columns = SITE_COLUMNS

    def check_rows(self) -> list[PastedRow]:
        """Check as the typed fields are checked."""
        for row in self.rows:
            self.take(
                row, SiteForm(dict(zip(SITE_COLUMNS, row.cells, strict=True))), SITE_COLUMNS[:4]
            )
        return self.rows
