"""When a worker took a run up: what it is lost by. A run under way began when it was ordered."""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    runs = apps.get_model("scoring", "AssignmentRun").objects.filter(state="running")
    runs.update(started_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0005_export_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignmentrun",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
