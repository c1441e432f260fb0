"""Publishing program versions and running cycles of them."""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from programs.models import Cycle, ProgramVersion
from programs.schema import ProgramFileError, load_definition, sha256

LOCK_NAMESPACE = 20_230_001


@transaction.atomic
def store_version(text: str, *, by=None) -> ProgramVersion:
    """Check a YAML program definition and store it as the next version of its program.

    The same content again returns the version that exists. Raises `ProgramFileError` with every
    fault; nothing is stored then. `by` is who publishes it, None for the command line.
    """
    definition = load_definition(text)
    digest = sha256(definition)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_NAMESPACE, definition.slug]
        )
    existing = ProgramVersion.objects.filter(slug=definition.slug, sha256=digest).first()
    if existing is not None:
        return existing
    others = ProgramVersion.objects.exclude(slug=definition.slug)
    if others.filter(definition__reference_prefix=definition.reference_prefix).exists():
        raise ProgramFileError(
            [f"reference_prefix: {definition.reference_prefix} belongs to another program."]
        )
    latest = ProgramVersion.objects.filter(slug=definition.slug).order_by("-number").first()
    return ProgramVersion.objects.create(
        slug=definition.slug,
        number=latest.number + 1 if latest else 1,
        title=definition.title,
        definition=definition.model_dump(mode="json"),
        sha256=digest,
    )


@transaction.atomic
def store_cycle(
    slug: str,
    *,
    version: ProgramVersion,
    opens_at: datetime,
    closes_at: datetime,
    scoring_due_at: datetime,
    budget: Decimal,
    title: str = "",
    decision_expected_at: datetime | None = None,
    by=None,
) -> Cycle:
    """Create the cycle with this slug or bring it up to date; the budget is in dollars.

    Raises `DomainError` when the times are not in order, a value cannot be stored, or another version
    is named after the first application.
    """
    cycle = Cycle.objects.select_for_update(of=("self",)).filter(slug=slug).first()
    cycle = cycle or Cycle(slug=slug)
    if cycle.next_number > 1 and cycle.version_id != version.sha256:
        raise DomainError(
            _("This cycle has applications, so it keeps the program version they were made with.")
        )
    cycle.title = title or cycle.title or version.title
    cycle.version = version
    cycle.opens_at = opens_at
    cycle.closes_at = closes_at
    cycle.scoring_due_at = scoring_due_at
    cycle.decision_expected_at = decision_expected_at or cycle.decision_expected_at
    cycle.budget = budget
    try:
        cycle.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None
    cycle.save()
    return cycle
