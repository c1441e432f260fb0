"""Factories of program versions and cycles."""

from datetime import timedelta
from decimal import Decimal
from functools import cache

import factory
from django.utils import timezone

from programs.models import Cycle, ProgramVersion
from programs.packaged import packaged_definition
from programs.schema import sha256


@cache
def packaged_json() -> dict:
    return packaged_definition().model_dump(mode="json")


class ProgramVersionFactory(factory.django.DjangoModelFactory):
    """The packaged definition as version 1; a second one in a test is the same row."""

    class Meta:
        model = ProgramVersion
        django_get_or_create = ("sha256",)

    slug = factory.LazyFunction(lambda: packaged_definition().slug)
    number = 1
    title = factory.LazyFunction(lambda: packaged_definition().title)
    definition = factory.LazyFunction(packaged_json)
    sha256 = factory.LazyFunction(lambda: sha256(packaged_definition()))


class CycleFactory(factory.django.DjangoModelFactory):
    """An open cycle of the packaged program; traits: `upcoming`, `closed`."""

    class Meta:
        model = Cycle

    class Params:
        upcoming = factory.Trait(
            opens_at=factory.LazyFunction(lambda: timezone.now() + timedelta(days=10)),
        )
        closed = factory.Trait(
            opens_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=40)),
            closes_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=10)),
        )

    slug = factory.Sequence(lambda n: f"cohort-{n + 1}")
    title = factory.Sequence(lambda n: f"EPT Cohort {n + 1}")
    version = factory.SubFactory(ProgramVersionFactory)
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=10))
    closes_at = factory.LazyAttribute(lambda cycle: cycle.opens_at + timedelta(days=30))
    scoring_due_at = factory.LazyAttribute(lambda cycle: cycle.closes_at + timedelta(days=30))
    budget = Decimal("97000000.00")
