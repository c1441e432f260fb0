"""Files of paper applications, and what counts as "nothing changed"."""

import csv
import io

from django.apps import apps

from applications.importing.columns import example, header
from tests.factories.applications import npi


def row_for(cycle, plan, number=1, **changes):
    """Return the example with a paper, NPI and TIN of its own."""
    own = {"paper_id": f"P-{number}", "npi": npi(500_000 + number), "tin": f"94-{1000000 + number}"}
    return example(cycle, plan) | own | changes


def file_of(cycle, rows, delimiter=",", encoding="utf-8-sig", columns=None):
    """Return rows as the bytes of a CSV file."""
    columns = columns or header(cycle.definition)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode(encoding)


def counts():
    """Return the number of rows of every table but the sessions."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label != "sessions.Session" and model._meta.managed
    }
