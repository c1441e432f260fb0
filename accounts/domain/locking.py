"""Locking the hats that an act rests on, so that nobody is switched off or filled up meanwhile."""

from collections.abc import Iterable

from accounts.models import Membership


def lock_hats(pks: Iterable[int]) -> dict[int, Membership]:
    """Return the hats by id as stored now, locked in the order of their ids until the transaction ends.

    One order holds everywhere, so that no two acts wait for each other: the organisation, then hats,
    then applications. Reading and adding what belongs to a hat never waits.
    """
    rows = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=set(pks))
        .select_related("user", "organisation")
        .order_by("pk")
    )
    return {row.pk: row for row in rows}
