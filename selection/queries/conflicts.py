"""Which applications are closed to staff by a conflict of interest, and what is known of it."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import people_with_role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck
from applications.queries import hard_conflicts
from programs.models import Cycle
from selection.engine import Rules


def hidden_from(hat: Membership, cycle: Cycle) -> set[int]:
    """Return the ids of the applications of `cycle` that a hard conflict closes to the person (1 query).

    They count in every sum of the cycle, as a sum tells nothing of one of them; a row about one says to
    this person that it is hidden, never which one it is.
    """
    return set(closed_to(hat, cycle))


def closed_to(hat: Membership, cycle: Cycle) -> dict[int, str]:
    """Return the references of the applications of `hidden_from` by their ids (1 query)."""
    closed = hard_conflicts().filter(person=hat.user_id, application__cycle=cycle)
    return dict(closed.values_list("application", "application__reference"))


def pins_hidden_from(hat: Membership, cycle: Cycle, rules: Rules) -> list[str]:
    """Return the references that `rules` pin in or out and that are closed to the person (≤ 1 query).

    Whoever has one of them may neither pin it nor approve or release a proposal that does.
    """
    pinned = [pin.reference for pin in rules.pins]
    if not pinned:
        return []
    closed = hard_conflicts().filter(person=hat.user_id, application__cycle=cycle)
    found = closed.filter(application__reference__in=pinned)
    return sorted(set(found.values_list("application__reference", flat=True)))


def own_checks(hat: Membership) -> QuerySet[ConflictCheck]:
    """Return what is known of the person, in whatever role, on submitted applications, the last first.

    A check that was a conflict and is none any more keeps its note and is among them.
    """
    said = Q(outcome=ConflictOutcome.FAILED) | ~Q(note="")
    return (
        ConflictCheck.objects.filter(
            said, person=hat.user_id, application__submitted_at__isnull=False
        )
        .select_related("application__practice", "application__cycle")
        .order_by("-pk")
    )


def own_answers(application: Application, hat: Membership) -> dict[str, ConflictCheck]:
    """Return what the person answered about the application before, by rule key (1 query)."""
    rows = ConflictCheck.objects.filter(
        application=application, person=hat.user_id, source=ConflictSource.SELF
    )
    return {row.rule: row for row in rows}


def staff_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return everybody of DHCS who may read applications, by name; a person with two roles comes twice."""
    return people_with_role(organisation, *Role.see_all)


def open_to(application: Application, hats: Iterable[Membership]) -> list[Membership]:
    """Return those of `hats` to whose persons the application is open (1 query)."""
    rows = list(hats)
    closed = hard_conflicts().filter(
        application=application, person__in={hat.user_id for hat in rows}
    )
    barred = set(closed.values_list("person", flat=True))
    return [hat for hat in rows if hat.user_id not in barred]
