"""Factories of people, organisations and hats."""

import factory

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User

KIND_OF_ROLE = {
    **dict.fromkeys(Role.of_practice, OrganisationKind.PRACTICE),
    **dict.fromkeys(Role.of_mcp, OrganisationKind.MCP),
    **dict.fromkeys(Role.of_dhcs, OrganisationKind.DHCS),
    Role.AUDITOR: OrganisationKind.DHCS,
    Role.MILESTONE_REVIEWER: OrganisationKind.PHLC,
}


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    full_name = factory.Sequence(lambda n: f"Person {n}")


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    kind = OrganisationKind.PRACTICE
    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.PRACTICE_OWNER
    organisation = factory.SubFactory(
        OrganisationFactory,
        kind=factory.LazyAttribute(lambda o: KIND_OF_ROLE[o.factory_parent.role]),
    )
