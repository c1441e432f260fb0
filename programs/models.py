"""Programs as stored: immutable versions, cycles that run one, and reference data."""

import re
from datetime import datetime
from functools import lru_cache

import pghistory
import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.enums import OrganisationKind
from programs.schema import ProgramDefinition

NUMBER = re.compile(r"(\d+)")


class ProgramVersion(models.Model):
    """One published version of a program definition. Never changed, never deleted.

    `definition` is the content of the canonical JSON whose SHA-256 is `sha256`; the slug is part
    of it, so the digest names one version of one program.
    """

    slug = models.SlugField(max_length=50)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="programs_version_number_once"),
            models.UniqueConstraint(fields=["slug", "sha256"], name="programs_version_sha_once"),
            models.CheckConstraint(
                name="programs_version_number_from_1", condition=models.Q(number__gte=1)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="version_is_immutable", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    @property
    def program(self) -> ProgramDefinition:
        """The definition as checked objects, shared by everybody who reads it."""
        return _definition(self.sha256)


@lru_cache(maxsize=32)
def _definition(sha256: str) -> ProgramDefinition:
    """Load a definition once per process; a version never changes, so nothing goes stale."""
    stored = ProgramVersion.objects.values_list("definition", flat=True).get(sha256=sha256)
    return ProgramDefinition.model_validate(stored)


@lru_cache(maxsize=64)
def _localized(sha256: str, language: str) -> ProgramDefinition:
    """The definition in the words of a language, put together once per process."""
    return _definition(sha256).in_language(language)


def _renamed(title: str, english: str, other: str) -> str:
    """Put the name of another language for the English one, whatever number the cohort has."""
    name = NUMBER.sub(lambda _number: NUMBER.pattern, re.escape(english))
    found = re.search(name, title)
    if found is None:
        return title
    numbers = iter(found.groups())
    translated = NUMBER.sub(lambda one: next(numbers, one[0]), other)
    return title.replace(found[0], translated)


@pghistory.track(exclude=["next_number"])
class Cycle(models.Model):
    """One round of applications (a cohort): a program version, its times and its budget in dollars.

    Once an application is numbered, the version stays: an application keeps what it was made with.
    Times are stored in UTC and shown in Pacific time. An application is in time from `opens_at`
    up to and including `closes_at`. `version_id` is the SHA-256 of the version, so reading
    `definition` costs no query once it is cached. `next_number` numbers the applications.
    """

    slug = models.SlugField(max_length=50, unique=True)
    title = models.CharField(_("title"), max_length=200)
    version = models.ForeignKey(
        ProgramVersion, to_field="sha256", on_delete=models.PROTECT, related_name="cycles"
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    scoring_due_at = models.DateTimeField(_("scoring is due"))
    decision_expected_at = models.DateTimeField(_("decision is expected"), null=True, blank=True)
    budget = models.DecimalField(_("budget"), max_digits=14, decimal_places=2)
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_cycle_times_in_order",
                condition=models.Q(opens_at__lt=models.F("closes_at"))
                & models.Q(closes_at__lte=models.F("scoring_due_at")),
                violation_error_message=_(
                    "A cycle opens before it closes, and scoring is due after it closes."
                ),
            ),
            models.CheckConstraint(
                name="programs_cycle_budget_not_negative", condition=models.Q(budget__gte=0)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="version_kept_once_used",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__next_number__gt=1)
                & pgtrigger.Q(old__version__df=pgtrigger.F("new__version")),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def definition(self) -> ProgramDefinition:
        """The program definition of this cycle, cached by its SHA-256. What rules and hashes use."""
        return _definition(self.version_id)

    @property
    def localized(self) -> ProgramDefinition:
        """The same definition in the language of the page, for people to read."""
        code = get_language() or ""
        translated = code in self.definition.translations
        return _localized(self.version_id, code) if translated else self.definition

    @property
    def shown_title(self) -> str:
        """The title in the language of the page, as far as it is made of the program's names."""
        if not self.version_id or self.localized is self.definition:
            return self.title
        there, here = self.definition, self.localized
        shown = _renamed(self.title, there.title, here.title)
        return _renamed(shown, there.short_title, here.short_title)

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether applications can be submitted at this moment (default: now)."""
        return self.opens_at <= (at or timezone.now()) <= self.closes_at

    def has_closed(self, at: datetime | None = None) -> bool:
        """Whether the closing time lies before this moment (default: now)."""
        return self.closes_at < (at or timezone.now())


class HpiQuartile(models.Model):
    """Healthy Places Index quartile of a ZIP code: 1 least healthy conditions, 4 most healthy."""

    zip_code = models.CharField(max_length=5, primary_key=True)
    quartile = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    as_of = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_hpi_quartile_1_to_4",
                condition=models.Q(quartile__gte=1, quartile__lte=4),
            ),
            models.CheckConstraint(
                name="programs_hpi_zip_5_digits",
                condition=models.Q(zip_code__regex=r"^[0-9]{5}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zip_code}: {self.quartile}"


class PlanCounty(models.Model):
    """A managed care plan serves members in a county (name without “County”)."""

    plan = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.CASCADE,
        related_name="counties",
        limit_choices_to={"kind": OrganisationKind.MCP},
    )
    county = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "county"], name="programs_plan_county_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan}, {self.county}"
