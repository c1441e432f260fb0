"""Abstract models that the apps share."""

from django.db import models


class VersionedValue(models.Model):
    """A value that several people may edit: each write raises `version` by one.

    A save names the version it was based on; see `core.versioned.save_values`.
    `updated_by` is a label, not a key, so that history survives the person's account.
    """

    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class FieldVersions(models.Model):
    """A row of which each field is saved by itself and has a version of its own.

    `versions` maps a field's name to [version, who changed it last, when (UTC, ISO 8601)]; a field
    that is not there has version 0. See `core.fields.save_fields`.
    """

    versions = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
