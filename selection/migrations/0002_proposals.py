"""A run of the selection becomes a proposal that is approved before it is released."""

import django.db.models.deletion
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

PERSON = {
    "to": settings.AUTH_USER_MODEL,
    "blank": True,
    "null": True,
    "related_name": "+",
}
RENAMED = {
    "prepared_by": "proposed_by",
    "prepared_at": "proposed_at",
    "discarded_by": "withdrawn_by",
    "discarded_at": "withdrawn_at",
}
TRIGGERS = [
    ("selectionrun", "insert_insert"),
    ("selectionrun", "update_update"),
    ("selectionrunevent", "append_only"),
    ("decision", "numbers_fixed"),
]
CONSTRAINTS = [
    ("selectionrun", "selection_run_released"),
    ("selectionrun", "selection_run_discarded"),
    ("selectionrun", "selection_two_people"),
    ("selectionrun", "selection_released_or_discarded"),
    ("selectionrun", "selection_one_pending_run"),
    ("decision", "selection_decision_once"),
]


def approve_what_was_released(apps, schema_editor):
    """What was released before approving was an act of its own was approved by its releaser."""
    proposals = apps.get_model("selection", "Proposal").objects
    proposals.filter(released_at__isnull=False, approved_at=None).update(
        approved_at=models.F("released_at"), approved_by=models.F("released_by")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *(pgtrigger.migrations.RemoveTrigger(model_name=m, name=n) for m, n in TRIGGERS),
        *(migrations.RemoveConstraint(model_name=m, name=n) for m, n in CONSTRAINTS),
        migrations.RenameModel("SelectionRun", "Proposal"),
        migrations.RenameModel("SelectionRunEvent", "ProposalEvent"),
        *(
            migrations.RenameField(model, before, after)
            for model in ("Proposal", "ProposalEvent")
            for before, after in RENAMED.items()
        ),
        migrations.RenameField("Decision", "run", "proposal"),
        migrations.AddField(
            "Proposal", "approved_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "Proposal",
            "approved_by",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, **PERSON),
        ),
        migrations.RunPython(approve_what_was_released, migrations.RunPython.noop),
    ]
