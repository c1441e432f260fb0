"""The practice itself: who it is, where it sees patients, which members are assigned to it."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.models import FieldVersions


@pghistory.track(exclude=["tin_encrypted", "tin_digest", "versions"])
class Practice(FieldVersions):
    """Profile of an organisation of kind practice.

    The TIN (9 digits) is stored encrypted; `tin_last4` is what people see, `tin_digest` (keyed hash)
    finds equal ones. `version` rises with every save of the profile and with every site or plan
    added or removed; `versions` has the profile's fields, and "name" for the organisation's.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, primary_key=True, related_name="practice"
    )
    dba = models.CharField(_("doing business as"), max_length=200, blank=True)
    npi = models.CharField(_("organizational NPI"), max_length=10, blank=True)
    tin_encrypted = models.BinaryField(default=bytes, blank=True)
    tin_last4 = models.CharField(max_length=4, blank=True)
    tin_digest = models.CharField(max_length=64, blank=True, db_index=True)
    specialties = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    practice_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    ehr = models.CharField(_("EHR"), max_length=100, blank=True)
    website = models.URLField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["npi"], condition=~models.Q(npi=""), name="applications_npi_once"
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def masked_tin(self) -> str:
        """The TIN as shown to people: ••-•••1234, or an empty text."""
        return f"••-•••{self.tin_last4}" if self.tin_last4 else ""


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["versions"],
)
class Site(FieldVersions):
    """One place where the practice sees patients. The county follows from the ZIP code.

    A row may be incomplete while it is written; `applications.completeness` says what is missing.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    zip_code = models.CharField(_("ZIP code"), max_length=5, blank=True)
    county = models.CharField(max_length=40, blank=True)
    npi = models.CharField(_("site NPI"), max_length=10, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["versions"],
)
class MemberCount(FieldVersions):
    """Medi-Cal members that one plan assigned to the practice on a date.

    A row may be incomplete while it is written.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="member_counts")
    plan = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    members = models.PositiveIntegerField(_("assigned members"), null=True, blank=True)
    as_of = models.DateField(_("as of"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "plan"], name="applications_members_once_per_plan"
            ),
            models.CheckConstraint(
                name="applications_members_positive", condition=models.Q(members__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.members} of {self.plan_id}"
